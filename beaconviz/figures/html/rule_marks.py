"""The steps of a rule in words, with the words that each step matches marked in the sentence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from beaconviz.figures.markup import macros
from beaconviz.rules.rule import Rule
from beaconviz.rules.steps import EVERY_ROW, Amount, Rows, Step
from beaconviz.rules.words import Pattern

_CLAUSES = {"same": "the same", "other": "another"}
# Okabe and Ito (2008): distinguishable with every common form of colour blindness.
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9")

_HTML = macros(__file__)
STYLE: Markup = _HTML.style()


@dataclass(frozen=True)
class _DrawnStep:
    """A step's colour, its number of matched words, its effect, and each word with whether it
    matches; None where all words match."""

    colour: str
    count: str
    does: str
    words: list[tuple[str, bool]] | None


def rule_html(
    rule: Rule, words: Sequence[str], caught: Sequence[Iterable[int]], head_size: int
) -> Markup:
    """The rule's name and purpose, and for each step the sentence with the matched words marked.

    head_size: d, for a beacon's effect on the odds. All text is escaped.
    """
    steps = [
        _step(number, step, words, set(places), head_size)
        for number, (step, places) in enumerate(zip(rule.steps, caught, strict=True))
    ]
    return _HTML.rule(rule.name, rule.about, steps)


def described(step: Step, head_size: int) -> str:
    """The effect of a step on the words that it matches.

    >>> described(Step(beacon=Amount(start=8), rows=Rows(beyond=3)), 32)
    'beacon +8 (4.1× the odds at d = 32), for rows more than 3 words away'
    """
    parts = [_set(step, head_size)]
    if step.rows != EVERY_ROW:
        parts.append(f"for rows {', '.join(_rows(step.rows))}")
    if step.layers != "all":
        parts.append(f"in layers {', '.join(map(str, step.layers))}")
    if isinstance(step.heads, Mapping):
        parts.append("on heads that differ by layer")
    elif step.heads != "all":
        parts.append(f"on heads {', '.join(map(str, step.heads))}")
    return ", ".join(parts)


def _step(
    number: int, step: Step, words: Sequence[str], caught: set[int], head_size: int
) -> _DrawnStep:
    every = len(caught) == len(words)  # marking all words says nothing
    count = "every word" if every else f"{_words(len(caught))} caught"
    return _DrawnStep(
        _COLOURS[number % len(_COLOURS)],
        f"Step {number + 1}, {count}",
        described(step, head_size),
        None if every else [(word, place in caught) for place, word in enumerate(words)],
    )


def _set(step: Step, head_size: int) -> str:
    amount = step.amount
    if not amount.is_constant:
        return f"{step.matrix} {_formula(amount)}"
    if step.matrix == "marker":
        return f"marker {amount.start:g}"
    return f"beacon {amount.start:+,.10g} ({_odds(amount.start / math.sqrt(head_size))} at d = {head_size})"


def _odds(logit: float) -> str:
    times = math.exp(min(logit, 50))
    if times < 0.01:
        return "almost none of the odds"
    return f"{times:.2g}× the odds" if times < 1000 else "more than 1,000× the odds"


def _formula(amount: Amount) -> str:
    words = f"words beyond {amount.beyond}" if amount.beyond else "words away"
    terms = [f"{amount.start:g}"] if amount.start else []
    terms += [f"{amount.per_word:g} · {words}"] if amount.per_word else []
    terms += [f"{amount.log:g} · ln(1 + {words})"] if amount.log else []
    neutral = Amount()
    limits = [f"at least {amount.least:g}"] if amount.least != neutral.least else []
    limits += [f"at most {amount.most:g}"] if amount.most != neutral.most else []
    return ", ".join([" + ".join(terms), *limits])


def _rows(rows: Rows) -> list[str]:
    parts = [_away(rows.within, rows.beyond)] if (rows.within, rows.beyond) != (None, None) else []
    parts += [] if rows.clause is None else [f"in {_CLAUSES[rows.clause]} clause"]
    parts += [] if rows.mention is None else ["that mention the same word"]
    parts += [] if rows.words is None else [f"chosen by {' and '.join(_conditions(rows.words))}"]
    return parts


def _away(within: int | None, beyond: int | None) -> str:
    if within is None:
        return f"more than {_words(beyond or 0)} away" if beyond else "of other words"
    if beyond is None:
        return f"at most {_words(within)} away" if within else "of the word itself"
    return (
        f"{_words(within)} away" if within == beyond + 1 else f"{beyond + 1} to {within} words away"
    )


def _words(count: int) -> str:
    return f"{count} word{'' if count == 1 else 's'}"


def _conditions(pattern: Pattern) -> list[str]:
    fields = Pattern.model_fields.items()
    return [field.alias or name for name, field in fields if getattr(pattern, name) is not None]
