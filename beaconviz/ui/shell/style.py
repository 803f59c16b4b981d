"""The CSS that the app adds to Streamlit's, and its icon."""

from pathlib import Path

from markupsafe import Markup

from beaconviz.figures.markup import macros

ICON = str(Path(__file__).with_name("icon.svg"))

_HTML = macros(__file__)
CSS: Markup = _HTML.style()
