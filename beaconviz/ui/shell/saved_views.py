"""Views that no link can carry, kept by the server under a key, so that a reload loses nothing.

The address then holds `~key`. It serves the browser that is here, and whoever is handed the
address, for as long as the server runs and the view is among the last ones put here.
"""

from __future__ import annotations

from collections import OrderedDict
from secrets import token_urlsafe
from threading import Lock

import streamlit as st

from beaconviz.core.errors import BeaconvizError
from beaconviz.ui.shell.state import View

MARK = "~"  # no link begins with it
MOST = 16  # views; one of a long text's learned beacons takes 100 MB


class Shelf:
    """The last views put under keys; shared by all sessions, whose keys nobody guesses."""

    def __init__(self) -> None:
        self._views: OrderedDict[str, View] = OrderedDict()
        self._lock = Lock()

    def put(self, key: str, view: View) -> str:
        """Keeps a view in place of the key's last one; what the address should hold."""
        with self._lock:
            self._views[key] = view
            self._views.move_to_end(key)
            while len(self._views) > MOST:
                self._views.popitem(last=False)
        return f"{MARK}{key}"

    def take(self, address: str) -> View:
        """The view that an address names.

        Raises:
            BeaconvizError: it is not here any more.
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
    """A key that nobody guesses."""
    return token_urlsafe(16)


@st.cache_resource
def shelf() -> Shelf:
    """The server's one shelf."""
    return Shelf()
