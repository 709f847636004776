"""A real browser, and pages that complain: whatever a page reports, or asks of the network, fails its test."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
#: Where a page may ask for something.
ALLOWED = ("file://", "http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's chromium, or the one that CHROMIUM names."""
    if shutil.which(CHROMIUM) is None:
        pytest.skip(f"there is no chromium at {CHROMIUM}; set CHROMIUM to where one is")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Callable[..., Any]]:
    """What opens pages: ``page(url=None, width=1280, height=720, **context)``, as for a new browser context.

    At the end of the test no page may have had an error, a message of level error on its console, or asked for
    anything that is not a file or on this machine.
    """
    contexts: list[Any] = []
    wrong: list[str] = []

    def open_page(url: str | None = None, width: int = 1280, height: int = 720, **context: Any) -> Any:
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, **context))
        contexts[-1].set_default_timeout(10_000)
        opened = contexts[-1].new_page()
        opened.on("console", lambda said: said.type == "error" and wrong.append(f"console: {said.text}"))
        opened.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        opened.on("request", lambda asked: asked.url.startswith(ALLOWED) or wrong.append(f"request: {asked.url}"))
        opened.on("websocket", lambda asked: asked.url.startswith(ALLOWED) or wrong.append(f"socket: {asked.url}"))
        if url is not None:
            opened.goto(url)
        return opened

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []
