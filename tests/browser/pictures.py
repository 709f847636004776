"""The pictures of the workshop in docs/, taken from the running page: ``make workshop-pictures``."""

import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.served import Server


def main(folder: str = "docs/figures") -> None:
    """Open a room, reveal, let some months pass, and take what a room sees."""
    with tempfile.TemporaryDirectory() as logs, sync_playwright() as playwright:
        server = Server(Path(logs))
        try:
            host = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS).new_page(
                viewport={"width": 1280, "height": 720}
            )
            host.goto(server.url)
            host.click("text=Open a room")
            _guess(server.url, host.inner_text(".code"))
            host.click(".poll .big:not([disabled])", timeout=60_000)
            _take(host, Path(folder, "workshop_guesses.png"))
            host.keyboard.press("Escape")
            host.wait_for_function("document.body.dataset.shown && Workshop.player", timeout=60_000)
            host.wait_for_function("document.querySelector('#progress').hidden", timeout=60_000)
            host.evaluate("document.activeElement.blur(); Workshop.player.pause(); Workshop.player.seek(90)")
            host.wait_for_timeout(1500)
            _take(host, Path(folder, "workshop.png"))
        finally:
            server.stop()


def _guess(url: str, code: str) -> None:
    """What a room of thirty made up might guess."""
    for number in range(30):
        first = "relay_race" if number % 7 == 0 else "" if number % 9 == 1 else "integrated"
        points = round(0.2 + 4.3 * (number * 0.618 % 1) ** 1.5, 1)
        with httpx.Client(base_url=url, follow_redirects=True) as client:
            client.get(f"/guess/{code}")
            sent = {"first": first, "points": str(points), "name": f"{'ABCDEFGHIJ'[number % 10]}. {number + 1}"}
            client.post(f"/guess/{code}", data=sent)


def _take(host: Any, file: Path) -> None:
    host.wait_for_timeout(500)
    host.screenshot(path=file)
    print(f"wrote {file}")


if __name__ == "__main__":
    main(*sys.argv[1:])
