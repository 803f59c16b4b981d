"""Key words that are found beside the page, or at once where that is quick."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from beaconviz.analysis.explain.keywords import KeyWords, weighing
from beaconviz.ui.read.form import Wanted
from beaconviz.ui.shared.background import BackgroundTask

_QUICK = 4000  # characters that are weighed while the page is drawn


@dataclass
class ReadJob(BackgroundTask):
    """The key words of one text, untouched and edited.

    previous: another job, whose untouched key words are taken where they are of the same.
    """

    noun: ClassVar[str] = "parts of the text"
    wanted: Wanted
    previous: ReadJob | None = None
    before: KeyWords | None = None
    after: KeyWords | None = None
    at: tuple[int, int] = (0, 0)

    @property
    def counted(self) -> tuple[int, int]:
        return self.at

    @property
    def quick(self) -> bool:
        """Whether nobody has to wait for it."""
        slow = self.wanted.method in ("gradient", "integrated")
        return len(self.wanted.text) <= _QUICK // (4 if slow else 1)

    def steps(self) -> Iterator[None]:
        wanted, previous = self.wanted, self.previous
        self.previous = None
        sides = 1 if wanted.design is None else 2
        if previous is not None and previous.before is not None and _same(previous.wanted, wanted):
            self.before = previous.before
        for side, design in enumerate([None, wanted.design][:sides]):
            if side == 0 and self.before is not None:
                continue
            each = weighing(
                wanted.model, wanted.text, wanted.method, design=design, **wanted.options
            )
            for step in each:
                self.at = side * step.parts + step.done, sides * step.parts
                if step.found is not None and side == 0:
                    self.before = step.found
                elif step.found is not None:
                    self.after = step.found
                yield

    def finish(self) -> None:
        """Nothing: a text of which only some parts are weighed has no key words."""


def _same(one: Wanted, other: Wanted) -> bool:
    """Whether both ask for the same untouched key words."""
    return (one.model, one.text, one.method, one.options) == (
        other.model,
        other.text,
        other.method,
        other.options,
    )
