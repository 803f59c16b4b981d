"""Errors as one line on the screen."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from beaconviz.core.errors import BeaconvizError

log = logging.getLogger(__name__)


@contextmanager
def guarded() -> Iterator[None]:
    """Show an error as one line instead of a traceback; the log keeps the traceback."""
    try:
        yield
    except BeaconvizError as error:
        st.error(line(str(error)), icon=":material/error:")
    except Exception:
        log.exception("the Studio failed")
        st.error(
            "An internal error occurred; the log of the server has the details. Press Undo, or reload the "
            "page.",
            icon=":material/error:",
        )


def line(text: str) -> str:
    """An error's text as a sentence, escaped for Streamlit. A file name at its start stays in its
    case.

    >>> line("the text is empty")
    'The text is empty\\\\.'
    >>> line("my.csv is empty")
    'my\\\\.csv is empty\\\\.'
    """
    first = text.split(" ", 1)[0].rstrip(",:;.")
    start = text[:1].upper() if first.isalpha() else text[:1]
    return plain(f"{start}{text[1:].rstrip('.')}.")


def plain(text: str) -> str:
    """A text with its Markdown characters escaped, so that Streamlit shows it unchanged.

    >>> plain("*not* `code` <b>")
    '\\\\*not\\\\* \\\\`code\\\\` \\\\<b\\\\>'
    """
    return "".join(f"\\{c}" if c in "\\`*_{}[]()<>#+-.!|~$:" else c for c in text)
