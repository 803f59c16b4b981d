"""Fixtures for tests that use the app in a real browser."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.ui.browser import PATIENCE, ROOT, WINDOW, chromium, serving
from tests.ui.closed import Closed


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Start an app of the repository, once: `serve("app.py")` is its address."""
    addresses: dict[str, str] = {}
    with ExitStack() as apps:

        def start(script: str) -> str:
            if script not in addresses:
                log = tmp_path_factory.mktemp("app") / "log.txt"
                addresses[script] = apps.enter_context(serving(ROOT / script, log))
            return addresses[script]

        yield start


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> Closed:
    """Have the app without a browser offer only what ships and what the arguments name."""

    def start(*arguments: str) -> None:
        monkeypatch.setattr(sys, "argv", ["app.py", "--closed", *arguments])

    return start


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def new_context(browser: Browser) -> Iterator[Callable[[], BrowserContext]]:
    """Make a person: nothing stored, a 1440 × 900 window, a clipboard, patience."""
    with ExitStack() as contexts:

        def make() -> BrowserContext:
            context = browser.new_context(
                viewport=WINDOW, permissions=["clipboard-read", "clipboard-write"]
            )
            context.set_default_timeout(PATIENCE)
            contexts.callback(context.close)
            return context

        yield make


@pytest.fixture
def context(new_context: Callable[[], BrowserContext]) -> Iterator[BrowserContext]:
    """A person who has never been here."""
    context = new_context()
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which a script error fails the test."""
    page = context.new_page()
    if rate := os.environ.get("SLOWER"):  # SLOWER=10: as on a machine that is ten times slower
        session = context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": float(rate)})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert not errors
