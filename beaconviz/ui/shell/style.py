"""The little CSS that the Studio adds to Streamlit's own, and its icon."""

from pathlib import Path

from markupsafe import Markup

from beaconviz.figures.markup import macros

ICON = str(Path(__file__).with_name("icon.svg"))

_HTML = macros(__file__)
CSS: Markup = _HTML.style()
