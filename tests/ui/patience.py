"""How long tests of the app wait for a state: for a machine that is ten times slower, too."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 180  # seconds


def until(holds: Callable[[], object], what: str = "what the test waits for") -> None:
    """Wait until something holds; an assertion fails when it does not come."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"{what} did not come within {PATIENCE} s"
        time.sleep(0.01)
