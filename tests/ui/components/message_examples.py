"""Messages that both sides are tested with: `tests/ui/components/messages/`.

Python writes `to_browser.bin`, which the tests in JavaScript read. `from_browser.json` holds what
the browser sends: the tests in JavaScript make it, and those in Python read it. After a change of
the messages, write the first again:

    python -m tests.ui.components.message_examples
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from beaconviz.ui.components.workbench import Address, EditorState, Maps, pack

FOLDER = Path(__file__).parent / "messages"
TO_BROWSER = FOLDER / "to_browser.bin"
FROM_BROWSER = FOLDER / "from_browser.json"


def to_browser() -> bytes:
    """Three steps over two words, with a baseline of one step; every kind of field is used."""
    document = EditorState(
        generation=3,
        words=("two", "ünï→\n"),
        marker=[(0, 1, 0.5), ("*", 0, 2.0)],
        beacon=[(2, "*", -1.5)],
        reading="gate",
        unit="token",
        scale=0.25,
        head_size=16,
        can_undo=True,
        notice="The text changed.",
        rows=("红", "苹", "果"),
        steps=True,
    )
    maps = Maps(
        labels=("红", "苹", "果"),
        baseline=np.array([[0.25, 0.75]]),
        edited=np.array([[1.0, 0.0], [0.5, 0.5], [0.125, 0.875]]),
        divergence=np.arange(6.0).reshape(2, 3),
        layer=1,
        milliseconds=12.5,
        columns=("two", "ünï→\n"),
        column_words=(0, None),
        baseline_labels=("果",),
    )
    address = Address("s", "abc", "This link holds a private text.")
    return pack(document, maps, echo=7, height=500, says="<b>said</b>", address=address)


def from_browser() -> dict[str, dict[str, Any]]:
    return json.loads(FROM_BROWSER.read_text("utf-8"))


if __name__ == "__main__":
    TO_BROWSER.write_bytes(to_browser())
