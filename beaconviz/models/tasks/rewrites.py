"""Where two generated (or forced) texts differ."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from beaconviz.models.generation import Generation


@dataclass(frozen=True)
class Rewrite:
    """A range of steps whose text differs; either side may be empty.

    `before` and `after` are the texts; `before_steps` and `after_steps` the first step and the one
    after the last.
    """

    before: str
    after: str
    before_steps: tuple[int, int]
    after_steps: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.before or 'nothing'} → {self.after or 'nothing'}"


def rewrites(before: Generation, after: Generation) -> list[Rewrite]:
    """The differences of two generated texts, by tokens, in the order of the text."""
    matcher = SequenceMatcher(a=before.tokens.ids, b=after.tokens.ids, autojunk=False)
    return [
        Rewrite(_text(before, i, j), _text(after, k, m), (i, j), (k, m))
        for kind, i, j, k, m in matcher.get_opcodes()
        if kind != "equal"
    ]


def _text(written: Generation, start: int, stop: int) -> str:
    spans = written.tokens.spans[start:stop]
    return written.text[spans[0][0] : spans[-1][1]].strip() if spans else ""
