"""What a person can do to a view: pure functions from a view to the next one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from inspect import signature
from typing import Any, Literal

from beaconviz.core.design import Design
from beaconviz.core.edit import Attention, Cell, Edit, Heads, Unit
from beaconviz.core.expand import expanded
from beaconviz.core.interventions import Reading
from beaconviz.core.presets import Preset
from beaconviz.core.words import Tokens, find_words, join_words
from beaconviz.ui.shell.state import View


def fitted(view: View, tokens: Tokens) -> View:
    """The view with its designs moved to these tokens; cells follow their words."""
    return replace(
        view,
        design=_fit(view.design, tokens),
        other_unit=None if view.other_unit is None else _fit(view.other_unit, tokens),
        edit=min(view.edit, len(view.design.edits) - 1),
    )


def retyped(view: View, text: str) -> View:
    """The view with a text that a person typed. Cells follow their words where the person changed
    the sentence that they belong to (fewer than half of its words); another sentence starts with a
    neutral design."""
    return replace(view, text=text) if _same_sentence(view.text, text) else clean(view, text)


def clean(view: View, text: str) -> View:
    """The view with a text and a neutral design; the reading and the kind of attention stay."""
    neutral = replace(view.design, edits=(Edit(attention=view.attention),))
    return replace(opened(view, neutral), text=text)


def _same_sentence(before: str, after: str) -> bool:
    old, new = ([word.text for word in find_words(text)] for text in (before, after))
    kept = sum(block.size for block in SequenceMatcher(a=old, b=new).get_matching_blocks())
    return 2 * kept > max(len(old), len(new))


def cell_count(design: Design) -> int:
    """How many cells the edits of a design list."""
    return sum(len(edit.marker) + len(edit.beacon) for edit in design.edits)


def painted(view: View, marker: Iterable[Sequence[Any]], beacon: Iterable[Sequence[Any]]) -> View:
    """The shown edit with these cells, and no others."""
    return replace(view, design=_with_cells(view, _cells(marker), _cells(beacon)))


def reread(view: View, reading: Reading) -> View:
    """The same cells under another reading of M."""
    other_unit = None if view.other_unit is None else view.other_unit.with_reading(reading)
    return replace(view, design=view.design.with_reading(reading), other_unit=other_unit)


def aimed(view: View, layers: Sequence[int] | Literal["all"], heads: Heads) -> View:
    """The shown edit on other layers and heads."""
    return replace(view, design=view.design.targeting(layers=layers, heads=heads, edit=view.edit))


def looked(view: View, layer: int | None, head: int | None) -> View:
    """The maps of a layer and head (None is the mean); of a stack, the first edit that acts there
    is shown, unless the shown one does too."""
    view = replace(view, layer=layer, head=head)
    if layer is None or head is None:
        return view
    acting = [
        n
        for n, edit in enumerate(view.design.edits)
        if edit.attention == view.attention and _acts(edit, layer, head)
    ]
    return view if view.edit in acting or not acting else replace(view, edit=acting[0])


def _acts(edit: Edit, layer: int, head: int) -> bool:
    return head in edit.heads_in(layer, head + 1)


def switched(view: View, unit: Unit, tokens: Tokens) -> View:
    """Words or tokens. Going to tokens expands the words' design; what is then changed on
    tokens stays other_unit when the person goes back to words, and is there when they return."""
    design = view.design
    if unit == design.unit:
        return view
    if unit == "token":
        return replace(view, design=view.other_unit or expanded(design, tokens), other_unit=design)
    words = view.other_unit or Design.neutral(tokens.names("word"), reading=design.reading)
    untouched = design == expanded(words, tokens)
    return replace(view, design=words, other_unit=None if untouched else design, edit=0)


def preset(
    view: View, preset: Preset, settings: Mapping[str, Any], tokens: Tokens, head_size: int
) -> View:
    """A preset's design instead of this one, on the layers and heads of the shown edit.

    Raises:
        BeaconvizError: settings that do not fit the text.
    """
    unit = view.design.unit if preset.settings else "word"  # the worked example speaks of words
    facts = {"unit": unit, "reading": view.design.reading, "head_size": head_size}
    takes = signature(preset.make).parameters
    facts = {name: value for name, value in facts.items() if name in takes}
    design = preset.make(tokens.names(unit), **settings, **facts)
    if unit != view.design.unit:
        design = expanded(design, tokens)
    aim = view.design.edits[view.edit]
    design = design.targeting(layers=aim.layers, heads=aim.heads)
    if aim.attention == "cross" and all(_whole_columns(edit) for edit in design.edits):
        edits = tuple(replace(edit, attention=aim.attention) for edit in design.edits)
        design = replace(design, edits=edits)
    return opened(view, design)


def _whole_columns(edit: Edit) -> bool:
    """Whether an edit speaks of columns alone, and so may be one of steps."""
    return not edit.marker and all(row == "*" for row, _, _ in edit.beacon)


def turned(view: View, attention: Attention) -> View:
    """The first edit of a kind of attention is shown; there is a new one, if there was none."""
    for number, edit in enumerate(view.design.edits):
        if edit.attention == attention:
            return replace(view, edit=number, layer=None, head=None)
    design = view.design.stacked(Edit(attention=attention))
    return replace(view, design=design, edit=len(design.edits) - 1, layer=None, head=None)


def of_words(design: Design) -> Design:
    """A design with its edits of the words' attention to each other alone."""
    kept = tuple(edit for edit in design.edits if edit.attention == "self")
    return replace(design, edits=kept)


def stacked(view: View) -> View:
    """One more edit, on the scores that the others left; it is the one shown."""
    design = view.design.stacked(Edit(attention=view.attention))
    return replace(view, design=design, edit=len(design.edits) - 1)


def unstacked(view: View) -> View:
    """Without the shown edit."""
    edits = tuple(edit for i, edit in enumerate(view.design.edits) if i != view.edit)
    return replace(view, design=replace(view.design, edits=edits), edit=max(view.edit - 1, 0))


def cleared(view: View) -> View:
    """The shown edit back at neutral, where it acts unchanged."""
    return replace(view, design=_with_cells(view, (), ()))


def opened(view: View, design: Design) -> View:
    """A design from elsewhere, on the text on screen (it may still have to be fitted)."""
    return replace(view, design=design, other_unit=None, edit=0)


def text_of(design: Design) -> str:
    """A text that has the words of a design.

    Raises:
        BeaconvizError: a word with white space in it, which no text has.
    """
    text, _ = join_words(design.words)
    return text


def _fit(design: Design, tokens: Tokens) -> Design:
    names = tokens.names(design.unit)
    return design if design.words == names else design.realigned(names)


def _with_cells(view: View, marker: tuple[Cell, ...], beacon: tuple[Cell, ...]) -> Design:
    edits = list(view.design.edits)
    edits[view.edit] = replace(edits[view.edit], marker=marker, beacon=beacon)
    return replace(view.design, edits=tuple(edits))


def _cells(cells: Iterable[Sequence[Any]]) -> tuple[Cell, ...]:
    return tuple((row, column, float(value)) for row, column, value in cells)
