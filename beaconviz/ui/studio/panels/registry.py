"""The panels under the workbench. A new panel is a file in this folder and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import beaconviz as bv
from beaconviz.ui.shell.page_models import Kind
from beaconviz.ui.shell.session import Session
from beaconviz.ui.studio.panels.alignment import alignment_panel
from beaconviz.ui.studio.panels.arithmetic import arithmetic_panel
from beaconviz.ui.studio.panels.bertviz import bertviz_panel
from beaconviz.ui.studio.panels.design_table import design_panel
from beaconviz.ui.studio.panels.generate import writing_panel
from beaconviz.ui.studio.panels.heads import heads_panel
from beaconviz.ui.studio.panels.information_weights import weights_panel
from beaconviz.ui.studio.panels.learn import learn_panel
from beaconviz.ui.studio.panels.numbers import numbers_panel
from beaconviz.ui.studio.panels.scan import scan_panel
from beaconviz.ui.studio.panels.steps import steps_panel
from beaconviz.ui.studio.panels.words import words_panel


@dataclass(frozen=True)
class Panel:
    """A panel.

    Attributes:
        title: its name on the screen.
        draw: draws it, for a session and its comparison.
        pages: the Studio's pages that show it.
    """

    title: str
    draw: Callable[[Session, bv.Comparison], None]
    pages: tuple[Kind, ...]


_READ: tuple[Kind, ...] = (
    "Studio",
    "Write",
)  # pages of models that read one text, and may continue it
_ALL: tuple[Kind, ...] = ("Studio", "Translate", "Write")

# By the name in links. A page shows its panels in this order, and opens the first.
PANELS: dict[str, Panel] = {
    "write": Panel("Write on", writing_panel, ("Write",)),
    "alignment": Panel("Alignment", alignment_panel, ("Translate",)),
    "sources": Panel("Information weights", weights_panel, ("Translate",)),
    "steps": Panel("Steps", steps_panel, ("Translate",)),
    "words": Panel("Words", words_panel, _READ),
    "heads": Panel("Heads", heads_panel, _ALL),
    "numbers": Panel("Numbers", numbers_panel, _READ),
    "design": Panel("Design", design_panel, _ALL),
    "scan": Panel("Scan heads", scan_panel, _READ),
    "learn": Panel("Learn", learn_panel, ("Studio",)),
    "bertviz": Panel("BertViz", bertviz_panel, _ALL),
    "arithmetic": Panel("Arithmetic", arithmetic_panel, _READ),
}


def panels_of(page: Kind) -> tuple[str, ...]:
    """The names of a page's panels, in order."""
    return tuple(name for name, panel in PANELS.items() if page in panel.pages)
