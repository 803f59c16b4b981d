"""Key words that are found beside the page, or at once where that is quick."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from beaconviz.analysis.explain.keywords import KeyWords, weighing
from beaconviz.ui.read.form import Wanted
from beaconviz.ui.shared.background import Task

_QUICK = 4000  # characters that are weighed while the page is drawn


@dataclass
class ReadJob(Task):
    """The key words of one text, untouched and edited.

    known: another job, whose untouched key words are taken where they are of the same.
    """

    noun: ClassVar[str] = "parts of the text"
    wanted: Wanted
    known: ReadJob | None = None
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
        wanted, known = self.wanted, self.known
        self.known = None
        sides = 1 if wanted.design is None else 2
        if known is not None and known.before is not None and _same(known.wanted, wanted):
            self.before = known.before
        for side, design in enumerate([None, wanted.design][:sides]):
            if side == 0 and self.before is not None:
                continue
            each = weighing(
                wanted.model, wanted.text, wanted.method, design=design, **wanted.options
            )
            for one in each:
                self.at = side * one.parts + one.done, sides * one.parts
                if one.found is not None and side == 0:
                    self.before = one.found
                elif one.found is not None:
                    self.after = one.found
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
