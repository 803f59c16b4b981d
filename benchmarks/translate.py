"""The time from the mouse button to the new translation and its maps, in a real browser.

    python -m benchmarks.translate [--edits 12]

Each edit paints one cell of A in the attention from the translation to the ten words of a sentence
(translate-mini, all layers and heads), so that the sentence is translated again. Each is followed
by a click in an app that does nothing. The columns are those of benchmarks/studio.py.
"""

from __future__ import annotations

import argparse

import beaconviz as bv
from beaconviz.ui.shell import share
from beaconviz.ui.shell.state import View
from benchmarks.studio import WARM_UPS, clicked, opened, served, table

SENTENCE = "Tom gave Mary a red book and she likes it."


def address(app: str) -> str:
    words = SENTENCE.split()
    design = bv.Design(tuple(words), (bv.Edit(attention="cross"),), "gate")
    view = View(text=SENTENCE, design=design, model="translate-mini")
    return f"{app}translate?s={share.encode(view)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--edits", type=int, default=12)
    options = parser.parse_args()
    with served() as (browser, app, floor):
        page, empty = opened(browser, address(app)), opened(browser, floor)
        spots = ((k % 5, (3 * k + k // 5) % 10) for k in range(WARM_UPS + options.edits))
        print(table("browser, ms", {10: clicked(page, empty, spots)}))


if __name__ == "__main__":
    main()
