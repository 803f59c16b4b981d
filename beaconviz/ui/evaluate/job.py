"""An evaluation that runs beside the page."""

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
    """One evaluation. `outcome` is there when it ended with something to score."""

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
        each = judge(
            self.model, self.sentences, self.design_for, learned=self.learned, done=self.done
        )
        for batch in each:
            self.done |= {judged.number: judged for judged in batch}
            yield

    def finish(self) -> None:
        if self.done:
            names = (self.data, self.model.name, self.edit)
            self.outcome = Outcome.of(*names, self.sentences, dict(self.done))
            self.outcome.to_dict()  # all scores, here rather than while the page is drawn
