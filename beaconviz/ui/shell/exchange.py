"""The documents that Python sent to the browser's editors, and the messages that it has handled.

The browser sends back all cells of the document that it shows, with the document's number. A stroke
may arrive after Python has sent a newer document: `view_of` gives the view that it was painted on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import time_ns

from beaconviz.ui.shell.state import View

REMEMBERED = 4  # documents; strokes on older ones are ignored


def _milliseconds() -> int:
    return time_ns() // 1_000_000


@dataclass
class Exchange:
    """The state of the exchange with one browser.

    Attributes:
        number: of the last document. It starts at the clock's milliseconds, so that it is new for a
            browser that was open before the server was restarted.
        answered: the number of the browser's last message that was handled.
        held: the view whose matrices the browser holds; None if it has to load them again.
    """

    number: int = field(default_factory=_milliseconds)
    answered: int = 0
    held: View | None = None
    _before: dict[int, View] = field(default_factory=dict)  # by number, the oldest first

    def send(self, view: View) -> int:
        """The number of the document with a view's matrices: a new one, unless the browser has
        them."""
        if self.held is None or not same_matrices(self.held, view):
            if self.held is not None:
                self._remember(self.held)
            self.number += 1
        self.held = view
        return self.number

    def view_of(self, number: int) -> View | None:
        """The view that was sent under a number; None if it is too old."""
        return self.held if number == self.number else self._before.get(number)

    def reload(self) -> None:
        """Make the browser load the matrices again with the next document."""
        self.held = None

    def _remember(self, view: View) -> None:
        self._before[self.number] = view
        for number in list(self._before)[:-REMEMBERED]:
            del self._before[number]


def same_matrices(view: View, other: View) -> bool:
    """Whether two views show the same cells of the same edit."""
    return (view.design, view.edit) == (other.design, other.edit)
