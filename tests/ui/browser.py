"""Starting an app and a browser, and working the app in it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright

from beaconviz.ui.shell import share
from beaconviz.ui.shell.session import LINK
from tests.ui import patience
from tests.ui.app import WORKED

ROOT = Path(__file__).parents[2]
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WINDOW: ViewportSize = {"width": 1440, "height": 900}
PATIENCE = 1000 * patience.PATIENCE  # ms

# The share button lets the address follow the screen a while later.
IDLE = """() =>
  document.querySelector(".stApp").dataset.testScriptState === "notRunning" &&
  new URLSearchParams(location.search).get(beaconvizAddress.name) === beaconvizAddress.link"""

expect.set_options(timeout=PATIENCE)


def idle(page: Page) -> Page:
    """Wait until no run is under way. Before that a page that is replaced has some elements twice,
    and none of those that go may be clicked."""
    page.wait_for_function(
        "() => document.querySelector('.stApp').dataset.testScriptState === 'notRunning'"
    )
    return page


def with_worked_example(address: str) -> str:
    """An address of the app at which the Studio has the worked example of the sources."""
    return f"{address}?{LINK}={share.encode(WORKED)}"


@contextmanager
def serving(
    script: Path, log: Path, *, address: str = "localhost", arguments: Sequence[str] = ()
) -> Iterator[str]:
    """The address of a Streamlit app that runs inside the block, as `.streamlit` configures it."""
    port = _free_port()
    options = {
        "server.address": address,
        "server.port": port,
        "server.headless": "true",
        "server.fileWatcherType": "none",
    }
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [f"--{name}={value}" for name, value in options.items()]
    command += ["--", *arguments]
    with log.open("wb") as out:
        own = os.environ | {"XDG_CACHE_HOME": str(log.parent / "cache")}  # indexes are kept there
        server = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=own)
    try:
        _wait(f"http://localhost:{port}/_stcore/health", server, log)
        yield f"http://localhost:{port}/"
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, or Playwright's own where there is none."""
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


PICK_COLOR = """(canvas, [x, y]) => {
  const box = canvas.getBoundingClientRect();
  const [, , width, height] = canvas.closest(".grid").dataset.geometry.split(" ").map(Number);
  const ratio = canvas.width / box.width;
  const at = [x - box.left - width * 0.36, y - box.top - height * 0.36].map((v) => v * ratio);
  return [...canvas.getContext("2d").getImageData(...at, 1, 1).data.slice(0, 3)];
}"""


class Workbench:
    """The workbench on a page, as a person's hands and eyes."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.get_by_test_id("workbench")

    @classmethod
    def opened(cls, page: Page, address: str, **options: object) -> Workbench:
        """That of a harness, whose options travel in its address, as JSON but for texts."""
        texts = {name: v if isinstance(v, str) else json.dumps(v) for name, v in options.items()}
        page.goto(f"{address}?{urlencode(texts)}")
        return cls(page).settle()

    def settle(self) -> Workbench:
        """Wait until Python has answered everything and the answer is drawn."""
        expect(self.root).to_have_count(1)  # a page that is drawn anew has the old one for a moment
        self.root.and_(self.page.locator("[data-drawn]")).wait_for()
        self.page.wait_for_function(
            """root => { const { seq, echo, drawn } = root.dataset;
                         return Number(echo) >= Number(seq ?? 0) && drawn === echo; }""",
            arg=self.root.element_handle(),
        )
        return self

    def grid(self, name: str) -> Locator:
        """The scroller of "marker", "beacon", "baseline", "edited" or "change"."""
        return self.root.locator(f".{name} .grid")

    def cell(self, name: str, row: int, column: int) -> tuple[float, float]:
        """The middle of a cell on the page; -1 is the label of a row or a column."""
        grid = self.grid(name)
        head_w, head_h, width, height = map(float, grid.get_attribute("data-geometry").split())
        left, top = grid.evaluate("grid => [grid.scrollLeft, grid.scrollTop]")
        box = grid.bounding_box()
        x = head_w / 2 if column < 0 else head_w - left + (column + 0.5) * width
        y = head_h / 2 if row < 0 else head_h - top + (row + 0.5) * height
        return box["x"] + x, box["y"] + y

    def click(self, name: str, row: int, column: int, **options: str) -> Workbench:
        self.page.mouse.click(*self.cell(name, row, column), **options)
        return self.settle()

    def drag(self, name: str, start: tuple[int, int], end: tuple[int, int]) -> Workbench:
        mouse = self.page.mouse
        mouse.move(*self.cell(name, *start))
        mouse.down()
        mouse.move(*self.cell(name, *end), steps=4)
        mouse.up()
        return self.settle()

    def leave(self) -> Workbench:
        """Take the mouse away, so that nothing is marked."""
        self.page.mouse.move(0, 0)
        return self

    def press(self, *keys: str) -> Workbench:
        for key in keys:
            self.page.keyboard.press(key)
        return self.settle()

    def type(self, text: str) -> Workbench:
        self.page.keyboard.type(text)
        return self.settle()

    def color(self, name: str, row: int, column: int) -> list[int]:
        """Red, green and blue on the canvas, near a cell's corner, where no text is."""
        canvas = self.grid(name).locator("canvas")
        return canvas.evaluate(PICK_COLOR, self.cell(name, row, column))

    @property
    def status(self) -> str:
        return self.root.locator(".status").inner_text()

    @property
    def held(self) -> dict:
        """What Python holds, as the harness writes it below the workbench."""
        seq = self.root.get_attribute("data-echo")
        written = self.page.get_by_test_id("stCode").filter(has_text=f'"seq": {seq},')
        return json.loads(written.inner_text())

    @property
    def marker(self) -> list:
        return self.held["cells"][0]

    @property
    def beacon(self) -> list:
        return self.held["cells"][1]


class Studio:
    """The page, by what a person calls its parts."""

    def __init__(self, page: Page, address: str) -> None:
        """A bare address opens the worked example of the sources."""
        self.page = page
        page.set_default_timeout(PATIENCE)
        page.goto(with_worked_example(address) if address.endswith("/") else address)
        self.bench = Workbench(page).settle()

    def settle(self) -> Studio:
        """Wait until nothing runs, what it gave is drawn, and the address holds it."""
        self.page.wait_for_function(IDLE)
        self.bench.settle()
        return self

    @property
    def says(self) -> Locator:
        return self.bench.root.locator(".says")

    @property
    def said(self) -> str:
        """What `says` reads in the end."""
        return self.settle().says.inner_text()

    @property
    def link(self) -> str:
        """The address in the end."""
        return self.settle().page.evaluate("location.href")

    @property
    def alert(self) -> Locator:
        return self.page.get_by_test_id("stAlert")

    @property
    def box(self) -> Locator:
        return self.page.get_by_role("textbox", name="Text", exact=True)

    def linked(self, different_from: str) -> str:
        """The address once it is another one, while something runs on."""
        self.page.wait_for_function("old => location.href !== old", arg=different_from)
        return self.page.evaluate("location.href")

    def write(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")

    def take(self, model: str | Path) -> None:
        box = self.page.get_by_role("combobox", name="Model")
        box.fill(str(model))
        box.press("Enter")

    def press(self, name: str) -> None:
        """Click a button once the page is not being replaced."""
        idle(self.page)
        self.button(name).click()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def open_panel(self, name: str) -> None:
        self.page.get_by_role("radio", name=name, exact=True).click()

    def open_file(self, path: Path) -> None:
        self.page.get_by_test_id("stPopoverButton").click()
        self.page.locator("input[type=file]").set_input_files(path)

    @contextmanager
    def reopened(self) -> Iterator[Studio]:
        """A reload says the same, and so does the link on the screen of somebody who has never been
        here, which is given."""
        said, link = self.said, self.link
        self.page.reload()
        expect(self.says).to_have_text(said, use_inner_text=True)
        with self.page.context.browser.new_context(viewport=WINDOW) as other:
            theirs = Studio(other.new_page(), link)
            expect(theirs.says).to_have_text(said, use_inner_text=True)
            yield theirs


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + patience.PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the app did not start:\n{log.read_text()}")
