"""The computation of key words, in the background, or at once where that is quick."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from beaconviz.analysis.explain.keywords import KeyWords, weighing
from beaconviz.ui.read.form import ReadingRequest
from beaconviz.ui.shared.background import BackgroundTask

_QUICK = 4000  # characters that are weighed while the page is drawn


@dataclass
class ReadJob(BackgroundTask):
    """The key words of one text in the baseline (`before`) and the edited model (`after`).

    Attributes:
        previous: an earlier job; its baseline key words are reused if its request had the same.
        position: the parts of the text done, and the total.
    """

    noun: ClassVar[str] = "parts of the text"
    request: ReadingRequest
    previous: ReadJob | None = None
    before: KeyWords | None = None
    after: KeyWords | None = None
    position: tuple[int, int] = (0, 0)

    @property
    def counted(self) -> tuple[int, int]:
        return self.position

    @property
    def quick(self) -> bool:
        """Whether it is fast enough to compute while the page is drawn."""
        slow = self.request.method in ("gradient", "integrated")
        return len(self.request.text) <= _QUICK // (4 if slow else 1)

    def steps(self) -> Iterator[None]:
        request, previous = self.request, self.previous
        self.previous = None
        sides = 1 if request.design is None else 2
        if (
            previous is not None
            and previous.before is not None
            and _same(previous.request, request)
        ):
            self.before = previous.before
        for side, design in enumerate([None, request.design][:sides]):
            if side == 0 and self.before is not None:
                continue
            progress = weighing(
                request.model, request.text, request.method, design=design, **request.options
            )
            for step in progress:
                self.position = side * step.parts + step.done, sides * step.parts
                if step.key_words is not None and side == 0:
                    self.before = step.key_words
                elif step.key_words is not None:
                    self.after = step.key_words
                yield

    def finish(self) -> None:
        """Nothing to do: a text has no key words until all its parts are weighed."""


def _same(first: ReadingRequest, second: ReadingRequest) -> bool:
    """Whether the baseline key words of two requests are the same."""
    return (first.model, first.text, first.method, first.options) == (
        second.model,
        second.text,
        second.method,
        second.options,
    )
