"""What each step of a rule does, in words, and the words it caught, marked in the sentence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from beaconviz.figures.escape import escape
from beaconviz.rules.rule import Rule
from beaconviz.rules.steps import EVERY_ROW, Amount, Rows, Step
from beaconviz.rules.words import Pattern

_CLAUSES = {"same": "the same", "other": "another"}
# Okabe and Ito (2008), which stay apart in every common form of colour blindness.
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9")

STYLE = """<style>
.bv-rule { max-height: 19rem; overflow: auto; font-size: 0.95rem; }
.bv-rule h3 { font-size: 1.15rem; font-weight: 600; margin: 0; padding: 0; }
.bv-rule p { margin: 0.1rem 0 0.6rem; font-size: 0.9rem; line-height: 1.4; }
.bv-step { border-inline-start: 3px solid var(--bv-step); padding: 0.1rem 0 0.1rem 0.7rem; margin-bottom: 0.6rem; }
.bv-step small { display: block; font-size: 0.8rem; line-height: 1.4; color: color-mix(in srgb, currentColor 75%, transparent); }
.bv-step b { font-weight: 600; }
.bv-step div { line-height: 1.75; overflow-wrap: anywhere; }
.bv-step mark { color: inherit; padding: 0.06em 0.25em; border-radius: 0.25em;
  background: color-mix(in srgb, var(--bv-step) 28%, transparent); border-bottom: 2px solid var(--bv-step); }
</style>"""


def rule_html(
    rule: Rule, words: Sequence[str], caught: Sequence[Iterable[int]], head_size: int
) -> str:
    """The rule's name and purpose, and for each step the sentence with the caught words marked.

    head_size: d, by which a beacon's effect on the odds is told. All text is escaped.
    """
    steps = "".join(
        _step(number, step, words, set(places), head_size)
        for number, (step, places) in enumerate(zip(rule.steps, caught, strict=True))
    )
    about = f"<p>{escape(rule.about)}</p>" if rule.about else ""
    return f"<div class='bv-rule'><h3>{escape(rule.name)}</h3>{about}{steps}</div>"


def described(step: Step, head_size: int) -> str:
    """What a step does to the words it caught.

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


def _step(number: int, step: Step, words: Sequence[str], caught: set[int], head_size: int) -> str:
    every = len(caught) == len(words)  # nothing to tell them apart by
    count = "every word" if every else f"{_words(len(caught))} caught"
    marked = " ".join(
        f"<mark>{escape(word)}</mark>" if place in caught else escape(word)
        for place, word in enumerate(words)
    )
    sentence = "" if every else f"<div dir='auto'>{marked}</div>"
    return (
        f"<div class='bv-step' style='--bv-step:{_COLOURS[number % len(_COLOURS)]}'>"
        f"<small><b>Step {number + 1}, {count}:</b> {escape(described(step, head_size))}</small>"
        f"{sentence}</div>"
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
    parts += [] if rows.words is None else [f"chosen by {' and '.join(_given(rows.words))}"]
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


def _given(pattern: Pattern) -> list[str]:
    known = Pattern.model_fields.items()
    return [field.alias or name for name, field in known if getattr(pattern, name) is not None]
