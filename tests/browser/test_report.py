"""A report in a real browser: opened from disk without network, it asks for nothing, says nothing wrong, and prints."""

import io
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from simulator.questions.frame.report.page import Page, fitted
from simulator.questions.registry import run_and_report
from simulator.scenario.composing import load_scenario
from tests.results.fake_journeys import fake_scenario, fake_simulate


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "run"
    run_and_report(fake_scenario("relay_race", "aligned", "integrated"), folder, simulate=fake_simulate)
    return folder / "report.html"


def opened(browser: Any, report: Path, width: int = 1100) -> tuple[Any, list[str], list[str]]:
    """The page, what it asked for, and what went wrong."""
    page = browser.new_context(viewport={"width": width, "height": 800}, offline=True).new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(report.as_uri())
    page.wait_for_load_state("networkidle")
    return page, asked, wrong


def test_it_opens_from_disk_and_asks_for_nothing(browser: Any, report: Path) -> None:
    page, asked, wrong = opened(browser, report)
    assert asked == [report.as_uri()] and wrong == []
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("img", name=re.compile("How long until buyers have bought")).count() == 1
    assert page.get_by_role("rowheader", name="win rate of inquiries").count() == 3  # at the top, in full, and defined
    page.get_by_role("link", name="Method and seed").click()
    assert page.evaluate("document.querySelector('#method').getBoundingClientRect().top") < 800


def test_a_real_runs_report_has_its_buyers_to_watch(browser: Any, tmp_path: Path) -> None:
    small = ["run.replications=2", "run.cohort_days=60", "run.warm_up_days=30", "run.follow_up_days=120"]
    found = run_and_report(load_scenario("baseline", small), tmp_path / "run")
    file = tmp_path / "run" / "report.html"
    assert file.stat().st_size < 2_000_000
    page, asked, wrong = opened(browser, file)
    assert asked == [file.as_uri()] and wrong == []
    page.wait_for_function("document.querySelector('.bj').player")
    page.evaluate("document.querySelector('.bj').player.seek(1e9)")
    lanes = page.evaluate("document.querySelector('.bj').player.state().dots")
    assert [lane["won"] for lane in lanes] == [
        found.summaries[name][0].sums["won"] for name in found.organisations
    ]  # the first repetition


_LEAVING = """async address => {
    const gone = [fetch(address + "fetched").catch(() => 0)];
    gone.push(new Promise(done => {
        const image = new Image();
        image.onload = image.onerror = done;
        image.src = address + "image.png";
        document.body.append(image);
    }));
    await Promise.all(gone);
}"""


def test_what_would_leave_the_page_is_stopped(browser: Any, report: Path, tmp_path: Path) -> None:
    met: list[str] = []

    class Listening(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            met.append(self.path)
            self.send_error(404)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    free = tmp_path / "free.html"
    free.write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", report.read_text()))
    with ThreadingHTTPServer(("127.0.0.1", 0), Listening) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for file, asked in ((report, []), (free, ["/fetched", "/image.png"])):
            page = browser.new_page()
            page.goto(file.as_uri())
            page.evaluate(_LEAVING, f"http://127.0.0.1:{server.server_port}/")
            assert sorted(met) == asked, file.name
        server.shutdown()


def test_what_is_inlined_runs(browser: Any, tmp_path: Path) -> None:
    player = "<canvas id='film'></canvas><script>document.getElementById('film').dataset.ran = 'yes'</script>"
    page = Page("a", "b?", ["c."], [], [], ["d"], [("Seed", "1")], "e", player=player)
    (tmp_path / "page.html").write_text(fitted(page, [(player, "")]), encoding="utf-8")
    shown, asked, wrong = opened(browser, tmp_path / "page.html")
    assert shown.locator("#film").get_attribute("data-ran") == "yes" and wrong == [] and len(asked) == 1


@pytest.mark.parametrize("width", [360, 1100])
def test_nothing_is_wider_than_the_screen(browser: Any, report: Path, width: int) -> None:
    page, _, _ = opened(browser, report, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    inside = "[...document.querySelectorAll('svg.figure text')].every(one => one.getBBox().width > 0)"
    assert page.evaluate(inside)


def test_it_prints_with_tables_whole_and_without_what_is_for_screens(browser: Any, report: Path) -> None:
    page, _, _ = opened(browser, report)
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation").is_visible() and not page.locator("details").is_visible()
    page.set_viewport_size({"width": 688, "height": 1000})  # A4 between its margins, 96 to the inch
    widest = page.evaluate("Math.max(...[...document.querySelectorAll('table, svg.figure')].map(t => t.scrollWidth))")
    assert widest <= 688
    document = io.BytesIO(page.pdf(prefer_css_page_size=True)).getvalue()
    pages = [int(count) for count in re.findall(rb"/Type\s*/Pages.{0,80}?/Count (\d+)", document, re.DOTALL)]
    assert document.startswith(b"%PDF") and 4 <= max(pages) <= 12
