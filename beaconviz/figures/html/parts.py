"""Parts that several panels share."""

from __future__ import annotations

from markupsafe import Markup

from beaconviz.figures.markup import macros

_HTML = macros(__file__)


def answer_html(content: str, style: str) -> Markup:
    """An answer that has no rows: a sentence, or `Markup`."""
    return _HTML.answer(style, content)
