"""Escape user text for HTML: in an element, in an attribute, and in a Plotly label."""

import html
import re

import markupsafe
from markupsafe import Markup

_CONTROL_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"}
_CONTROL_PICTURES[0x7F] = 0x2421
# A notebook typesets $…$, $$…$$, \(…\), \[…\] and \begin{…} in text that no element interrupts, so
# each of these characters is put into an element of its own.
_STARTS_MATH = re.compile(r"[$\\]")
_ALONE = r"<span>\g<0></span>"
_UNUSUAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f$\\]")  # all of these; most text has none


def escape(text: str) -> Markup:
    r"""HTML of a text inside an element. Control characters, which HTML does not allow, are shown
    as symbols; a notebook does not typeset the text as a formula.

    >>> escape("<b> costs $5")
    Markup('&lt;b&gt; costs <span>$</span>5')
    """
    if not _UNUSUAL.search(text):
        return markupsafe.escape(text)
    return Markup(_STARTS_MATH.sub(_ALONE, str(escape_attribute(text))))


def escape_attribute(text: str) -> Markup:
    """HTML of a text in an attribute, where no element is allowed and nothing is typeset.

    >>> escape_attribute('"$5"')
    Markup('&#34;$5&#34;')
    """
    return markupsafe.escape(text.translate(_CONTROL_PICTURES))


def escape_label(text: str) -> str:
    """A label in a Plotly figure, which parses labels as HTML, and as formulas where they have two
    dollar signs.

    >>> escape_label("$5 & $7")
    '&#36;5 &amp; &#36;7'
    """
    shown = text.translate(_CONTROL_PICTURES)
    return html.escape(shown, quote=False).replace("$", "&#36;")
