"""What the player is given, unpacked again beside what is to be shown; and that its HTML holds no surprise."""

import base64
import gzip
import json
import re
from functools import cache

import numpy as np

import simulator as sim
from simulator.model.words import Activity, Role, Topic
from simulator.questions.frame import player
from simulator.questions.frame.event_words import EVENTS
from simulator.questions.frame.player.playback import recorded
from simulator.questions.frame.style import PALETTE
from tests.workshop.made_up_playback import EVIL, evil

KINDS = {"u8": "<u1", "u16": "<u2", "u32": "<u4", "f32": "<f4", "f64": "<f8"}
SHORT = ["run.warm_up_days=10", "run.cohort_days=30", "run.follow_up_days=60", "market.inquiries_per_year=2000"]


@cache
def show():
    return recorded(sim.load_scenario("baseline", SHORT), most=80)


def unpacked(value):
    """As the page reads it, after a journey through text."""
    if isinstance(value, list):
        return [unpacked(one) for one in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (kind := next(iter(value))) in KINDS:
        return np.frombuffer(base64.b64decode(value[kind]), KINDS[kind])
    return {name: unpacked(one) for name, one in value.items()}


def given(lives=True):
    return unpacked(json.loads(json.dumps(player.payload(show(), lives), allow_nan=False)))


def test_tracks_and_totals_come_through():
    shown, got = show(), given()
    assert got["buyers"].tolist() == shown.buyers.tolist() and got["of"] == shown.of > 80
    assert got["days"] == 90 and got["cohort_days"] == 30 and got["replication"] == 1 and got["replications"] == 20
    assert [one["name"] for one in got["arms"]] == ["relay race", "aligned", "integrated"]
    assert [one["colour"] for one in got["arms"]] == list(PALETTE[:3])
    step = 1 / got["steps_per_day"]
    assert got["steps_per_day"] == 65535 // 90
    for one, arm in zip(got["arms"], shown.arms, strict=True):
        assert one["first"].tolist() == arm.trajectories.first.tolist() and one["headcount"] == list(arm.headcount)
        assert one["states"].tolist() == arm.trajectories.states.tolist()
        late = one["at"] * step - shown.days_of(arm.trajectories.at)
        assert late.min() >= -1e-9 and late.max() <= step
        for name in ("won", "lost", "no_decision", "revenue_usd", "cost_usd"):
            assert one[name].tolist() == getattr(arm.series, name).tolist()  # to the last digit
        assert np.array_equal(one["median_days"], arm.series.median_days, equal_nan=True)
        assert [line.tolist() for line in one["waiting"]] == arm.series.waiting.tolist()
        assert one["asked_again"].tolist() == arm.asked_again.astype(np.float32).tolist()


def test_dots_and_numbers_agree_on_every_day():
    shown = recorded(sim.load_scenario("baseline", SHORT), most=1000)
    got = unpacked(player.payload(shown, lives=False))
    assert len(shown.buyers) == shown.of
    for one in got["arms"]:
        for day in range(got["days"]):
            until = one["at"] <= day * got["steps_per_day"]
            begin, end = one["first"][:-1].astype(int), one["first"][1:].astype(int)
            rows = np.append(0, np.cumsum(until))
            last = begin + rows[end] - rows[begin] - 1
            last = last[(np.diff(one["first"]) > 0) & (last >= one["first"][:-1])]
            states = np.bincount(one["states"][last], minlength=36)
            assert states[32:35].tolist() == [one[name][day] for name in ("won", "lost", "no_decision")]
            waiting = states[8:32].reshape(3, 8).sum(axis=1)
            assert waiting.tolist() == [line[day] for line in one["waiting_cohort"]]


def test_a_long_show_has_room_for_its_days():
    assert player.steps_per_day(730) == 89 and player.steps_per_day(65_535) == player.steps_per_day(73_000) == 1


def test_lives_stand_by_buyer_and_arm():
    shown, got = show(), given()
    lives, arms = got["lives"], len(shown.arms)
    assert 0 < lives["shared"].min() + 1 < lives["shared"].max()
    assert given(lives=False)["lives"] is None and len(lives["first"]) == 80 * arms + 1
    for dot in range(0, 80, 7):
        for position, arm in enumerate(shown.arms):
            rows = slice(*lives["first"][dot * arms + position :][:2])
            events = arm.lives.of_buyer(int(shown.buyers[dot]))
            assert lives["activity"][rows].tolist() == events["activity"].tolist()
            assert np.allclose(lives["at"][rows] / got["steps_per_day"], shown.days_of(events["at"]), atol=0.002)
            together = lives["shared"][dot]
            assert (
                events[:together].tolist() == shown.arms[0].lives.of_buyer(int(shown.buyers[dot]))[:together].tolist()
            )
            who = lives["who"][rows].astype(int)
            assert (who // 4 - 1).tolist() == events["topic"].tolist()
            assert (who % 4 - 1).tolist() == events["role"].tolist()


def test_it_speaks_in_plain_words():
    got = given()
    assert got["activities"] == [EVENTS[activity.name.lower()] for activity in Activity]
    assert got["topics"][Topic.WHY_US] == "why us" and got["stages"][0] == "loosening status quo"
    assert got["roles"][Role.SDR] == ["SDR", "SDRs"] and not any(
        "_" in name for name in got["stages"] + got["segments"]
    )


def test_a_fragment_holds_its_data_packed_if_it_is_much(monkeypatch):
    small = player.fragment(show(), lives=False)
    assert small == player.fragment(show(), lives=False)  # the same bytes again
    monkeypatch.setattr(player, "_SMALL", 1000)
    whole = player.fragment(show())
    packed = re.search(r'embed\(\S+Sibling,"([^"]+)","gzip"\);</script>', whole)
    plain = re.search(r'embed\(\S+Sibling,(\{.*\}),""\);</script>', small)
    assert packed and plain
    assert json.loads(gzip.decompress(base64.b64decode(packed[1]))) == player.payload(show())
    assert json.loads(plain[1]) == player.payload(show(), lives=False)
    for one in (whole, small):
        assert [one.count(tag) for tag in ("<style>", "</style>", "<script>", "</script>")] == [1, 1, 1, 1]


def test_six_hundred_buyers_with_their_lives_weigh_less_than_700_kb():
    scenario = sim.load_scenario("baseline", ["market.inquiries_per_year=750"])
    shown = recorded(scenario, most=600)
    assert len(shown.buyers) == 600 and len(shown.arms) == 3
    assert len(player.fragment(shown).encode()) < 700_000


def test_names_cannot_end_the_script_or_become_markup():
    whole = player.fragment(evil(), lives=False)
    assert len(whole.split("</script>")) == 2 and "<!--" not in whole and "<img" not in whole
    assert "\u2028" not in whole and "\u2029" not in whole
    data = re.search(r'Sibling,(\{.*\}),""\)', whole)
    got = json.loads(data[1])
    assert got["arms"][0]["name"] == EVIL.replace("_", " ") and EVIL in got["segments"] and EVIL in got["channels"]


def test_the_script_may_stand_in_a_page_twice_and_names_no_organisation():
    code = player.script()
    assert code.startswith("(function") and "if (window.BuyerJourneys) return;" in code and "innerHTML" not in code
    assert not re.search(
        r"https?:|//\w|url\(|@import|<link|src=|fetch\(|XMLHttp", code + player.style()
    )  # needs no network
    assert not re.search("relay|integrated|aligned", code + player.style()) and "</" not in code and "<!--" not in code
