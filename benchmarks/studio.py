"""The time from the mouse button to the drawn maps, in a real browser with the real app.

    python -m benchmarks.studio [--words 8 32 64 128] [--edits 12] [--json OUT]

Each edit paints one cell of A in a text of n words (ner-mini, all layers and heads, the mean map).
Each is followed by a click in an app that does nothing (studio_floor.py), so that both see the same
load of the machine. Medians in ms, without two warm-ups:

    total       from the mouse button to the drawn maps
    floor       the same click when Python and the browser have nothing to do
    send        from the mouse button to the message leaving (the painted cell is on screen)
    round trip  from the message leaving to the answer arriving: Streamlit and Python
    draw        from the answer arriving to all canvases drawn (waits for the next frame)
    ratio       total / floor
    live        drawn answers per second while the mouse is dragged

Then the same edit without a browser, with the time of each part in Python.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page

import beaconviz as bv
from beaconviz.core.words import split_words
from beaconviz.figures import says_html
from beaconviz.ui.components.workbench import EditorState, Maps, pack
from beaconviz.ui.shell import share
from beaconviz.ui.shell.state import View
from tests.ui.browser import Workbench, chromium, serving

ROOT = Path(__file__).parents[1]
SENTENCE = "Steve Jobs was the co-founder of Apple Inc."
WARM_UPS = 2
DRAG = 3.0  # seconds
PAUSE = 150  # ms between the mouse's arrival and its click

Spot = tuple[int, int]

WATCH_PRESS = (
    """addEventListener("pointerdown", (event) => { window.pressed = event.timeStamp; }, true)"""
)
# Polling would make the browser work at every frame.
AWAIT_DRAWN = """root => {
  const before = root.dataset.drawn;
  window.done = new Promise((resolve) => {
    const watch = new MutationObserver(() => {
      if (root.dataset.drawn === before) return;
      watch.disconnect();
      resolve();
    });
    watch.observe(root, { attributeFilter: ["data-drawn"] });
  });
}"""
WATCH_DRAWN = """root => {
  window.answers = 0;
  new MutationObserver(() => window.answers++).observe(root, { attributeFilter: ["data-drawn"] });
}"""


def text_of(count: int) -> str:
    return " ".join([SENTENCE] * (count // 8))


def address(app: str, count: int) -> str:
    """A link to the app with a text of `count` words and a neutral design."""
    text = text_of(count)
    design = bv.Design.neutral([word.text for word in split_words(text)])
    return f"{app}?s={share.encode(View(text=text, design=design))}"


def opened(browser: Browser, url: str) -> Page:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(120_000)
    page.goto(url)
    page.locator("[data-drawn]").wait_for()
    page.evaluate(WATCH_PRESS)
    page.wait_for_timeout(1500)
    return page


def timed(page: Page, marked: Locator, act: Callable[[], None]) -> tuple[float, float, float]:
    """The times of sending, round trip and drawing of one edit, in ms."""
    marked.evaluate(AWAIT_DRAWN)
    act()
    page.evaluate("window.done")
    sent, received, drawn = map(float, marked.get_attribute("data-timing").split())
    pressed = page.evaluate("window.pressed")
    return sent - pressed, received - sent, drawn - received


def clicked(page: Page, empty: Page, spots: Iterable[Spot]) -> dict[str, float]:
    """Medians in ms of the parts of an edit.

    Each edit is a click on a cell of `spots`, followed by a click in the app that does nothing.
    """
    bench, button = Workbench(page), empty.get_by_role("button", name="edit")
    rounds = []
    for cell in spots:
        spot = bench.cell("beacon", *cell)
        page.mouse.move(*spot)
        page.wait_for_timeout(PAUSE)
        parts = timed(page, bench.root, lambda spot=spot: page.mouse.click(*spot))
        bench.settle()
        rounds.append((*parts, sum(parts), sum(timed(empty, button, button.click))))
    medians = [statistics.median(column) for column in zip(*rounds[WARM_UPS:], strict=True)]
    return dict(zip(("send", "round trip", "draw", "total", "floor"), medians, strict=True))


def measure(browser: Browser, app: str, floor: str, count: int, edits: int) -> dict[str, float]:
    page, empty = opened(browser, address(app, count)), opened(browser, floor)
    spots = ((k % 8, (3 * k + k // 8) % 8) for k in range(WARM_UPS + edits))  # each cell once
    result = clicked(page, empty, spots)
    result |= {"ratio": result["total"] / result["floor"], "live": dragged(page, Workbench(page))}
    page.close()
    empty.close()
    return result


@contextmanager
def served() -> Iterator[tuple[Browser, str, str]]:
    """A browser, the app's address, and the address of an app that does nothing."""
    with (
        tempfile.TemporaryDirectory() as logs,
        chromium() as browser,
        serving(ROOT / "app.py", Path(logs, "app")) as app,
        serving(ROOT / "benchmarks/studio_floor.py", Path(logs, "floor")) as floor,
    ):
        yield browser, app, floor


def dragged(page: Page, bench: Workbench) -> float:
    """Drawn answers per second while the mouse paints."""
    bench.root.evaluate(WATCH_DRAWN)
    page.mouse.move(*bench.cell("marker", 0, 0))
    page.mouse.down()
    start = time.perf_counter()
    step = 0
    while time.perf_counter() < start + DRAG:
        step += 1
        page.mouse.move(*bench.cell("marker", step // 7 % 8, step % 8))
        page.wait_for_timeout(16)
    seconds = time.perf_counter() - start
    answers = page.evaluate("window.answers")
    page.mouse.up()
    return answers / seconds


def in_python(count: int, edits: int) -> dict[str, float]:
    """Medians in ms of the parts of one edit in Python."""
    model = bv.load("ner-mini")
    text = text_of(count)
    baseline = bv.run(model, text)
    times: dict[str, list[float]] = {}
    for k in range(WARM_UPS + edits):
        design = bv.Design.neutral(baseline.words).with_cells(beacon=[(k % 8, 3, 13.0)])
        for name, value in parts(model, text, baseline, design):
            times.setdefault(name, []).append(value)
    return {name: statistics.median(values[WARM_UPS:]) for name, values in times.items()}


def parts(
    model: bv.Model, text: str, baseline: bv.Run, design: bv.Design
) -> Iterator[tuple[str, float]]:
    clock = time.perf_counter()

    def lap(name: str) -> tuple[str, float]:
        nonlocal clock
        start, clock = clock, time.perf_counter()
        return name, 1000 * (clock - start)

    comparison = bv.compare(model, text, design, baseline=baseline)
    yield lap("model")
    maps = [run.attention(unit="word").numpy() for run in (comparison.baseline, comparison.edited)]
    yield lap("mean maps")
    divergence = comparison.divergence().numpy()
    yield lap("divergence")
    says_html(comparison)
    yield lap("entities")
    words = baseline.words
    pack(EditorState(1, words, beacon=design.edits[0].beacon), Maps(words, *maps, divergence))
    yield lap("packing")


def table(title: str, results: dict[int, dict[str, float]]) -> str:
    names = list(next(iter(results.values())))
    lines = [f"| {title} | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for count, result in results.items():
        lines.append(f"| {count} words | " + " | ".join(shown(n, result[n]) for n in names) + " |")
    return "\n".join(lines)


def shown(name: str, value: float) -> str:
    return f"{value:.2f}" if name == "ratio" else f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--words", type=int, nargs="+", default=[8, 32, 64, 128])
    parser.add_argument("--edits", type=int, default=12)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with served() as (browser, app, floor):
        browsed = {n: measure(browser, app, floor, n, options.edits) for n in options.words}
    python = {n: in_python(n, options.edits) for n in options.words}
    print(table("browser, ms", browsed), table("Python alone, ms", python), sep="\n\n")
    if options.json:
        options.json.write_text(json.dumps({"browser": browsed, "python": python}, indent=1))


if __name__ == "__main__":
    main()
