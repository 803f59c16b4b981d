"""What one browser session remembers between runs, and how a proposal becomes the screen.

A widget's callback only proposes. `settle` then loads what the proposal needs and checks it:
a proposal that does not fit leaves the screen as it was, with one line that says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

import streamlit as st

import beaconviz as bv
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
LINK = "s"  # the query parameter
ARRIVED = "arrived"  # whether this run is the first one of a page


@dataclass
class Screen:
    """What the browser shows: what the page around the live part depends on, and the live part's
    view."""

    outline: tuple[object, ...] = ()
    view: View | None = None


@dataclass
class Session:
    """One person's Studio, or search.

    Attributes:
        history: the view on screen, and the steps that led to it.
        proposal: what a widget asked for, until `settle` takes or refuses it.
        boxes: by key, the text that a text box was given last.
        recalled: by key, the values of widgets that Streamlit forgets on other pages.
        page_data: by name, what pages keep: jobs, results, files, errors.
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
        """Propose new work."""
        self.proposal = self.history.step(self._with_proposal(view))

    def show(self, view: View) -> None:
        """Propose to look at the same work another way."""
        self.proposal = (self.proposal or self.history).show(self._with_proposal(view))

    def _with_proposal(self, view: View) -> View:
        """What `view` changes on screen, and what is proposed already: two boxes may change at
        once, and a run that a box began may be cut short by the next."""
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
            self.proposal = self.visits.across(self.history, kind, model)

    def attempt(self, change: Callable[[], View]) -> None:
        """Propose what `change` gives, or say why there is nothing to propose."""
        try:
            self.step(change())
        except bv.BeaconvizError as error:
            self.messages.error(str(error))

    def settle(self) -> None:
        """Take the proposal, if there is one and it fits; otherwise say what is wrong with it."""
        proposal = self.proposal
        if proposal is None:
            return
        try:
            view = admitted(proposal.present)  # which the next run may cut short: it stays proposed
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

    def _say_what_changed(self, proposed: View, taken: View) -> None:
        remark = self.messages.take_remark()
        if taken.second != proposed.second:
            remark = (
                "This model answers a question from a passage. Your text is in both boxes: type a "
                "question into the first"
            )
        before, after = map(actions.cell_count, (proposed.design, taken.design))
        self.messages.notice = after_change(remark, before - after)
        self.messages.question = self.messages.take_offer()

    def comparison(self) -> bv.Comparison:
        """The view's comparison."""
        return self.compared.of(self.view)


def current() -> Session:
    """The session of the browser that this run is for; the page Search has one of its own."""
    key = st.session_state.get(ACTIVE, STUDIO)
    if key not in st.session_state:
        first = first_search() if key == SEARCH else first_view()
        st.session_state[key] = _start(st.query_params.get(LINK), first)
    session: Session = st.session_state[key]
    return session


def admitted(view: View) -> View:
    """The view made to fit its texts and its model; the text is the passage too, where a model
    needs one and there is none.

    Raises:
        BeaconvizError: a model that cannot be had, a text it does not take, or a design that
            names layers or heads it has not.
    """
    model = cache.model(view.model)
    if model.task.second == "required" and not view.second.strip():
        view = replace(view, second=view.text)
    tokens = cache.untouched(view).aligned
    view = actions.fitted(view, tokens)
    for design in filter(None, (view.design, view.other_unit)):
        plan_generation(model, design, tokens)
    sizes = model.sizes[view.attention]
    layer, head = (
        number if number is not None and 0 <= number < count else None
        for number, count in ((view.layer, sizes.layers), (view.head, sizes.heads))
    )
    return replace(view, layer=layer, head=head)


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
    else:  # nobody's link makes this server fetch a model unasked
        session.messages.question = _about_linked_model(view)
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
