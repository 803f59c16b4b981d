"""The state of the Rules page: the rule as typed, and the design of the last valid rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import beaconviz as bv
from beaconviz.rules.rule import Rule

KEY = "rules"  # where a session keeps it


@dataclass(frozen=True)
class RuleDesign:
    """A valid rule, the words it was applied to, the words that each step caught, its design."""

    words: tuple[str, ...]
    rule: Rule
    caught: tuple[tuple[int, ...], ...]
    design: bv.Design


@dataclass
class RuleDraft:
    """The state of the page, kept in the browser's session.

    Attributes:
        text: the rule as typed, valid or not.
        replaced: texts that were replaced by samples and files, for the button Back.
        result: the design of the last valid rule.
        problem: why the text is not a valid rule; None if it is.
        result_inputs: the text and the words that `result` and `problem` were computed for.
        opened: how many files were opened; a new number empties the uploader.
        refused: why the last file was not opened; None once it has been shown.
    """

    text: str
    replaced: list[str] = field(default_factory=list)
    result: RuleDesign | None = None
    problem: str | None = None
    result_inputs: tuple[str, tuple[str, ...]] | None = None
    opened: int = 0
    refused: str | None = None

    def replace(self, text: str) -> None:
        """Replace the text; the old one is kept for the button Back."""
        if text != self.text:
            self.replaced.append(self.text)
            self.text = text

    def update(self, words: Sequence[str]) -> None:
        """Compute `result` or `problem` for these words, unless that was done already.

        If the text is not a valid rule, the last valid rule is applied to the words.
        """
        words = tuple(words)
        if self.result_inputs == (self.text, words):
            return
        self.result_inputs, self.problem = (self.text, words), None
        try:
            self.result = _make(Rule.from_yaml(self.text), words)
        except bv.BeaconvizError as error:
            self.problem = str(error)
            if self.result is not None and self.result.words != words:
                self.result = _make_again(self.result.rule, words)


def _make(rule: Rule, words: tuple[str, ...]) -> RuleDesign:
    return RuleDesign(words, rule, rule.caught(words), rule.design(words))


def _make_again(rule: Rule, words: tuple[str, ...]) -> RuleDesign | None:
    try:
        return _make(rule, words)
    except bv.BeaconvizError:
        return None
