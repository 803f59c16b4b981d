"""The Studio's pages, and the work that each was left with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from beaconviz.core.design import Design
from beaconviz.ui.shell import actions, cache
from beaconviz.ui.shell.examples import first_view
from beaconviz.ui.shell.page_models import DEFAULTS, Kind, kind_of
from beaconviz.ui.shell.state import History


@dataclass
class Visits:
    """Where the person was.

    Attributes:
        page: the page that was drawn last.
        by_link: a link brought the view on screen, and no page has been drawn since.
        left: by page, the work it was left with.
        entered_with: the texts and the design with which `page` was entered.
        without_model: the kind of the model on screen, on a page whose own model could not be had.
    """

    page: Kind | None = None
    by_link: bool = False
    left: dict[Kind, History] = field(default_factory=dict)
    entered_with: tuple[str, str, Design] | None = None
    without_model: Kind | None = None

    def across(self, history: History, page: Kind, model: str | None = None) -> History:
        """The work on a page for another kind of models: what was left there, if with that
        model."""
        view = history.present
        self.left[kind_of(cache.model(view.model))] = history
        before = self.left.get(page)
        if before is not None and model in (None, before.present.model):
            if model is None and self.entered_with == (view.text, view.second, view.design):
                return before  # nothing was done on the page between
            return before.show(replace(before.present, text=view.text, second=view.second))
        if model is None and view == first_view():  # nobody has done anything yet
            return History(first_view(page))
        own = actions.of_words(view.design)
        other = None if view.other_unit is None else actions.of_words(view.other_unit)
        model = model or DEFAULTS[page]
        return History(replace(view, model=model, design=own, other_unit=other, edit=0))
