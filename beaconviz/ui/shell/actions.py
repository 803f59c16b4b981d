"""The actions of a person on a view: pure functions from a view to the next one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from inspect import signature
from typing import Any, Literal

from beaconviz.core.design import Design
from beaconviz.core.edit import MAX_STEPS, Attention, Cell, Edit, Heads, Unit
from beaconviz.core.expand import expanded
from beaconviz.core.interventions import Reading
from beaconviz.core.presets import Preset
from beaconviz.core.words import Tokens, find_words, join_words
from beaconviz.ui.shell.state import View


def fitted(view: View, tokens: Tokens, positions: int = MAX_STEPS) -> View:
    """The view with its designs moved to these tokens; cells stay with their words.

    Args:
        positions: of a decoder that reads the text again; cells of later ones are dropped.
    """

    def fit(design: Design) -> Design:
        return _before(_fit(design, tokens), positions)

    return replace(
        view,
        design=fit(view.design),
        other_unit=None if view.other_unit is None else fit(view.other_unit),
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
    """How many cells the edits of a design have."""
    return sum(len(edit.marker) + len(edit.beacon) for edit in design.edits)


def painted(view: View, marker: Iterable[Sequence[Any]], beacon: Iterable[Sequence[Any]]) -> View:
    """The view with these cells as the only ones of the shown edit."""
    return replace(view, design=_with_cells(view, _cells(marker), _cells(beacon)))


def reread(view: View, reading: Reading) -> View:
    """The view with the same cells under another reading of M."""
    other_unit = None if view.other_unit is None else view.other_unit.with_reading(reading)
    return replace(view, design=view.design.with_reading(reading), other_unit=other_unit)


def aimed(view: View, layers: Sequence[int] | Literal["all"], heads: Heads) -> View:
    """The view with the shown edit on other layers and heads."""
    return replace(view, design=view.design.targeting(layers=layers, heads=heads, edit=view.edit))


def looked(view: View, layer: int | None, head: int | None) -> View:
    """The view with the maps of a layer and head; None is the mean.

    If the shown edit does not act on that head, the first edit that does is shown.
    """
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
    """The view with the design on words or on tokens.

    On the first change to tokens the words' design is expanded. A design that was changed on tokens
    is kept as `other_unit` while the words' design is shown, and shown again later.
    """
    design = view.design
    if unit == design.unit:
        return view
    if unit == "token":
        return replace(view, design=view.other_unit or expanded(design, tokens), other_unit=design)
    words = view.other_unit or Design.neutral(tokens.names("word"), reading=design.reading)
    unchanged = design == expanded(words, tokens)
    return replace(view, design=words, other_unit=None if unchanged else design, edit=0)


def preset(
    view: View, preset: Preset, settings: Mapping[str, Any], tokens: Tokens, head_size: int
) -> View:
    """The view with a preset's design, on the layers and heads of the shown edit.

    Raises:
        BeaconvizError: settings that do not fit the text.
    """
    unit = view.design.unit if preset.settings else "word"  # the worked example is for words
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
    """Whether an edit has only cells for all rows; these fit rows of generated steps too."""
    return not edit.marker and all(row == "*" for row, _, _ in edit.beacon)


def turned(view: View, attention: Attention) -> View:
    """The view that shows the first edit of a kind of attention, a new edit if there is none."""
    for number, edit in enumerate(view.design.edits):
        if edit.attention == attention:
            return replace(view, edit=number, layer=None, head=None)
    design = view.design.stacked(Edit(attention=attention))
    return replace(view, design=design, edit=len(design.edits) - 1, layer=None, head=None)


def of_words(design: Design) -> Design:
    """The design with only its edits of self-attention."""
    return of_kinds(design, ["self"])


def of_kinds(design: Design, kinds: Iterable[Attention]) -> Design:
    """The design with only its edits of these kinds of attention."""
    kept = set(kinds)
    return replace(design, edits=tuple(edit for edit in design.edits if edit.attention in kept))


def on_model(view: View, name: str, kinds: Iterable[Attention]) -> View:
    """The view with another model, and without edits of kinds of attention that it has not."""
    return replace(
        view,
        model=name,
        design=of_kinds(view.design, kinds),
        other_unit=None if view.other_unit is None else of_kinds(view.other_unit, kinds),
    )


def stacked(view: View) -> View:
    """The view with one more edit, applied after the others; it is shown."""
    design = view.design.stacked(Edit(attention=view.attention))
    return replace(view, design=design, edit=len(design.edits) - 1)


def unstacked(view: View) -> View:
    """The view without the shown edit."""
    edits = tuple(edit for i, edit in enumerate(view.design.edits) if i != view.edit)
    return replace(view, design=replace(view.design, edits=edits), edit=max(view.edit - 1, 0))


def cleared(view: View) -> View:
    """The view with the shown edit neutral, on the same layers and heads."""
    return replace(view, design=_with_cells(view, (), ()))


def opened(view: View, design: Design) -> View:
    """The view with another design, which need not fit the text yet (see `fitted`)."""
    return replace(view, design=design, other_unit=None, edit=0)


def text_of(design: Design) -> str:
    """A text with the words of a design.

    Raises:
        BeaconvizError: a word of the design has white space in it.
    """
    text, _ = join_words(design.words)
    return text


def _fit(design: Design, tokens: Tokens) -> Design:
    names = tokens.names(design.unit)
    return design if design.words == names else design.realigned(names)


def _before(design: Design, positions: int) -> Design:
    """A design without the cells of steps from a number on."""

    def kept(edit: Edit, name: str) -> tuple[Cell, ...]:
        sides = edit.sides(name, design.reading, len(design.words))
        return tuple(
            cell
            for cell in getattr(edit, name)
            if all(
                side != MAX_STEPS or index == "*" or index < positions
                for side, index in zip(sides, cell[:2], strict=True)
            )
        )

    edits = (
        replace(edit, marker=kept(edit, "marker"), beacon=kept(edit, "beacon"))
        for edit in design.edits
    )
    return replace(design, edits=tuple(edits)) if positions < MAX_STEPS else design


def _with_cells(view: View, marker: tuple[Cell, ...], beacon: tuple[Cell, ...]) -> Design:
    edits = list(view.design.edits)
    edits[view.edit] = replace(edits[view.edit], marker=marker, beacon=beacon)
    return replace(view.design, edits=tuple(edits))


def _cells(cells: Iterable[Sequence[Any]]) -> tuple[Cell, ...]:
    return tuple((row, column, float(value)) for row, column, value in cells)
