"""What the Studio shows, as one frozen value, and the steps that led to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from beaconviz.core.design import Design
from beaconviz.core.edit import Attention
from beaconviz.core.maps import Pair

MAX_STEPS = 200


@dataclass(frozen=True)
class View:
    """One screen: a model, a text, what is done to its attention, and what is looked at.

    Attributes:
        design: its rows and columns are the words, or the tokens, of `text`.
        other_unit: the design of the other unit, kept for when the person comes back to it.
        edit: which of the design's stacked edits the matrices show.
        layer, head: what the maps show; None is the mean.
        special: whether special tokens keep their share of the attention.
        panel: which panel under the workbench is open; "" is the first of the page.
        second: a second text, for models that take one; kept while others are on screen.
        pair: the part of a map of two texts that is shown: rows of one, columns of one.
        beams: of a model that translates. forced: the text that it is made to write, if any.
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
        """Of which kind the shown edit is, and so the maps."""
        return self.design.edits[self.edit].attention

    @property
    def place_in_words(self) -> tuple[int | None, int | None]:
        """The layer and head that are looked at, where they are of the words' own attention."""
        return (self.layer, self.head) if self.attention == "self" else (None, None)


@dataclass(frozen=True)
class History:
    """The view on screen, with what undo and redo go back and forth to.

    Steps are in the work (texts and designs); where a person looks is not a step, and
    stays where it is when they undo. `stroke` numbers the mouse stroke that made the last
    step: all that one stroke paints is one step.
    """

    present: View
    past: tuple[View, ...] = ()
    future: tuple[View, ...] = ()
    stroke: int | None = None

    def show(self, view: View) -> History:
        """The same work, looked at another way."""
        return replace(self, present=view)

    def step(self, view: View, stroke: int | None = None) -> History:
        """New work; what it replaces can be undone."""
        if _work(view) == _work(self.present):
            return self.show(view)
        if stroke is not None and stroke == self.stroke:
            return replace(self, present=view, future=())
        return History(view, (*self.past, self.present)[-MAX_STEPS:], (), stroke)

    def undo(self) -> History:
        """One step back; the same history when there is none."""
        if not self.past:
            return self
        *past, previous = self.past
        return History(
            _with_work(self.present, previous), tuple(past), (self.present, *self.future)
        )

    def redo(self) -> History:
        """One step forward again; the same history when there is none."""
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
