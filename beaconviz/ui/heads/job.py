"""A head profile that is computed in the background."""

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
    """One profile; after a stop it can be continued.

    Attributes:
        position: the last step, with the passes done and the profile so far.
        result: the profile as plain data, at the end or after a stop.
        best_count: how many of the best heads the person chose; None for the profile's choice.
    """

    noun: ClassVar[str] = "passes"
    model: Model
    data: str
    edit: str
    sentences: Sequence[Sentence]
    design_for: DesignFor
    position: Progress | None = None
    result: dict[str, Any] | None = None
    best_count: int | None = None
    _passes: Iterator[Progress] | None = None

    @property
    def counted(self) -> tuple[int, int]:
        return (self.position.done, self.position.total) if self.position else (0, 0)

    @property
    def profile_so_far(self) -> Profile | None:
        """The profile so far; None before the first pass."""
        return self.position.profile if self.position else None

    @property
    def title(self) -> str:
        """A description of the profile: edit, model and data."""
        return f"{self.edit}, {self.model.name} on {self.data}, {len(self.sentences)} sentences"

    def steps(self) -> Iterator[None]:
        if self._passes is None:
            self._passes = profile(self.model, self.sentences, self.design_for)
        for position in self._passes:
            self.position = position
            yield

    def finish(self) -> None:
        if self.profile_so_far is not None:
            about = {"data": self.data, "model": self.model.name, "edit": self.edit}
            self.result = {
                **about,
                "sentences": len(self.sentences),
                **self.profile_so_far.to_dict(),
            }
