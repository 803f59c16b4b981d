"""Notices and questions for the person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from beaconviz.ui.shell.state import View


@dataclass(frozen=True)
class Notice:
    """A line that is shown to the person."""

    kind: Literal["error", "warning", "info"]
    text: str


@dataclass(frozen=True)
class Question:
    """A question for the person: a line, and the view that each answer shows.

    otherwise: what the button says that changes nothing.
    """

    text: str
    answers: tuple[tuple[str, View], ...]
    otherwise: str = "Cancel"


@dataclass
class Messages:
    """The messages that are shown now.

    Attributes:
        remark: the text of the notice to show when the proposal is accepted.
        offer: the question to ask then.
    """

    notice: Notice | None = None
    question: Question | None = None
    remark: str = ""
    offer: Question | None = None

    def error(self, text: str) -> None:
        """Replace the notice by an error."""
        self.notice = Notice("error", text)

    def take_remark(self) -> str:
        """Return the remark and clear it."""
        remark, self.remark = self.remark, ""
        return remark

    def take_offer(self) -> Question | None:
        """The question to ask after a change, which is then asked or dropped."""
        offer, self.offer = self.offer, None
        return offer


def after_change(remark: str, dropped: int) -> Notice | None:
    """The notice after an accepted change; None if there is nothing to report.

    Args:
        remark: a text about the change.
        dropped: how many cells of the design were removed by the change.
    """
    lines = [remark.rstrip(".")] if remark else []
    if dropped > 0:
        cells = (
            "1 cell of the design was" if dropped == 1 else f"{dropped} cells of the design were"
        )
        lines.append(
            f"{cells} removed, because their words are not in this text (Undo brings them back)"
        )
    return Notice("info", ". ".join(lines)) if lines else None
