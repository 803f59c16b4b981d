"""What the Rules page remembers: the rule as typed, and what the last whole one makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import beaconviz as bv
from beaconviz.rules.rule import Rule

KEY = "rules"  # where a session keeps it


@dataclass(frozen=True)
class Made:
    """A rule that was whole, and what it makes of the words."""

    words: tuple[str, ...]
    rule: Rule
    caught: tuple[tuple[int, ...], ...]
    design: bv.Design


@dataclass
class Desk:
    """What the page remembers, whatever happens around it.

    Attributes:
        text: the rule as typed, whole or not.
        replaced: the texts that samples and files took the place of, to go back to.
        made: what the last whole rule makes; problem: why the text as typed makes nothing.
        seen: the text and words that `made` and `problem` speak of.
        opened: how many files were opened; a new number empties the uploader.
        refused: why the last file was not opened, until that is told.
    """

    text: str
    replaced: list[str] = field(default_factory=list)
    made: Made | None = None
    problem: str | None = None
    seen: tuple[str, tuple[str, ...]] | None = None
    opened: int = 0
    refused: str | None = None

    def replace(self, text: str) -> None:
        """Another text, from which there is a way back."""
        if text != self.text:
            self.replaced.append(self.text)
            self.text = text

    def work(self, words: Sequence[str]) -> None:
        """Make the design, unless that is done; of a text that is no rule the last one stays."""
        words = tuple(words)
        if self.seen == (self.text, words):
            return
        self.seen, self.problem = (self.text, words), None
        try:
            self.made = _make(Rule.from_yaml(self.text), words)
        except bv.BeaconvizError as error:
            self.problem = str(error)
            if self.made is not None and self.made.words != words:
                self.made = _make_again(self.made.rule, words)


def _make(rule: Rule, words: tuple[str, ...]) -> Made:
    return Made(words, rule, rule.caught(words), rule.design(words))


def _make_again(rule: Rule, words: tuple[str, ...]) -> Made | None:
    try:
        return _make(rule, words)
    except bv.BeaconvizError:
        return None
