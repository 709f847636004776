"""The player in a real browser, opened from disk as a report is."""

import base64
import math
from functools import cache

import numpy as np
import pytest

import simulator as sim
from simulator.questions.frame import player
from simulator.questions.frame.numbers import count, words
from simulator.questions.frame.player.playback import recorded
from simulator.questions.frame.player.trajectories import WON
from simulator.results.estimate import estimates
from tests.workshop.made_up_playback import EVIL, evil, tame

PLAYER = "document.querySelector('.bj').player"
YEAR = ["market.inquiries_per_year=900"]


@cache
def show():
    """Three organisations and a thousand buyers."""
    return recorded(sim.load_scenario("baseline", YEAR), most=1000)


@pytest.fixture
def opened(page, tmp_path):
    """Opens fragments on one page from disk, when their players are ready."""

    def open_fragments(*fragments, **how):
        file = tmp_path / "page.html"
        body = "\n".join(fragments)
        head = '<meta charset="utf-8"><title>Buyers</title><meta name="viewport" content="width=device-width">'
        file.write_text(f'<!doctype html><html lang="en">{head}<body style="margin:0">{body}</body></html>', "utf-8")
        shown = page(file.as_uri(), **how)
        shown.wait_for_function("[...document.querySelectorAll('.bj')].every((one) => one.player)")
        return shown

    return open_fragments


@pytest.fixture(scope="module")
def fragment():
    return player.fragment(show())


def test_the_counters_end_at_the_metrics_of_the_run(opened, fragment):
    shown = opened(fragment)
    assert shown.evaluate(f"{PLAYER}.day()") == 0 and not shown.evaluate(f"{PLAYER}.playing()")
    shown.keyboard.press("End")
    state = shown.evaluate(f"{PLAYER}.state()")
    assert state["day"] == show().days and len(state["dots"]) == 3
    for got, arm in zip(state["dots"], show().arms, strict=True):
        metrics = {key: found.value for key, found in estimates([arm.summary]).items()}
        assert got["arm"] == words(arm.organisation) and got["won"] == metrics["wins"] > 10
        assert (got["revenue"], got["cost"]) == (metrics["revenue"], metrics["total_cost"])
        assert got["cost"] / got["won"] == metrics["cost_per_won"]
        assert got["noDecision"] == arm.series.no_decision[-1] and got["waiting"] == arm.series.waiting[:, -1].tolist()
        # Words for those who do not see the canvas, and nothing to scroll for on a projector.
        shown.wait_for_function(
            f"(document.querySelector('.bj canvas[role=img]').ariaLabel || '').includes('{got['won']} won')"
        )
    assert shown.evaluate("document.documentElement.scrollHeight") <= 720
    assert shown.locator(".bj-note").inner_text().startswith(
        f"One of 20 repetitions; {count(len(show().buyers))} of {count(show().of)} buyers shown"
        if len(show().buyers) < show().of else f"One of 20 repetitions; all {count(show().of)} buyers shown"
    )  # fmt: skip


def test_keys_move_the_day(opened, fragment):
    shown = opened(fragment)

    def day():
        return shown.evaluate(f"{PLAYER}.day()")

    steps = {
        "ArrowRight": 1,
        "Shift+ArrowRight": 11,
        "ArrowLeft": 10,
        "Shift+ArrowLeft": 0,
        "End": show().days,
        "Home": 0,
    }
    for key, expected in steps.items():
        shown.keyboard.press(key)
        assert day() == expected
    shown.evaluate("document.body.append(Object.assign(document.createElement('input'), {id: 'other'}))")
    shown.focus("#other")
    shown.keyboard.press("End")
    assert day() == 0
    shown.evaluate("document.activeElement.blur()")
    shown.keyboard.press(" ")
    assert shown.evaluate(f"{PLAYER}.playing()")
    shown.wait_for_function(f"{PLAYER}.day() > 3")
    shown.keyboard.press(" ")
    assert not shown.evaluate(f"{PLAYER}.playing()")
    shown.get_by_label("Day", exact=True).focus()
    shown.keyboard.press("ArrowRight")  # the range's own key
    assert day() == math.floor(day())
    shown.get_by_role("button", name="Play").click()
    shown.get_by_role("button", name="50 days a second").click()
    shown.wait_for_function(f"{PLAYER}.day() > 60")
    assert shown.locator(".bj-clock").inner_text().startswith("day ")


def test_what_is_seen_does_not_depend_on_the_way_there(opened, fragment):
    shown = opened(fragment, reduced_motion="reduce")
    picture = f"""(day) => new Promise((done) => {{
        {PLAYER}.seek(day);
        setTimeout(() => done(document.querySelector('.bj canvas[role=img]').toDataURL()), 150);
    }})"""
    straight = shown.evaluate(picture, 300)
    shown.evaluate(picture, 500)
    assert shown.evaluate(picture, 300) == straight
    shown.evaluate(picture, 120)
    assert shown.evaluate(picture, 300) == straight
    assert shown.evaluate(picture, 301) != straight


def test_a_click_on_a_dot_tells_its_lives(opened):
    """With channel budgets that stay, so that every buyer comes to every organisation."""
    played = recorded(sim.load_scenario("baseline", [*YEAR, "mechanisms.budget=false"]), most=1000)
    shown = opened(player.fragment(played))
    shown.evaluate(f"{PLAYER}.seek(200); {PLAYER}.onpick = (dot) => {{ window.told = dot; }}")
    shown.wait_for_timeout(900)
    box = shown.locator(".bj canvas[role=img]").bounding_box()
    spot = shown.evaluate("""() => {
        const pen = document.querySelector('.bj canvas[role=img]').getContext('2d');
        const { data, width } = pen.getImageData(0, 0, 930, 180); // researching buyers of the first lane
        for (let i = 0; i < data.length; i += 4) if (data[i] === 0x8d && data[i + 1] === 0x9a && data[i + 2] === 0xa8) {
            return [(i / 4) % width, Math.floor(i / 4 / width) + 2];
        }
        return null;
    }""")
    shown.mouse.click(box["x"] + spot[0], box["y"] + spot[1])
    dot = shown.evaluate("window.told")
    panel = shown.get_by_role("dialog")
    table = panel.inner_text()
    first, *others = [arm.lives.of_buyer(int(played.buyers[dot])).tolist() for arm in played.arms]
    part = "lives part here" if any(life != first for life in others) else "its lives never part"
    assert panel.is_visible() and "the same in all" in table and part in table
    assert f"number {played.buyers[dot]}." in table
    shown.keyboard.press("Escape")
    assert not panel.is_visible() and shown.evaluate("window.told") == dot  # still marked
    shown.keyboard.press("Escape")
    assert shown.evaluate("window.told") is None


def test_lives_are_told_as_they_were_recorded(opened, fragment):
    shown, arms = opened(fragment), show().arms
    ends = np.array([[arm.trajectories.states[last - 1] for last in arm.trajectories.first[1:]] for arm in arms])
    ends[~np.array([arm.came for arm in arms])] = 0
    won_by_some = (ends == WON).any(axis=0) & (ends != WON).any(axis=0)
    flipped = int(np.flatnonzero(won_by_some & (ends > 0).all(axis=0))[0])
    shown.evaluate(f"{PLAYER}.pick({flipped})")
    told = shown.evaluate("""() => [...document.querySelectorAll('.bj-panel tbody tr')].map((row) =>
        [...row.querySelectorAll('td')].map((cell) => [...cell.children].map((line) => line.innerText)))""")
    marks = [i for i, cells in enumerate(told) if cells == [[], []]]
    lives = [arm.lives.of_buyer(int(show().buyers[flipped])).tolist() for arm in arms]
    shared = sum(len(cells[0]) for cells in told[marks[0] : marks[1]] if cells[0])
    assert len(marks) == 2 and shared > 3 and all(life[:shared] == lives[0][:shared] for life in lives)
    assert len({str(life[shared : shared + 1]) for life in lives}) > 1
    for column, life in enumerate(lives):
        # What happens at one instant in all lives alike is told once.
        lines = [line for cells in told[marks[1] + 1 : -1] for line in cells[column if len(cells) > 1 else 0]]
        assert len(lines) == len(life) - shared
    final = told[-1]
    assert "won for" in final[int(np.flatnonzero(ends[:, flipped] == WON)[0])][0]


def test_without_lives_a_pick_is_told_and_marked_only(opened):
    shown = opened(player.fragment(tame(), lives=False))
    shown.evaluate(f"{PLAYER}.onpick = (dot) => {{ window.told = dot; }}; {PLAYER}.pick(3)")
    assert shown.evaluate("window.told") == 3 and not shown.locator(".bj-panel").is_visible()
    shown.evaluate(f"{PLAYER}.pick(null)")
    assert shown.evaluate("window.told") is None


def test_names_are_never_markup_and_players_do_not_clash(opened):
    shown = opened(player.fragment(evil()), player.fragment(tame()))
    first, second = (f"document.querySelectorAll('.bj')[{i}].player" for i in (0, 1))
    shown.evaluate(f"{first}.pick(0); {second}.seek(9)")
    assert EVIL[:12] in shown.locator(".bj-panel").first.inner_text()
    assert shown.evaluate("[window.hit, document.images.length]") == [None, 0]
    assert shown.evaluate(f"[{first}.day(), {second}.day()]") == [0, 9]
    shown.evaluate(f"{first}.destroy(); {second}.seek(10)")
    assert shown.evaluate(f"{second}.day()") == 10 and shown.locator("canvas[role=img]").count() == 1


def test_an_update_keeps_the_day_and_the_buyer(opened):
    shown = opened(player.fragment(tame()))
    data = player.payload(recorded(tame().scenario, ["relay_race", "integrated"], most=30), lives=True)
    again = np.frombuffer(base64.b64decode(data["buyers"]["u32"]), "<u4")
    kept = int(np.flatnonzero(np.isin(tame().buyers, again))[-1])
    shown.evaluate(f"{PLAYER}.seek(20); {PLAYER}.speed(20); {PLAYER}.pick({kept})")
    shown.evaluate(f"(data) => {PLAYER}.update(data)", data)
    assert shown.evaluate(f"{PLAYER}.day()") == 20
    assert str(tame().buyers[kept]) in shown.locator(".bj-panel").inner_text()
    assert shown.locator("button[aria-pressed=true]").inner_text() == "20"


def test_three_thousand_dots_move_smoothly(opened, fragment, capsys):
    shown = opened(fragment)
    shown.evaluate(f"{PLAYER}.seek(60); {PLAYER}.play()")
    shown.wait_for_timeout(2500)
    frames = shown.evaluate(f"{PLAYER}.fps()")
    with capsys.disabled():
        print(f"\n{len(show().arms)} x {len(show().buyers):,} dots: {frames:.0f} frames a second")
    assert frames > 0


def test_it_fits_a_phone_and_prints_its_end(opened, fragment):
    shown = opened(fragment, width=390, height=844, device_scale_factor=2, has_touch=True, is_mobile=True)
    assert shown.evaluate("document.documentElement.scrollWidth") <= 390
    shown.emulate_media(media="print")
    shown.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert shown.evaluate(f"{PLAYER}.day()") == show().days and not shown.locator(".bj-controls").is_visible()
    shown.evaluate("dispatchEvent(new Event('afterprint'))")
    assert shown.evaluate(f"{PLAYER}.day()") == 0


def test_who_wants_less_motion_gets_no_autoplay(page):
    for wish, plays in (("reduce", False), ("no-preference", True)):
        shown = page(reduced_motion=wish)
        shown.set_content(f"<body><div id=here></div><script>{player.script()}</script></body>")
        shown.evaluate(
            "(data) => { window.one = BuyerJourneys.player(here, data, {autoplay: true}); }",
            player.payload(tame(), False),
        )
        assert shown.evaluate("one.playing()") == plays
