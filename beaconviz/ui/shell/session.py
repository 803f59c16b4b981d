"""What one browser session remembers between runs, and how a proposal becomes the screen.

A widget's callback only proposes. `settle` then loads what the proposal needs and checks it:
a proposal that does not fit leaves the screen as it was, with one line that says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from time import perf_counter, time_ns
from typing import Any

import streamlit as st

import beaconviz as bv
from beaconviz import samples
from beaconviz.models.loading import SHIPPED
from beaconviz.runs.steer import compile_for_writing
from beaconviz.ui.shell import actions, cache, share
from beaconviz.ui.shell.access import access
from beaconviz.ui.shell.page_models import DEFAULTS, PANELS_OF, Kind, kind_of
from beaconviz.ui.shell.saved_views import MARK, new_key, shelf
from beaconviz.ui.shell.state import History, View

_EXAMPLES: dict[Kind, str] = {
    "Studio": "worked-example",
    "Translate": "dropped-word",
    "Write": "muted-word",
}
KEY, SEARCH = "studio", "search"
ROOM = "session-shown"  # which of the two the page works on
LINK = "s"  # the query parameter
ARRIVED = "arrived"  # whether this run is the first one of a page


@dataclass(frozen=True)
class Notice:
    """One line for the person."""

    kind: str  # "error", "warning" or "info"
    text: str


@dataclass(frozen=True)
class Question:
    """Something only the person can decide: a line, and what each answer would show."""

    text: str
    answers: tuple[tuple[str, View], ...]


@dataclass
class Session:
    """One person's Studio.

    Attributes:
        remark: what to say when the proposal is taken.
        generation, known: the number of the document that the browser edits, and the design
            and edit it holds. It starts at the clock, since a browser may outlive the server.
        answered: the number of the browser's last message that was handled.
        milliseconds: what the last edited run took.
        outline: what the page around the live part shows.
        drawn: the view that the live part shows.
        shown: what else is on screen that the view does not say.
        key: under which the server keeps a view that no link can carry.
        room: the page that was drawn last. linked: whether a link brought the view. kept: by page,
            the work it was left with. begun: what the page was entered with: its texts and design.
        foreign: the kind of the model on screen, on a page whose own model could not be had.
        says: what to say above the editors, in place of what the model says.
    """

    history: History
    proposal: History | None = None
    notice: Notice | None = None
    remark: str = ""
    question: Question | None = None
    generation: int = field(default_factory=lambda: time_ns() // 1_000_000)
    known: tuple[bv.Design, int] | None = None
    answered: int = 0
    milliseconds: float = 0.0
    shown: dict[str, Any] = field(default_factory=dict)
    outline: tuple[object, ...] = ()
    drawn: View | None = None
    key: str = field(default_factory=new_key)
    room: Kind | None = None
    linked: bool = False
    kept: dict[Kind, History] = field(default_factory=dict)
    begun: tuple[str, str, bv.Design] | None = None
    foreign: Kind | None = None
    says: Callable[[Session], str] | None = None
    _compared: tuple[tuple[object, ...], bv.Comparison] | None = None

    @property
    def view(self) -> View:
        """The view on screen."""
        return self.history.present

    def step(self, view: View) -> None:
        """Propose new work."""
        self.proposal = self.history.step(self._with_proposal(view))

    def show(self, view: View) -> None:
        """Propose to look at the same work another way."""
        self.proposal = (self.proposal or self.history).show(self._with_proposal(view))

    def _with_proposal(self, view: View) -> View:
        """What `view` changes on screen, and what is proposed already: two boxes may change at once,
        and a run that a box began may be cut short by the next."""
        if self.proposal is None:
            return view
        names = [each.name for each in fields(View)]
        changed = {
            name: getattr(view, name)
            for name in names
            if getattr(view, name) != getattr(self.view, name)
        }
        return replace(self.proposal.present, **changed)

    def turn(self, model: str) -> None:
        """Propose another model; one of another kind comes with what its page was left with."""
        try:
            kind = kind_of(cache.model(model))
        except bv.BeaconvizError:  # `settle` says why
            kind = None
        if kind in (None, kind_of(cache.model(self.view.model))):
            self.show(replace(self.view, model=model))
        else:
            self.proposal = _across(self, kind, model)

    def attempt(self, change: Callable[[], View]) -> None:
        """Propose what `change` gives, or say why there is nothing to propose."""
        try:
            self.step(change())
        except bv.BeaconvizError as error:
            self.notice = Notice("error", str(error))

    def dismiss(self) -> None:
        """Leave the question unanswered."""
        self.question = None

    def settle(self) -> None:
        """Take the proposal, if there is one and it fits; otherwise say what is wrong with it."""
        proposal = self.proposal
        if proposal is None:
            return
        try:
            view = admitted(proposal.present)  # which the next run may cut short: it stays proposed
        except Exception as error:
            self.proposal, self.remark = None, ""
            if not isinstance(error, bv.BeaconvizError):
                raise
            self.notice = Notice("error", f"{error}. Nothing was changed")
            return
        self.proposal = None
        remark, self.remark = self.remark, ""
        before, after = map(actions.cell_count, (proposal.present.design, view.design))
        if view.second != proposal.present.second:
            remark = (
                "This model answers a question from a passage. Your text is in both boxes: type a "
                "question into the first"
            )
        self.notice = _said(remark, before - after)
        for box, text in (("text", view.text), ("second", view.second), ("forced", view.forced)):
            if st.session_state.get(box) != text:
                self.shown.pop(box, None)  # the box shows this view's text again
        self.question = None
        self.history = proposal.show(view)

    def comparison(self) -> bv.Comparison:
        """The view's comparison; computed once for as long as nothing that matters changes."""
        view = self.view
        key = (view.model, view.text, view.second, view.design, view.beams, view.forced, view.chat)
        if self._compared is None or self._compared[0] != key:
            baseline = cache.untouched(view)
            start = perf_counter()
            comparison = bv.compare(
                cache.model(view.model),
                view.text,
                view.design,
                baseline=baseline,
                **cache.writing(view),
            )
            self.milliseconds = 1000 * (perf_counter() - start)
            self._compared = key, comparison
        return self._compared[1]


def entered(session: Session, page: Kind) -> Kind:
    """The page to draw instead of `page`, if it has to be another.

    Who comes from another page finds here the work that they left here, or the page's own model,
    with the text that they worked on there; who chooses a model of another kind goes to its page.
    """
    here = kind_of(cache.model(session.view.model))
    came, session.room = session.room, page
    linked, session.linked = session.linked, False
    foreign, session.foreign = session.foreign, None
    if here == page:
        if foreign is not None and came != page:
            session.notice = None  # it told why the page before could not have its model
        return page
    if came == page and foreign == here:
        session.foreign = foreign
        return page
    if came == page or linked:
        return here
    session.proposal = _across(session, page)
    session.settle()
    has = kind_of(cache.model(session.view.model))
    session.foreign = None if has == page else has
    session.begun = session.view.text, session.view.second, session.view.design
    return page


def _across(session: Session, page: Kind, model: str | None = None) -> History:
    """The work on a page for another kind of models: what was left there, if with that model."""
    view = session.view
    session.kept[kind_of(cache.model(view.model))] = session.history
    left = session.kept.get(page)
    if left is not None and model in (None, left.present.model):
        if model is None and session.begun == (view.text, view.second, view.design):
            return left  # there was only a look at this page
        return left.show(replace(left.present, text=view.text, second=view.second))
    if model is None and view == first_view():  # nobody has done anything yet
        return History(first_view(page))
    parked = None if view.parked is None else actions.of_words(view.parked)
    own = actions.of_words(view.design)
    model = model or DEFAULTS[page]
    return History(replace(view, model=model, design=own, parked=parked, edit=0))


def current() -> Session:
    """The session of the browser that this run is for; the page Search has one of its own."""
    key = st.session_state.get(ROOM, KEY)
    if key not in st.session_state:
        first = first_search() if key == SEARCH else first_view()
        st.session_state[key] = _start(st.query_params.get(LINK), first)
    return st.session_state[key]


def admitted(view: View) -> View:
    """The view made to fit its texts and its model; the text is the passage too, where a model
    needs one and there is none.

    Raises:
        BeaconvizError: a model that cannot be had, a text it does not take, or a design that
            names layers or heads it has not.
    """
    model = cache.model(view.model)
    if model.task.second == "needed" and not view.second.strip():
        view = replace(view, second=view.text)
    tokens = cache.untouched(view).aligned
    view = actions.fitted(view, tokens)
    for design in filter(None, (view.design, view.parked)):
        compile_for_writing(model, design, tokens)
    sizes = model.sizes[view.attention]
    layer, head = (
        number if number is not None and 0 <= number < count else None
        for number, count in ((view.layer, sizes.layers), (view.head, sizes.heads))
    )
    return replace(view, layer=layer, head=head)


def first_view(page: Kind = "Studio") -> View:
    """The example that a page begins with, edited."""
    design = bv.Design.from_json(samples.designs()[_EXAMPLES[page]])
    text = actions.text_of(design)
    return View(text=text, design=design, model=DEFAULTS[page], panel=PANELS_OF[page][0])


def first_search() -> View:
    """The query that the page Search begins with, edited."""
    design = bv.Design.from_json(samples.query_design())
    return View(text=actions.text_of(design), design=design, model="minilm", panel="design")


def _start(link: str | None, first: View) -> Session:
    session = Session(History(first))
    if not link:
        return session
    try:
        view = shelf().take(link) if link.startswith(MARK) else share.decode(link)
    except bv.BeaconvizError as error:
        session.notice = Notice("error", f"{error}. This is the first example instead")
        return session
    if view.model in SHIPPED or (cache.is_loaded(view.model) and access().offers_model(view.model)):
        session.linked = True
        session.show(view)
    else:  # nobody's link makes this server fetch a model unasked
        session.question = _about_linked_model(view)
    return session


def _about_linked_model(view: View) -> Question:
    """What to do with a link whose model is not loaded yet, or not offered here."""
    without = ("Show it with ner-mini", replace(view, model="ner-mini"))
    if not access().offers_model(view.model):
        return Question(
            f"The link asks for the model {view.model!r:.80}, which this app does not offer.",
            (without,),
        )
    return Question(
        f"The link asks for the model {view.model!r:.80}.",
        ((f"Load {view.model:.80}", view), without),
    )


def _said(remark: str, dropped: int) -> Notice | None:
    lines = [remark.rstrip(".")] if remark else []
    if dropped > 0:
        cells = (
            "1 cell of the design was" if dropped == 1 else f"{dropped} cells of the design were"
        )
        lines.append(
            f"{cells} left out, for their words are not in this text (undo brings it back)"
        )
    return Notice("info", ". ".join(lines)) if lines else None
