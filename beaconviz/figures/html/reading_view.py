"""The reading view: a text with its key words highlighted by weight, before and after an edit.

Its data are drawn by `reading_view.js`, in the app and in an exported page, which needs no network
and keeps its slider.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from beaconviz.analysis.explain.keywords import KeyWords
from beaconviz.figures.markup import macros
from beaconviz.figures.page import page_html
from beaconviz.figures.theme import Theme

_HTML = macros(__file__)
SHARE = 0.2  # of the words, by default


def reading_data(
    before: KeyWords, after: KeyWords | None = None, share: float = SHARE
) -> dict[str, Any]:
    """The data of `reading_view.js`: the words, the text between them, and the weights of each
    side."""
    text, words = before.text, before.words
    ends = [0, *(word.end for word in words)]
    starts = [*(word.start for word in words), len(text)]
    sides = [("untouched" if after else "key words", before)] + [("edited", after)] * bool(after)
    return {
        "gaps": [text[end:start] for end, start in zip(ends, starts, strict=True)],
        "words": [word.text for word in words],
        "sides": [
            {"name": name, "weights": [round(x, 6) for x in key_words.weights.tolist()]}
            for name, key_words in sides
            if key_words is not None
        ],
        "share": share,
    }


def reading_page(
    before: KeyWords,
    after: KeyWords | None = None,
    share: float = SHARE,
    *,
    title: str = "Key words",
    theme: Theme = "light",
) -> Markup:
    """The view as a separate page, with its slider. All text is escaped."""
    # "</script>" in the text would end the element, and "<!--" would start a comment.
    data = json.dumps(reading_data(before, after, share)).replace("<", "\\u003c")
    body = _HTML.body(
        title,
        f"{before.model_name}, {before.method}",
        before.remarks,
        Markup(asset("reading_view.css")),
        Markup(asset("reading_view.js")),
        Markup(data),
    )
    return page_html(f"beaconviz: {title}", body, theme, figures=False)


@cache
def asset(name: str) -> str:
    """A file of this folder, as text."""
    return Path(__file__).with_name(name).read_text("utf-8")
