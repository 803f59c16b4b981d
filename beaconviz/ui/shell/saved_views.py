"""Views that are too large for a link, kept by the server under a key, so that a reload works.

The address then holds `~key`. It works in any browser, until the server is restarted or `MOST`
newer views have been saved.
"""

from __future__ import annotations

from collections import OrderedDict
from secrets import token_urlsafe
from threading import Lock

import streamlit as st

from beaconviz.core.errors import BeaconvizError
from beaconviz.ui.shell.state import View

MARK = "~"  # no link begins with it
MOST = 16  # views; one with learned beacons of a long text takes 100 MB


class Shelf:
    """The last views by key, shared by all sessions; keys are random and cannot be guessed."""

    def __init__(self) -> None:
        self._views: OrderedDict[str, View] = OrderedDict()
        self._lock = Lock()

    def put(self, key: str, view: View) -> str:
        """Save a view under a key, in place of its last one; returns the text for the address."""
        with self._lock:
            self._views[key] = view
            self._views.move_to_end(key)
            while len(self._views) > MOST:
                self._views.popitem(last=False)
        return f"{MARK}{key}"

    def take(self, address: str) -> View:
        """The view that an address names.

        Raises:
            BeaconvizError: the server does not have it any more.
        """
        with self._lock:
            view = self._views.get(address.removeprefix(MARK))
        if view is None:
            raise BeaconvizError(
                "the design was too large for a link, and the server does not have it any more (it was "
                "restarted, or kept newer designs): open the design file that you saved"
            )
        return view


def new_key() -> str:
    """A random key."""
    return token_urlsafe(16)


@st.cache_resource
def shelf() -> Shelf:
    """The shelf that all sessions of this server share."""
    return Shelf()
