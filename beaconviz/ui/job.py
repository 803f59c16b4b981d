"""An evaluation in a thread of its own, so that the app stays live and Stop works at once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic

from beaconviz.core.errors import BeaconvizError
from beaconviz.learning.conll import Sentence
from beaconviz.learning.judge import DesignFor, Judged, judge
from beaconviz.learning.outcome import Outcome
from beaconviz.models.loading import Model

log = logging.getLogger(__name__)


@dataclass
class Job:
    """One evaluation. `outcome` is there when it ended with something to score; `error` is the
    line that says why it did not."""

    model: Model
    data: str
    edit: str
    sentences: Sequence[Sentence]
    design_for: DesignFor
    done: dict[int, Judged] = field(default_factory=dict)
    outcome: Outcome | None = None
    error: str = ""
    seconds: float = 0.0
    _stop: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def start(self) -> Job:
        """Begin, or go on after a stop."""
        self._stop.clear()
        self._thread = Thread(target=self._work, daemon=True, name="evaluation")
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ends after the batch it is at; what was done is kept and scored."""
        self._stop.set()

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return len(self.done) / len(self.sentences)

    @property
    def progress(self) -> str:
        """How far it is, how fast, and how long it still takes."""
        count = f"{len(self.done)} of {len(self.sentences)} sentences"
        if not self.done or not self.seconds:
            return count
        rate = len(self.done) / self.seconds
        left = (len(self.sentences) - len(self.done)) / rate
        return f"{count} · {rate:.0f} a second · {left:.0f} s left"

    def _work(self) -> None:
        before, start = self.seconds, monotonic()
        try:
            for some in judge(self.model, self.sentences, self.design_for, done=self.done):
                self.done |= {one.number: one for one in some}
                self.seconds = before + monotonic() - start
                if self.stopping:
                    break
            if self.done:
                names = (self.data, self.model.name, self.edit)
                self.outcome = Outcome.of(*names, self.sentences, dict(self.done))
                self.outcome.to_dict()  # all scores, here rather than while the page is drawn
        except BeaconvizError as error:
            self.error = str(error)
        except Exception:
            log.exception("the evaluation failed")
            self.error = "something went wrong inside beaconviz; its log says what"
