"""What the app says to the person outside the answers: notices and questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from beaconviz.ui.shell.state import View


@dataclass(frozen=True)
class Notice:
    """A line for the person."""

    kind: Literal["error", "warning", "info"]
    text: str


@dataclass(frozen=True)
class Question:
    """A question for the person: a line, and the view that each answer shows."""

    text: str
    answers: tuple[tuple[str, View], ...]


@dataclass
class Messages:
    """What is said now.

    Attributes:
        remark: the notice that is shown once the proposal is taken.
    """

    notice: Notice | None = None
    question: Question | None = None
    remark: str = ""

    def error(self, text: str) -> None:
        """Show an error instead of the notice that is there."""
        self.notice = Notice("error", text)

    def take_remark(self) -> str:
        """The remark, which is then said or dropped."""
        remark, self.remark = self.remark, ""
        return remark


def after_change(remark: str, dropped: int) -> Notice | None:
    """The notice after a change that was taken, in which so many cells of the design were
    dropped."""
    lines = [remark.rstrip(".")] if remark else []
    if dropped > 0:
        cells = (
            "1 cell of the design was" if dropped == 1 else f"{dropped} cells of the design were"
        )
        lines.append(
            f"{cells} removed, because their words are not in this text (Undo brings them back)"
        )
    return Notice("info", ". ".join(lines)) if lines else None
