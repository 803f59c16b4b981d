"""HTML from Jinja2 templates: the value of every expression is escaped.

A template is in the same folder as its module (`entities.jinja` and `entities.py`) and is a set of
macros. A macro returns `Markup`: finished HTML, which is not escaped again.

The Studio draws the answers at each mouse stroke, so speed matters: a table of 2,000 cells takes
Jinja2 8 ms, htpy 123 ms and f-strings 2 ms.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Protocol, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from beaconviz.figures.escape import escape, escape_attribute

_PACKAGE = Path(__file__).parents[1]


def _shown(value: object) -> object:
    """The output of an expression: text is escaped by `escape`; HTML and numbers are unchanged."""
    return escape(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_PACKAGE),
    autoescape=True,
    finalize=_shown,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_ENVIRONMENT.filters["in_attribute"] = escape_attribute


class Macros(Protocol):
    """The macros of a template."""

    def __getattr__(self, name: str) -> Callable[..., Markup]: ...


@cache
def macros(module: str) -> Macros:
    """The macros of a module's template; `module` is the module's `__file__`.

    In attributes a template passes user text through the filter `in_attribute`.
    """
    name = Path(module).relative_to(_PACKAGE).with_suffix(".jinja").as_posix()
    return cast(Macros, _ENVIRONMENT.get_template(name).module)
