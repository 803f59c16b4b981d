"""The state of one browser session between runs.

The callback of a widget only proposes a new view. `settle` then loads what it needs and checks it.
If the proposal does not fit, the screen stays as it was, with one line that says why.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, fields, replace
from typing import Any

import streamlit as st

import beaconviz as bv
from beaconviz.core.edit import Attention
from beaconviz.core.words import Tokens
from beaconviz.models.loading import SHIPPED
from beaconviz.runs.steer import plan_generation
from beaconviz.ui.shell import actions, cache, share
from beaconviz.ui.shell.access import access
from beaconviz.ui.shell.compared import Compared
from beaconviz.ui.shell.examples import first_search, first_view
from beaconviz.ui.shell.exchange import Exchange
from beaconviz.ui.shell.messages import Messages, Question, after_change
from beaconviz.ui.shell.page_models import kind_of
from beaconviz.ui.shell.saved_views import MARK, new_key, shelf
from beaconviz.ui.shell.state import History, View
from beaconviz.ui.shell.visits import Visits

STUDIO, SEARCH = "studio", "search"  # a browser has two sessions
ACTIVE = "active-session"  # which of the two the page works on
LINK = "s"  # the query parameter of the address
ARRIVED = "arrived"  # whether this run is the first one of a page


@dataclass
class Screen:
    """What the browser shows.

    Attributes:
        outline: the values that the page around the live part depends on.
        view: the view of the live part.
    """

    outline: tuple[object, ...] = ()
    view: View | None = None


@dataclass
class Session:
    """The state of one browser, for the Studio's pages or for the page Search.

    Attributes:
        history: the view on screen, and the steps that led to it.
        proposal: the history that a widget proposes, until `settle` accepts or refuses it.
        boxes: by key, the last text that the app put into a text box.
        recalled: by key, the values of widgets that Streamlit drops on other pages.
        page_data: by name, the data of pages: jobs, results, files, errors.
        saved_as: the key under which the server keeps a view that is too large for a link.
    """

    history: History
    proposal: History | None = None
    messages: Messages = field(default_factory=Messages)
    exchange: Exchange = field(default_factory=Exchange)
    compared: Compared = field(default_factory=Compared)
    visits: Visits = field(default_factory=Visits)
    screen: Screen = field(default_factory=Screen)
    boxes: dict[str, str] = field(default_factory=dict)
    recalled: dict[str, Any] = field(default_factory=dict)
    page_data: dict[str, Any] = field(default_factory=dict)
    saved_as: str = field(default_factory=new_key)

    @property
    def view(self) -> View:
        """The view on screen."""
        return self.history.present

    def step(self, view: View) -> None:
        """Propose a view with another text or design, as a step that can be undone."""
        self.proposal = self.history.step(self._with_proposal(view))

    def show(self, view: View) -> None:
        """Propose a view of the same text and design, such as another head; not a step."""
        self.proposal = (self.proposal or self.history).show(self._with_proposal(view))

    def _with_proposal(self, view: View) -> View:
        """The present proposal with the changes that `view` makes to the screen.

        Two widgets may change at once, and a run may be interrupted by the next before its proposal
        is settled.
        """
        if self.proposal is None:
            return view
        names = [field.name for field in fields(View)]
        changed = {
            name: getattr(view, name)
            for name in names
            if getattr(view, name) != getattr(self.view, name)
        }
        return replace(self.proposal.present, **changed)

    def turn(self, model: str) -> None:
        """Propose another model; one of another page comes with the last work on that page."""
        try:
            loaded = cache.model(model)
        except bv.BeaconvizError:  # `settle` says why
            self.show(replace(self.view, model=model))
            return
        kind = kind_of(loaded)
        if kind == kind_of(cache.model(self.view.model)):
            self._turn_to(model, loaded.sizes)
        else:
            self.proposal = self.visits.across(self.history, kind, model)

    def _turn_to(self, model: str, kinds: Collection[Attention]) -> None:
        """Propose another model of the same page, with so many kinds of attention."""
        view = actions.on_model(self.view, model, kinds)
        dropped = actions.cell_count(self.view.design) - actions.cell_count(view.design)
        if dropped:
            self.messages.remark = (
                f"The cells of a kind of attention that {model} has not were left out ({dropped} of "
                f"them): it has only {', '.join(kinds)}"
            )
        self.show(view)

    def attempt(self, change: Callable[[], View]) -> None:
        """Propose the view that `change` returns, or show the error that it raises."""
        try:
            self.step(change())
        except bv.BeaconvizError as error:
            self.messages.error(str(error))

    def settle(self) -> None:
        """Accept the proposal if it fits; otherwise show what is wrong with it."""
        proposal = self.proposal
        if proposal is None:
            return
        try:
            view = admitted(proposal.present)  # if this run is interrupted, the proposal stays
        except Exception as error:
            self.proposal = None
            self.messages.take_remark()
            self.messages.take_offer()
            if not isinstance(error, bv.BeaconvizError):
                raise
            self.messages.error(f"{error}. Nothing was changed")
            return
        self.proposal = None
        self._say_what_changed(proposal.present, view)
        for box, text in (("text", view.text), ("second", view.second), ("forced", view.forced)):
            if st.session_state.get(box) != text:
                self.boxes.pop(box, None)  # the box shows this view's text again
        self.history = proposal.show(view)

    def _say_what_changed(self, proposed: View, accepted: View) -> None:
        remark = self.messages.take_remark()
        if accepted.second != proposed.second:
            remark = (
                "This model answers a question from a passage. Your text is in both boxes: type a "
                "question into the first"
            )
        before, after = map(actions.cell_count, (proposed.design, accepted.design))
        self.messages.notice = after_change(remark, before - after)
        self.messages.question = self.messages.take_offer()

    def comparison(self) -> bv.Comparison:
        """The comparison of the view on screen."""
        return self.compared.of(self.view)


def current() -> Session:
    """The session of this run's browser; the page Search has a separate one."""
    key = st.session_state.get(ACTIVE, STUDIO)
    if key not in st.session_state:
        first = first_search() if key == SEARCH else first_view()
        st.session_state[key] = _start(st.query_params.get(LINK), first)
    session: Session = st.session_state[key]
    return session


def admitted(view: View) -> View:
    """The view with its designs, layer and head fitted to its texts and its model.

    If the model needs a second text and there is none, the first text is used as both.

    Raises:
        BeaconvizError: a model that cannot be loaded, a text that it does not take, or a design
            with layers or heads that it does not have.
    """
    model = cache.model(view.model)
    if model.task.second == "required" and not view.second.strip():
        view = replace(view, second=view.text)
    tokens = cache.untouched(view).aligned
    view = actions.fitted(view, tokens, *positions(model, tokens))
    for design in filter(None, (view.design, view.other_unit)):
        plan_generation(model, design, tokens)
    sizes = model.sizes[view.attention]
    layer, head = (
        number if number is not None and 0 <= number < count else None
        for number, count in ((view.layer, sizes.layers), (view.head, sizes.heads))
    )
    return replace(view, layer=layer, head=head)


def positions(model: bv.Model, tokens: Tokens) -> tuple[int, ...]:
    """How many a decoder has that reads the text again; empty without one."""
    return (len(tokens),) if model.reads_twice else ()


def _start(link: str | None, first: View) -> Session:
    if not link:  # the edit of the example can be undone
        return Session(History(first, (actions.clean(first, first.text),)))
    session = Session(History(first))
    try:
        view = shelf().take(link) if link.startswith(MARK) else share.decode(link)
    except bv.BeaconvizError as error:
        session.messages.error(f"{error}. The first example is shown instead")
        return session
    if view.model in SHIPPED or (cache.is_loaded(view.model) and access().offers_model(view.model)):
        session.visits.by_link = True
        session.show(view)
    else:  # a link alone does not make this server load a model
        session.messages.question = _about_linked_model(view)
    return session


def _about_linked_model(view: View) -> Question:
    """The question about a link whose model is not loaded yet, or not offered here."""
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
