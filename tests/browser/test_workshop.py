"""The workshop as a room uses it: a real server, real browsers, and numbers that equal those of a comparison."""

import io
import re
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest

from simulator.questions.compare.work import compare
from simulator.questions.frame.player.playback import recorded
from simulator.scenario.composing import load_scenario
from simulator.workshop.rounds import headlines
from tests.browser.served import Server

MARKUP = '<img src=x onerror="document.title=1">'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server(tmp_path_factory.mktemp("workshop"), f"question='{MARKUP}'")
    yield started
    log = started.stop()
    assert "Traceback" not in log and "Exception" not in log, log


@pytest.fixture
def room(page: Callable[..., Any], server: Server) -> Callable[..., Any]:
    """Opens a room of its own; ``reveal`` shows its result too."""

    def open_room(reveal: bool = True, **how: Any) -> Any:
        host = page(server.url, **how)
        host.click("text=Open a room")
        host.wait_for_selector(".poll .big:not([disabled])", timeout=30_000)
        if reveal:
            host.click(".poll .big")
            shown(host)
        return host

    return open_room


def shown(host: Any) -> str:
    """Wait for something to watch; what it was fetched from."""
    host.wait_for_function("document.body.dataset.shown && Workshop.player", timeout=30_000)
    return str(host.evaluate("document.body.dataset.shown"))


def idle(host: Any) -> None:
    host.wait_for_function("document.querySelector('#progress').hidden", timeout=60_000)


#: What a hand at a slider does.
_MOVE = """([selector, position]) => {
    const slider = document.querySelector(selector);
    slider.value = position;
    for (const what of ["input", "change"]) slider.dispatchEvent(new Event(what, {bubbles: true}));
}"""


def changed(host: Any, before: str) -> None:
    """Wait until the result is not what it was."""
    host.wait_for_function("was => document.querySelector('.result').innerText !== was", arg=before, timeout=30_000)


def move(host: Any, key: str, position: int) -> float:
    """Put a lever at a stop and wait for the new result; how many seconds it took."""
    before = host.inner_text(".result")
    started = time.perf_counter()
    host.evaluate(_MOVE, [f".lever[data-key='{key}'] input", position])
    changed(host, before)
    return time.perf_counter() - started


def numbers(host: Any, server: Server) -> pd.DataFrame:
    """The numbers of the round that is shown, as a browser downloads them."""
    path = host.url.removeprefix(server.url)
    return pd.read_csv(io.StringIO(httpx.get(f"{server.url}{path}/round.csv").text))


@cache
def compared(*overrides: str) -> Any:
    return compare(load_scenario("workshop", overrides))


def test_a_moved_slider_changes_the_numbers_to_those_of_a_comparison_to_the_digit(room: Any, server: Server) -> None:
    host = room()
    for overrides in ((), ("organisations.integrated.coordination.hours_per_teammate_week=1",)):
        if overrides:
            print(f"from a slider to the new result: {move(host, 'coordination/integrated', 5):.2f} s")
        expected = compared(*overrides)
        told = numbers(host, server)
        pd.testing.assert_frame_equal(told, expected.metrics, check_exact=True, check_dtype=False)
        for row in headlines(expected):
            cells = host.inner_text(f"tr[data-metric={row.key}]").split("\t")
            said = [f"{value} ±{half}" for value, half in row.estimates]
            said += [f"{gap.text} {gap.interval}" for gap in row.differences]
            assert [" ".join(cell.split()) for cell in cells[1:]] == said
    assert "from 0.25 hours a week to 1 hour a week" in host.inner_text(".changed")
    assert "relay race: exactly as before" in host.inner_text(".changed")
    code = host.evaluate("document.querySelector('details code').textContent")
    assert code.startswith("python -m simulator scenario=workshop organisations.integrated.coordination.hours")
    host.click("text=Undo")
    host.wait_for_function("document.querySelector('.lever[data-key=\"coordination/integrated\"] input').value === '2'")


def test_the_player_plays_by_keys_ends_at_the_run_and_shows_both_lives_of_a_dot(room: Any, server: Server) -> None:
    host = room()
    host.evaluate("document.activeElement.blur()")
    idle(host)
    host.evaluate("Workshop.player.pause()")
    host.keyboard.press("Home")
    assert host.evaluate("Workshop.player.day()") == 0
    host.keyboard.press("ArrowRight")
    assert host.evaluate("Workshop.player.day()") == 1
    host.keyboard.press("Space")
    host.wait_for_function("Workshop.player.day() > 20")
    rate = host.evaluate("Workshop.player.fps()")
    print(f"frames a second, two organisations of a thousand buyers: {rate:.0f}")
    host.keyboard.press("Space")
    assert not host.evaluate("Workshop.player.playing()")
    host.keyboard.press("End")
    scenario = load_scenario("workshop")
    ended = {arm.organisation: arm.series for arm in recorded(scenario).arms}
    for lane, series in zip(host.evaluate("Workshop.player.state()")["dots"], ended.values(), strict=True):
        assert (lane["won"], lane["lost"]) == (series.won[-1], series.lost[-1])
        assert (lane["cost"], lane["revenue"]) == (series.cost_usd[-1], series.revenue_usd[-1])
    host.click("role=tab >> text=Debrief")
    host.click("text=Show one that integrated loses")
    host.wait_for_selector(".bj-panel .why", timeout=30_000)
    assert "On day" in host.inner_text(".bj-panel .why")
    days = host.locator(".bj-panel tbody th").all_inner_texts()
    assert len(days) > 3 and "relay race" in host.inner_text(".bj-panel thead").lower()
    parted = re.search(r"On day ([\d,.]+),", host.inner_text(".bj-panel .why"))
    marked = re.search(r"on day ([\d,.]+)", host.inner_text(".bj-panel table").lower())
    assert parted and marked  # the player has days in steps of a 65,535th of the show
    assert abs(float(parted[1]) - float(marked[1])) < 0.11


def test_two_phones_guess_and_the_reveal_sets_them_against_the_result(room: Any, page: Any, server: Server) -> None:
    host = room(reveal=False)
    assert "hidden" in host.inner_text(".result") and MARKUP in host.inner_text(".poll")
    code = host.inner_text(".code")
    phones = [page(f"{server.url}/guess?code={code.lower()}", width=390, height=844) for _ in range(2)]
    for phone, first, name in zip(phones, ("integrated", "relay_race"), ("Ada <i>x</i>", "Bo"), strict=True):
        phone.check(f"input[value={first}]")
        phone.fill("input[name=points]", "1.5")
        phone.fill("input[name=name]", name)
        phone.click("button.big")
        phone.wait_for_selector(".done")
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    host.wait_for_function("document.querySelector('.count').innerText.startsWith('2 people')")
    assert "Ada <i>x</i>" in host.inner_text(".names") and host.locator(".names i").count() == 0
    host.click(".poll .big")
    sheet = host.inner_text(".sheet")
    (gap,) = next(row for row in headlines(compared()) if row.key == "win_rate_inquiries").differences
    assert f"Integrated wins the largest share of the inquiries: {gap.text.removeprefix('+')} points" in sheet
    assert "Nearest: Ada <i>x</i>, Bo." in sheet
    host.wait_for_function("Workshop.player")
    assert not host.evaluate("Workshop.player.playing()")  # nobody sees it yet
    host.keyboard.press("Escape")
    host.wait_for_function("Workshop.player.playing()")
    for phone, said in zip(phones, ("the right one", "not the one"), strict=True):
        phone.wait_for_selector(f"text={said}", timeout=10_000)
        assert f"place {1 + phones.index(phone)} of 2" in phone.inner_text("main")


def test_the_debrief_is_chosen_by_itself_and_the_saved_session_opens_without_a_network(
    room: Any, page: Any, tmp_path: Path
) -> None:
    host = room()
    host.click("role=tab >> text=Rounds")
    host.fill("#round-name", "as it <b>was</b>")
    host.click("text=Keep")
    host.wait_for_selector(".kept li")
    host.click("role=tab >> text=Debrief")
    idle(host)
    host.click("text=Debrief this round")
    host.wait_for_selector(".sheet svg", timeout=120_000)
    sheet = host.inner_text(".sheet")
    assert host.locator(".stories section").count() == 3 and "What the gap is made of" in sheet
    host.keyboard.press("Escape")
    host.wait_for_selector(".sheet", state="detached")
    with host.expect_download() as download:
        host.click("text=Save the session")
    file = tmp_path / "workshop.html"
    download.value.save_as(file)
    assert file.stat().st_size < 2_000_000
    saved = page(file.as_uri(), offline=True)
    assert "as it <b>was</b>" in saved.inner_text("main") and saved.locator("main b b").count() == 0
    assert saved.locator("svg").count() >= 1 and saved.locator(".stories section").count() == 3
    saved.wait_for_function("document.querySelector('.bj').player")
    saved.evaluate("document.querySelector('.bj').player.seek(1e9)")
    assert saved.evaluate("document.querySelector('.bj').player.state().dots[0].won") > 5


def test_two_rooms_do_not_see_each_others_levers_or_guesses(room: Any) -> None:
    one, other = room(), room()
    assert one.url != other.url
    before = other.inner_text(".result")
    move(one, "sdrs", 0)
    idle(one)
    assert other.inner_text(".result") == before
    assert other.evaluate("document.querySelector('.lever[data-key=sdrs] input').value") == "1"
    again = other.context.new_page()
    again.goto(one.url)  # a second screen of the first room sees what the first sees
    again.wait_for_function("document.querySelector('.lever[data-key=sdrs] input').value === '0'", timeout=20_000)
    shown(again)
    assert again.inner_text(".result") == one.inner_text(".result")


def test_thirty_guess_at_once_while_the_host_moves_levers(room: Any, server: Server) -> None:
    host = room(reveal=False)
    code = host.inner_text(".code")
    answers: list[int] = []

    def guesser(number: int) -> None:
        with httpx.Client(base_url=server.url, follow_redirects=True, timeout=30) as client:
            client.get(f"/guess/{code}")
            sent = {"first": "integrated", "points": str(number / 10), "name": f"P{number}"}
            answers.append(client.post(f"/guess/{code}", data=sent).status_code)

    people = [threading.Thread(target=guesser, args=(number,)) for number in range(30)]
    for one in people:
        one.start()
    host.evaluate("emitEvent('act', {do: 'move', key: 'reps', position: 0})")  # refused, once somebody has guessed
    for one in people:
        one.join()
    assert answers == [200] * 30
    host.wait_for_function("document.querySelector('.count').innerText.startsWith('30 people')")


def test_the_page_survives_whatever_is_sent_by_hand(room: Any, server: Server) -> None:
    host = room()
    before = host.inner_text(".result")
    for sent in (
        "null", "1", "'x'", "[]", "{}", "{do: 'nothing'}", "{do: ['move']}", "{do: {a: 1}}", "{do: '__class__'}",
        "{do: 'move'}", "{do: 'move', key: 'reps', position: 99}", "{do: 'move', key: 'reps', position: -1}",
        "{do: 'move', key: 'reps', position: 1.5}", "{do: 'move', key: 'reps', position: '1'}",
        "{do: 'move', key: {}, position: 1}", "{do: 'move', key: 'organisations.x', position: 0}",
        "{do: 'organisations', value: 'relay_race'}", "{do: 'organisations', value: ['relay_race', {}]}",
        "{do: 'organisations', value: ['relay_race', '<b>', 'integrated']}", "{do: 'keep', value: {}}",
        "{do: 'recall', value: 7}", "{do: 'recall'}", "{do: 'guesses'}", "{do: 'side-by-side'}",
        "{do: 'keep', value: '<script>document.title=2</script>'}",
    ):  # fmt: skip
        host.evaluate(f"emitEvent('act', {sent})")
    for dot in ("-1", "1e9", "'0'", "{}", "[1]", "true", "NaN"):
        host.evaluate(f"emitEvent('pick', {dot})")
    host.evaluate("emitEvent('nothing', 1)")
    host.wait_for_function("document.querySelector('#said').innerText.length > 0")
    host.wait_for_timeout(500)
    assert host.inner_text(".result") == before and host.title().startswith("Workshop")
    token = host.url.rpartition("/")[2]
    paths = ("none/show/1.json", "none/round.csv", "none/session.html", "none", f"{token}/show/x.json",
             f"{token}/show/..%2f..%2fetc", "%00", "")  # fmt: skip
    for path in (f"/room/{one}" for one in paths):
        answer = httpx.get(server.url + path)
        assert answer.status_code in (200, 404, 422) and "Traceback" not in answer.text, path
    assert httpx.post(f"{server.url}/rooms", content=b"x" * 100_000).status_code == 413
    assert httpx.get(server.url, headers={"host": "evil.example"}).status_code == 421
    move(host, "heat", 0)


def test_a_huge_message_costs_its_sender_the_line_and_nobody_else_anything(
    room: Any, browser: Any, server: Server
) -> None:
    other = room()
    sender = browser.new_page()  # its console may complain
    sender.goto(server.url)
    sender.click("text=Open a room")
    sender.click(".poll .big:not([disabled])", timeout=30_000)
    shown(sender)
    sender.evaluate("emitEvent('act', {do: 'move', key: 'x'.repeat(3e6), position: 0})")
    move(other, "heat", 0)
    sender.reload()
    shown(sender)
    move(sender, "heat", 0)
    sender.close()


def test_a_browser_that_is_closed_in_the_middle_of_a_run_frees_its_work(room: Any, server: Server) -> None:
    host = room()
    idle(host)
    host.evaluate("emitEvent('act', {do: 'debrief'})")
    host.wait_for_function("!document.querySelector('#progress').hidden")
    host.wait_for_timeout(1500)
    busy = server.cpu_seconds()
    time.sleep(1)
    assert server.cpu_seconds() - busy > 0.4
    host.context.close()
    for _ in range(20):  # the browser is given some seconds to come back
        before = server.cpu_seconds()
        time.sleep(1)
        if server.cpu_seconds() - before < 0.2:
            return
    raise AssertionError("still working for nobody")


def test_who_comes_back_finds_what_was_broken_off_done(room: Any, page: Any) -> None:
    host = room()
    idle(host)
    address, before = host.url, host.inner_text(".result")
    host.evaluate("emitEvent('act', {do: 'move', key: 'heat', position: 5})")
    host.wait_for_function("document.querySelector('.lever[data-key=heat] input').value === '5'")
    host.context.close()
    time.sleep(4)  # the server has given the browser up
    again = page(address)
    again.wait_for_function("document.querySelector('.result').innerText.includes('30 days')", timeout=30_000)
    assert again.inner_text(".result") != before
    again.click("role=tab >> text=Debrief")
    again.wait_for_selector("text=Show one that integrated loses >> visible=true")
    idle(again)
    again.click("text=Show one that integrated loses")
    again.wait_for_selector(".bj-panel .why")


def test_it_listens_on_this_machine_alone(server: Server) -> None:
    port = int(server.url.rpartition(":")[2])
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = [row[1].split(":")[0] for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == port]
    assert listening == ["0100007F"]  # 127.0.0.1, bytes from the lowest
    six = Path("/proc/net/tcp6")
    assert not six.exists() or f":{port:04X} " not in six.read_text()


def test_everything_fits_a_projector_and_a_phone_and_can_be_reached_by_keys(room: Any) -> None:
    host = room()
    assert host.evaluate("document.documentElement.scrollHeight <= innerHeight + 1")
    assert host.evaluate("document.querySelector('.bj-stage canvas').getBoundingClientRect().height") > 250
    unnamed = host.evaluate(
        "[...document.querySelectorAll('input:not([type=hidden])')].filter((one) => !one.labels?.length &&"
        " !one.getAttribute('aria-label') && !one.closest('label')).map((one) => one.outerHTML)"
    )
    assert unnamed == []
    assert " won," in host.get_attribute(".bj-stage canvas", "aria-label")
    slider = host.locator(".lever[data-key='access/integrated'] input")
    slider.focus()
    assert "Source: " in host.inner_text(".lever[data-key='access/integrated'] .tip")
    before = host.inner_text(".result")
    slider.press("ArrowLeft")
    changed(host, before)
    phone = room(width=390, height=844)
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")
