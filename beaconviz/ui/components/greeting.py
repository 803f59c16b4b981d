"""Three short steps for who comes for the first time, beside the example that they speak of.

Closed by one click, for good: the browser remembers it. A "?" takes their place, and brings the
example and the steps back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import streamlit as st

_HTML = """
<aside aria-label="First steps"><ol></ol><button type="button">Got it</button></aside>
<button type="button" class="help" title="Show the first steps">?</button>
"""


def greeting(
    steps: Sequence[str], *, shown: bool, on_example: Callable[[], None], key: str
) -> None:
    """Draw the steps, or the "?".

    Args:
        shown: whether the example is on screen. on_example: called when it is asked for.
    """
    _component()(
        key=key,
        data={"steps": list(steps), "shown": shown},
        width="content",
        on_example_change=on_example,
    )


@cache
def _component() -> Any:
    return st.components.v2.component(
        "beaconviz.greeting", html=_HTML, css="greeting.css", js="greeting.js"
    )
