"""The pictures of the workshop in docs/, taken from the running page: ``make workshop-pictures``."""

import sys
import tempfile
from pathlib import Path

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
            host.click(".poll .big:not([disabled])", timeout=60_000)
            host.wait_for_function("document.body.dataset.shown && Workshop.player", timeout=60_000)
            host.wait_for_function("document.querySelector('#progress').hidden", timeout=60_000)
            host.evaluate("document.activeElement.blur(); Workshop.player.pause(); Workshop.player.seek(90)")
            host.wait_for_timeout(1500)
            file = Path(folder, "workshop.png")
            host.screenshot(path=file)
            print(f"wrote {file}")
        finally:
            server.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
