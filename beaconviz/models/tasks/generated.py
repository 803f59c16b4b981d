"""Two texts that a model generated, beside each other."""

from __future__ import annotations

from beaconviz.models.tasks.base import Output
from beaconviz.models.tasks.rewrites import rewrites
from beaconviz.models.tasks.values import Change, GeneratedTexts


def generated_texts(before: Output, after: Output) -> list[GeneratedTexts]:
    """Both texts, where both runs generated one; else nothing."""
    old, new = before.generation, after.generation
    if old is None or new is None:
        return []
    return [GeneratedTexts(old, new, rewrites(old, new), before.model.spell)]


def text_changes(before: Output, after: Output) -> list[Change]:
    """Stretches of the text that are written otherwise."""
    end = len(before.tokens.text)
    return [
        Change("text", 0, end, each.before, each.after, None, None)
        for texts in generated_texts(before, after)
        for each in texts.rewrites
        if each.before or each.after
    ]
