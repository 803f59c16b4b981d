"""A profile that is made beside the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from beaconviz.data.conll import Sentence
from beaconviz.evaluate.head_profile import Profile, Progress, profile
from beaconviz.evaluate.judge import DesignFor
from beaconviz.models.model import Model
from beaconviz.ui.shared.background import BackgroundTask


@dataclass
class ProfileJob(BackgroundTask):
    """One profile, which goes on after a stop where it was.

    at: how far it is; result: what a stop or the end left, as plain data.
    wanted: how many heads the person chose.
    """

    noun: ClassVar[str] = "passes"
    model: Model
    data: str
    edit: str
    sentences: Sequence[Sentence]
    design_for: DesignFor
    at: Progress | None = None
    result: dict[str, Any] | None = None
    wanted: int | None = None
    _passes: Iterator[Progress] | None = None

    @property
    def counted(self) -> tuple[int, int]:
        return (self.at.done, self.at.total) if self.at else (0, 0)

    @property
    def profile_so_far(self) -> Profile | None:
        """The profile so far."""
        return self.at.profile if self.at else None

    @property
    def title(self) -> str:
        """What was profiled, in words."""
        return f"{self.edit}, {self.model.name} on {self.data}, {len(self.sentences)} sentences"

    def steps(self) -> Iterator[None]:
        if self._passes is None:
            self._passes = profile(self.model, self.sentences, self.design_for)
        for at in self._passes:
            self.at = at
            yield

    def finish(self) -> None:
        if self.profile_so_far is not None:
            about = {"data": self.data, "model": self.model.name, "edit": self.edit}
            self.result = {
                **about,
                "sentences": len(self.sentences),
                **self.profile_so_far.to_dict(),
            }
