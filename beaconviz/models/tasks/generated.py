"""Compare the texts that a model generated before and after an edit."""

from __future__ import annotations

from beaconviz.models.tasks.base import Output
from beaconviz.models.tasks.rewrites import rewrites
from beaconviz.models.tasks.values import Change, GeneratedTexts


def generated_texts(before: Output, after: Output) -> list[GeneratedTexts]:
    """Both texts as one value, if both runs generated one; else an empty list."""
    old, new = before.generation, after.generation
    if old is None or new is None:
        return []
    return [GeneratedTexts(old, new, rewrites(old, new), before.model.spell)]


def text_changes(before: Output, after: Output) -> list[Change]:
    """The parts of the generated text that differ."""
    end = len(before.tokens.text)
    return [
        Change("text", 0, end, rewrite.before, rewrite.after, None, None)
        for texts in generated_texts(before, after)
        for rewrite in texts.rewrites
        if rewrite.before or rewrite.after
    ]
