"""What a model wrote, before and after, as HTML: the changed steps framed, each with its
chances."""

from __future__ import annotations

from collections.abc import Callable, Collection

from beaconviz.figures.escape import escape, escape_attribute
from beaconviz.figures.html.entities import STYLE
from beaconviz.figures.html.guesses import seen
from beaconviz.figures.html.numbers import probability
from beaconviz.models.generation import Generation
from beaconviz.models.tasks.values import GeneratedTexts

ALTERNATIVES = 4

WRITTEN_STYLE = """<style>
.bv-step { white-space: pre-wrap; border-radius: .25em; padding: .05em .08em;
  border-bottom: 2px solid color-mix(in srgb, #0072B2 calc(var(--p) * 100%), transparent); }
.bv-step.bv-new { background: color-mix(in srgb, #E69F00 28%, transparent);
  outline: 1px solid #E69F00; }
.bv-step.bv-gone { text-decoration: line-through; text-decoration-color: #E69F00; }
.bv-score { opacity: .75; margin-inline-start: .8em; font-size: .8em; white-space: nowrap; }
</style>"""


def written_html(shown: GeneratedTexts, *, style: bool = True) -> str:
    """The text that each run wrote, baseline above edited.

    The line under a step is as strong as the step was likely; hovering tells what else was likely.
    What the edit wrote otherwise is framed, and struck through in the baseline.
    """
    head = STYLE + WRITTEN_STYLE if style else ""
    changes = shown.rewrites
    gone = {step for change in changes for step in range(*change.before_steps)}
    new = {step for change in changes for step in range(*change.after_steps)}
    rows = (
        _row("baseline", shown.before, shown.spell, gone, "bv-gone"),
        _row("edited", shown.after, shown.spell, new, "bv-new"),
    )
    lines = "".join(
        f"<li>{escape(str(change))}</li>" for change in changes if change.before or change.after
    )
    told = lines or "<li>The text did not change.</li>"
    return f"{head}<div class='bv'>{''.join(rows)}<ul class='bv-changes'>{told}</ul></div>"


def _row(
    name: str,
    written: Generation,
    spell: Callable[[int], str],
    marked: Collection[int],
    mark: str,
) -> str:
    spans = []
    for step, (start, end) in enumerate(written.tokens.spans):
        text = written.text[start:end]
        if not text:
            continue  # the end of the text
        likely = ", ".join(
            f"{seen(spell(token)).strip()} {probability(share)}"
            for token, share in written.likeliest(step, ALTERNATIVES)
        )
        there = f" {mark}" if step in marked else ""
        spans.append(
            f"<span class='bv-step{there}' style='--p:{float(written.probabilities[step]):.2f}' "
            f"title='step {step}: {escape_attribute(likely)}'>{escape(text)}</span>"
        )
    said = "".join(spans) or "<i>nothing</i>"
    mean = f"{written.score:.2f}".replace("-", "−")
    score = (
        f"<span class='bv-score' title='mean log-probability of a step'>{mean} nats a step</span>"
    )
    return (
        f"<div class='bv-row'><span class='bv-who'>{name}</span>"
        f"<div class='bv-text' dir='auto'>{said}{score}</div></div>"
    )
