"""The examples that pages start with."""

from __future__ import annotations

from beaconviz import samples
from beaconviz.core.design import Design
from beaconviz.ui.shell import actions
from beaconviz.ui.shell.page_models import DEFAULTS, Kind
from beaconviz.ui.shell.state import View

_EXAMPLES: dict[Kind, str] = {
    "Studio": "barcelona-in",
    "Translate": "dropped-word",
    "Write": "muted-word",
}


def first_view(page: Kind = "Studio") -> View:
    """The example that a page starts with, with its design."""
    design = Design.from_json(samples.designs()[_EXAMPLES[page]])
    return View(text=actions.text_of(design), design=design, model=DEFAULTS[page])


def first_search() -> View:
    """The query that the page Search starts with, with its design."""
    design = Design.from_json(samples.query_design())
    return View(text=actions.text_of(design), design=design, model="minilm")
