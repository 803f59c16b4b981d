"""Choose which of the Studio's pages to draw, and restore its work, when a user enters it."""

from __future__ import annotations

from beaconviz.ui.shell import cache
from beaconviz.ui.shell.page_models import Kind, kind_of
from beaconviz.ui.shell.session import Session


def entered(session: Session, page: Kind) -> Kind:
    """The page to draw instead of `page`, if it has to be another.

    A user from another page gets the work that they left here, or the page's own model with the
    text of the other page. Choosing a model of another kind leads to its page.
    """
    visits, here = session.visits, _kind(session)
    came_from, visits.page = visits.page, page
    by_link, visits.by_link = visits.by_link, False
    without_model, visits.without_model = visits.without_model, None
    if here == page:
        if without_model is not None and came_from != page:
            session.messages.notice = None  # it explained why the previous page had no model
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
