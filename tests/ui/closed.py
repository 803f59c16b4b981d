"""What `tests.ui.conftest.closed` gives."""

from typing import Protocol


class Closed(Protocol):
    """Starts the app anew, closed to other people, with these arguments."""

    def __call__(self, *arguments: str) -> None: ...
