"""An evaluation that runs in the background."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from beaconviz.data.conll import Sentence
from beaconviz.engine.elastic import ElasticBeacons
from beaconviz.evaluate.judge import DesignFor, Judged, judge
from beaconviz.evaluate.outcome import Outcome
from beaconviz.models.model import Model
from beaconviz.ui.shared.background import BackgroundTask


@dataclass
class Job(BackgroundTask):
    """One evaluation.

    Attributes:
        done: the answers so far, by the sentence's number.
        outcome: set at the end, or after a stop, if there is an answer to score.
    """

    noun: ClassVar[str] = "sentences"
    model: Model
    data: str
    edit: str
    sentences: Sequence[Sentence]
    design_for: DesignFor
    learned: ElasticBeacons | None = None
    done: dict[int, Judged] = field(default_factory=dict)
    outcome: Outcome | None = None

    @property
    def counted(self) -> tuple[int, int]:
        return len(self.done), len(self.sentences)

    def steps(self) -> Iterator[None]:
        batches = judge(
            self.model, self.sentences, self.design_for, learned=self.learned, done=self.done
        )
        for batch in batches:
            self.done |= {judged.number: judged for judged in batch}
            yield

    def finish(self) -> None:
        if self.done:
            names = (self.data, self.model.name, self.edit)
            self.outcome = Outcome.of(*names, self.sentences, dict(self.done))
            self.outcome.to_dict()  # all scores, here rather than while the page is drawn
