"""From the mouse button to the new translation and its maps, in a real browser on the real app.

    python -m benchmarks.translate [--edits 12]

Each edit paints one cell of A in the attention from the translation to the ten words of a sentence
(translate-mini, all layers and heads), so that the sentence is translated again; each is followed by a
click on an app that does nothing, as in benchmarks/studio.py, whose names the columns have.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

import beaconviz as bv
from beaconviz.ui import share
from beaconviz.ui.state import View
from benchmarks.studio import ROOT, WARM_UPS, opened, table, timed
from tests.ui.browser import Workbench, chromium, serving

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
    with (
        tempfile.TemporaryDirectory() as logs,
        chromium() as browser,
        serving(ROOT / "app.py", Path(logs, "app")) as app,
        serving(ROOT / "benchmarks/studio_floor.py", Path(logs, "floor")) as floor,
    ):
        page, empty = opened(browser, address(app)), opened(browser, floor)
        bench, button = Workbench(page), empty.get_by_role("button", name="edit")
        rounds = []
        for k in range(WARM_UPS + options.edits):
            spot = bench.cell("beacon", k % 5, (3 * k + k // 5) % 10)  # never the same cell twice
            page.mouse.move(*spot)
            page.wait_for_timeout(300)
            parts = timed(page, bench.root, lambda spot=spot: page.mouse.click(*spot))
            bench.settle()
            rounds.append((*parts, sum(parts), sum(timed(empty, button, button.click))))
    medians = [statistics.median(column) for column in zip(*rounds[WARM_UPS:], strict=True)]
    names = ("send", "round trip", "draw", "total", "floor")
    print(table("browser, ms", {10: dict(zip(names, medians, strict=True))}))


if __name__ == "__main__":
    main()
