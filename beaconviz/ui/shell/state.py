"""The view of the Studio as one frozen value, and its history for undo and redo."""

from __future__ import annotations

from dataclasses import dataclass, replace

from beaconviz.core.design import Design
from beaconviz.core.edit import Attention
from beaconviz.core.maps import Pair

MAX_STEPS = 200


@dataclass(frozen=True)
class View:
    """The state of one screen: a model, a text, a design, and what is shown of them.

    Attributes:
        design: its rows and columns are the words, or the tokens, of `text`.
        other_unit: the design on the other unit (tokens or words), kept for a change of the unit.
        edit: the number of the design's edit that the matrices show.
        layer, head: what the maps show; None is the mean.
        special: whether special tokens keep their share of the attention.
        panel: which panel under the workbench is open; "" is the first of the page.
        second: the second text of models that take one; kept while other models are shown.
        pair: the part of a map of two texts that is shown, such as rows of a and columns of b.
        beams: the number of beams of a translator.
        forced: the text that a translator is forced to produce; empty for none.
        chat: whether the text is put into the model's chat template, if it has one.
    """

    text: str
    design: Design
    other_unit: Design | None = None
    edit: int = 0
    model: str = "ner-mini"
    layer: int | None = None
    head: int | None = None
    special: bool = False
    panel: str = ""
    second: str = ""
    pair: Pair = "all"
    beams: int = 1
    forced: str = ""
    chat: bool = False

    @property
    def attention(self) -> Attention:
        """The kind of attention of the shown edit and of the maps."""
        return self.design.edits[self.edit].attention

    @property
    def place_in_words(self) -> tuple[int | None, int | None]:
        """The layer and head that are looked at, where they are of the words' own attention."""
        return (self.layer, self.head) if self.attention == "self" else (None, None)


@dataclass(frozen=True)
class History:
    """The view on screen, with the views of undo and redo.

    A step changes the work, that is texts or designs. What is shown of it, such as the head, is not
    a step and is not undone.

    Attributes:
        stroke: the number of the mouse stroke that made the last step; the changes of one stroke
            are one step.
    """

    present: View
    past: tuple[View, ...] = ()
    future: tuple[View, ...] = ()
    stroke: int | None = None

    def show(self, view: View) -> History:
        """The history with another view of the same work."""
        return replace(self, present=view)

    def step(self, view: View, stroke: int | None = None) -> History:
        """The history with new work; the step can be undone."""
        if _work(view) == _work(self.present):
            return self.show(view)
        if stroke is not None and stroke == self.stroke:
            return replace(self, present=view, future=())
        return History(view, (*self.past, self.present)[-MAX_STEPS:], (), stroke)

    def undo(self) -> History:
        """One step back; the same history if there is none."""
        if not self.past:
            return self
        *past, previous = self.past
        return History(
            _with_work(self.present, previous), tuple(past), (self.present, *self.future)
        )

    def redo(self) -> History:
        """One step forward again; the same history if there is none."""
        if not self.future:
            return self
        following, *future = self.future
        return History(
            _with_work(self.present, following), (*self.past, self.present), tuple(future)
        )


def _work(view: View) -> tuple[str, str, Design, Design | None]:
    return view.text, view.second, view.design, view.other_unit


def _with_work(view: View, source: View) -> View:
    return replace(
        view,
        text=source.text,
        second=source.second,
        design=source.design,
        other_unit=source.other_unit,
        edit=source.edit,
    )
