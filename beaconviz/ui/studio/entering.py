"""Which of the Studio's pages to draw, and with what work, when somebody comes to one of them."""

from __future__ import annotations

from beaconviz.ui.shell import cache
from beaconviz.ui.shell.page_models import Kind, kind_of
from beaconviz.ui.shell.session import Session


def entered(session: Session, page: Kind) -> Kind:
    """The page to draw instead of `page`, if it has to be another.

    Who comes from another page gets the work that they left here, or the page's own model with the
    text that they worked on there. Who chooses a model of another kind goes to its page.
    """
    visits, here = session.visits, _kind(session)
    came_from, visits.page = visits.page, page
    by_link, visits.by_link = visits.by_link, False
    without_model, visits.without_model = visits.without_model, None
    if here == page:
        if without_model is not None and came_from != page:
            session.messages.notice = None  # it said why the page before had no model
        return page
    if came_from == page and without_model == here:
        visits.without_model = without_model
        return page
    if came_from == page or by_link:
        return here
    session.proposal = visits.across(session.history, page)
    session.settle()
    kind = _kind(session)
    visits.without_model = None if kind == page else kind
    visits.entered_with = session.view.text, session.view.second, session.view.design
    return page


def _kind(session: Session) -> Kind:
    return kind_of(cache.model(session.view.model))
