"""The last work on each of the pages Studio, Translate and Write."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from beaconviz.core.design import Design
from beaconviz.ui.shell import actions, cache
from beaconviz.ui.shell.examples import first_view
from beaconviz.ui.shell.page_models import DEFAULTS, Kind, kind_of
from beaconviz.ui.shell.state import History


@dataclass
class Visits:
    """The pages that the person visited.

    Attributes:
        page: the page that was drawn last.
        by_link: whether the view on screen came by a link, and no page has been drawn since.
        work_by_page: the work with which each page was left.
        entered_with: the texts and the design with which `page` was entered.
        without_model: the kind of the model on screen, on a page whose default model could not be
            loaded; None otherwise.
    """

    page: Kind | None = None
    by_link: bool = False
    work_by_page: dict[Kind, History] = field(default_factory=dict)
    entered_with: tuple[str, str, Design] | None = None
    without_model: Kind | None = None

    def across(self, history: History, page: Kind, model: str | None = None) -> History:
        """The work to show on a page for another kind of model.

        It is the last work on that page, if it was with `model` or `model` is None; otherwise the
        present texts and design are taken over.
        """
        view = history.present
        self.work_by_page[kind_of(cache.model(view.model))] = history
        before = self.work_by_page.get(page)
        if before is not None and model in (None, before.present.model):
            if model is None and self.entered_with == (view.text, view.second, view.design):
                return before  # nothing was changed since the page was entered
            return before.show(replace(before.present, text=view.text, second=view.second))
        if model is None and view == first_view():  # nothing was changed yet
            return History(first_view(page))
        design = actions.of_words(view.design)
        other_unit = None if view.other_unit is None else actions.of_words(view.other_unit)
        model = model or DEFAULTS[page]
        return History(replace(view, model=model, design=design, other_unit=other_unit, edit=0))
