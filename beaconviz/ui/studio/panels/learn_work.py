"""A search for a design that runs in small parts while the page is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import perf_counter

import beaconviz as bv
from beaconviz.optimize.objective import SearchStep

SLICE = 0.08  # seconds, and the step it is at: what a stroke may have to wait
REST = 0.6  # seconds after a stroke
BETWEEN_CHARTS = 0.7  # seconds
KEY = "learn"


@dataclass
class LearnWork:
    """A search with its subject and state.

    Attributes:
        about: the model and the text.
        word, label: the word and the label that it should get.
        most: the largest number of steps.
        heard: the number of the browser's last message, and the time of its arrival.
        seen: the time of the last drawing, and the drawn step: charts are slower than steps.
    """

    about: tuple[str, str]
    word: int
    label: str
    most: int
    steps: Iterator[SearchStep] = field(default_factory=lambda: iter(()))
    losses: list[float] = field(default_factory=list)
    last: SearchStep | None = None
    stopping: bool = False
    heard: tuple[int, float] | None = None
    seen: tuple[float, SearchStep] | None = None

    def begin(self, search: Callable[[Callable[[], bool]], Iterator[SearchStep]]) -> LearnWork:
        """Starts `search`, which gets a function that tells whether to stop."""
        self.steps = search(lambda: self.stopping)
        return self

    @property
    def done(self) -> bool:
        return self.last is not None and self.last.done

    def stop(self) -> None:
        """Ends the search at its next step; the design so far is then completed."""
        self.stopping = True

    def go_on(self) -> None:
        """Runs at least one step, for about `SLICE` seconds."""
        end = perf_counter() + SLICE
        while not self.done:
            self.last = next(self.steps)
            if self.last.phase == "search":
                self.losses.append(self.last.verdict.loss)
            if perf_counter() > end:
                break

    def rests(self, message: int) -> bool:
        """Whether the user is painting, which has priority. `message`: the browser's last
        message."""
        now = perf_counter()
        if self.heard is None:
            self.heard = message, float("-inf")
        elif self.heard[0] != message:
            self.heard = message, now
        return now - self.heard[1] < REST

    def look(self, *, rests: bool = False) -> SearchStep | None:
        """The step to draw: a new one at intervals, and always the final one."""
        now = perf_counter()
        due = self.seen is None or (now - self.seen[0] > BETWEEN_CHARTS and not rests)
        if self.last is not None and (self.done or due):
            self.seen = now, self.last
        return None if self.seen is None else self.seen[1]

    @property
    def progress(self) -> tuple[float, str]:
        """The progress from 0 to 1, and in words."""
        if self.last is None:
            return 0.0, "Starting"
        verdict = self.last.verdict
        share = min(len(self.losses) / self.most, 1.0)
        return share, (
            f"Step {len(self.losses)} of at most {self.most} · {self.label} "
            f"{verdict.probability:.0%} · loss {verdict.loss:.2f} nats"
        )


def outcome(work: LearnWork, baseline: bv.Run) -> str:
    """The result of the search, in one or two sentences."""
    step, words = work.last, baseline.words
    if step is None:
        return ""
    verdict, design = step.verdict, step.design
    name, chance = words[work.word], f"{verdict.probability:.0%}"
    if design.is_neutral and verdict.labels_reached:
        return f"{name} is {work.label} already ({chance}): there is nothing to do."
    if not verdict.labels_reached:
        return (
            f"Not reached: {work.label} got to {chance} at {name}. "
            "Learning with many cells, with both matrices or on other heads may do more."
        )
    size = "1 cell" if cell_count(design) == 1 else f"{cell_count(design)} cells"
    reached = f"{name} is now {work.label} ({chance}), with {size} {where(design)}."
    if not verdict.changed:
        return f"{reached} All other words keep their tags."
    lost = ", ".join(words[word] for word in verdict.changed)
    return f"{reached} But the tags of other words changed: {lost}."


def where(design: bv.Design) -> str:
    """The layers and heads of the design's edit, in words.

    >>> where(bv.Design.neutral(["a"]).targeting(layers=[2], heads=[1, 3]))
    'on 2 heads of layer 2'
    """
    edit = design.edits[0]
    if isinstance(edit.heads, dict):
        count = sum(map(len, edit.heads.values()))
        return f"on {count} head{'s' * (count != 1)}"
    heads = (
        "all heads"
        if edit.heads == "all"
        else f"{len(edit.heads)} head{'s' * (len(edit.heads) != 1)}"
    )
    if edit.layers == "all":
        return f"on {heads}" if edit.heads == "all" else f"on {heads} of every layer"
    layers = ", ".join(map(str, edit.layers))
    return f"on {heads} of layer{'s' * (len(edit.layers) != 1)} {layers}"


def cell_count(design: bv.Design) -> int:
    return sum(len(edit.marker) + len(edit.beacon) for edit in design.edits)
