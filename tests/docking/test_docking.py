"""The two engines agree: every event of every buyer, every queue and every person, bit for bit."""

import copy
import gc
import weakref
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.engines.compiled.loop import run as run_compiled
from simulator.engines.lowering import draw_arrivals, lower
from simulator.engines.reference import Engine, model
from simulator.engines.report import differences
from simulator.model.words import Activity, Outcome
from simulator.scenario.composing import load_scenario
from simulator.scenario.scenario import Scenario
from tests.docking.scenarios import scenarios

RELAXED = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck), "database": None}


def docked(scenario: Scenario, organisation: str, seed: int, replication: int = 0) -> Any:
    """Both engines on one scenario; asserts that they agree, and returns the report."""
    streamed = copy.deepcopy(scenario)
    streamed.market.leads.path = ""
    setup = lower(scenario, organisation, seed, replication, draw_arrivals(streamed, seed, replication, grows=True))
    reference = Engine(setup, record=True).run_to_end()
    compiled = run_compiled(setup, record=True)
    assert differences(reference, compiled) == []
    return compiled


def happened(report: Any) -> set[str]:
    """What happens to anybody in a run."""
    log, history = report.log, report.history
    open_, dormant = history["outcome"] == Outcome.OPEN, history["project"] == 0
    buyers = {activity: set(log["buyer"][log["activity"] == activity].tolist()) for activity in Activity}
    others = {
        "came dormant": history["came_dormant"].any(),
        "came dormant and won": (history["came_dormant"] & (history["outcome"] == Outcome.WON)).any(),
        "dormant at the end": (open_ & dormant).any(),
        "answered": (history["answered_at"] >= 0).any(),
        "asked in vain": ((history["requested_at"] >= 0) & (history["answered_at"] < 0)).any(),
        "came back after a pause": buyers[Activity.PROJECT_PAUSED] & buyers[Activity.PROJECT_BEGAN],
        "signed later": buyers[Activity.CHOSE_US] & buyers[Activity.WON],
        "won at a deadline": buyers[Activity.DEADLINE] & buyers[Activity.WON],
        "voted again": (history["votes"] > 1).any(),
        "served itself": history["self_served"].any(),
        "left a line": report.queues["left"].any(),
    }
    found = {activity.name for activity in Activity if buyers[activity]}
    found |= {f"outcome {outcome.name}" for outcome in Outcome if (history["outcome"] == outcome).any()}
    return found | {name for name, whoever in others.items() if whoever}


#: What happens in runs in which little is out of the ordinary; `OWN_PIECE` is only told, by a study.
USUAL = {
    "came dormant", "dormant at the end", "answered", "asked in vain", "left a line", "came back after a pause",
    "WISH_GIVEN_UP", "PROJECT_BEGAN", "PROJECT_PAUSED", "ELSEWHERE", "MEETING", "CALL_UNANSWERED", "WON", "LOST",
}  # fmt: skip
ALL = {activity.name for activity in Activity} - {"OWN_PIECE"} | {f"outcome {outcome.name}" for outcome in Outcome}
ALL |= USUAL | {"came dormant and won", "signed later", "won at a deadline", "voted again", "served itself"}


def test_engines_agree_on_random_scenarios() -> None:
    """And the scenarios reach what buyers do on their own, in lines and with people."""
    times: Counter[str] = Counter()

    @settings(max_examples=24, **RELAXED)
    @given(scenarios(), st.integers(0, 2**63 - 1))
    def tried(scenario: Scenario, seed: int) -> None:
        times.update(happened(docked(scenario, "drawn", seed)))

    tried()
    assert USUAL - set(times) == set()


def test_engines_agree_where_everything_happens() -> None:
    """Deals are many, groups vote again, quarters end with deadlines, and who has no project comes back or does not."""
    ours = "organisations.integrated."
    scenario = load_scenario(
        "baseline",
        ["run.warm_up_days=0", "run.cohort_days=150", "run.follow_up_days=60", "market.inquiries_per_year=1200",
         "market.fit_mean_logit=1.5", "market.projects.share=0.7", "market.projects.starts_per_year=4",
         "market.projects.pauses_per_year=3", "market.projects.pause_days=10", "market.preference.base=-2",
         "market.journey.distraction_days=0", "market.journey.step_days=2", "market.rivals.gain=0.01",
         "market.group.doubt_low=0.1", "market.group.doubt_high=0.8", "market.group.vote_again_days=5",
         "market.group.most_votes=4", "market.closing.sign_days=8", ours + "sales.qualify_threshold=0.3",
         ours + "sales.accept_threshold=0.3", ours + "scoring.threshold=0.6", ours + "quarter_end.window_days=14",
         ours + "quarter_end.deadline_share=0.8", ours + "quarter_end.deadline_loss=0.3",
         ours + "quarter_end.signing_pull=0.5", ours + "quarter_end.discount=0.1"],
    )  # fmt: skip
    assert ALL - happened(docked(scenario, "integrated", seed=2)) == set()


@pytest.mark.long
def test_engines_agree_on_thousands_of_random_scenarios() -> None:
    """And everything happens in some of them."""
    times: Counter[str] = Counter()

    @settings(max_examples=3000, **RELAXED)
    @given(scenarios(), st.integers(0, 2**63 - 1), st.integers(0, 10**6))
    def tried(scenario: Scenario, seed: int, replication: int) -> None:
        times.update(happened(docked(scenario, "drawn", seed, replication)))

    tried()
    assert ALL - set(times) == set()


@pytest.mark.parametrize(
    "name, organisation",
    [("baseline", "relay_race"), ("baseline", "integrated"), ("transactional", "aligned"), ("enterprise", "integrated"),
     ("overload", "relay_race")],
)  # fmt: skip
def test_engines_agree_on_the_shipped_scenarios(name: str, organisation: str) -> None:
    scenario = load_scenario(name, ["run.warm_up_days=0", "run.cohort_days=120", "run.follow_up_days=30"])
    scenario.market.inquiries_per_year = min(scenario.market.inquiries_per_year, 2000.0)
    report = docked(scenario, organisation, seed=5)
    assert report.events > 1000


def test_engines_agree_when_everything_happens_at_the_same_instants() -> None:
    """Fixed durations on a common calendar: ties everywhere, decided by the stated order alone."""
    scenario = load_scenario(
        "overload",
        ["run.warm_up_days=0", "run.cohort_days=40", "run.follow_up_days=20", "market.inquiries_per_year=3000",
         "organisations.relay_race.effort.spread=0", "organisations.relay_race.handoff.pickup_hours=0",
         "organisations.relay_race.handoff.routing_hours=8",
         "organisations.relay_race.handoff.request_hours=0", "organisations.relay_race.sales.retry_days=1",
         "organisations.relay_race.nurture.every_days=1", "market.journey.anonymous_touches_mean=0",
         "organisations.relay_race.roles.sdr.headcount=9", "organisations.relay_race.scoring.threshold=0.4",
         "organisations.relay_race.sales.accept_threshold=0.6"],
    )  # fmt: skip
    setup = lower(scenario, "relay_race", 3, 0)
    arrivals = setup.arrivals
    arrivals.at_us[:] = (arrivals.at_us // 86_400_000_000) * 86_400_000_000
    reference = Engine(setup, record=True).run_to_end()
    compiled = run_compiled(setup, record=True)
    assert differences(reference, compiled) == []
    served = compiled.log[compiled.log["person"] >= 0]
    buyers_at: dict[int, set[int]] = {}
    for at, buyer in zip(served["at"].tolist(), served["buyer"].tolist(), strict=True):
        buyers_at.setdefault(at, set()).add(buyer)
    assert sum(len(buyers) > 1 for buyers in buyers_at.values()) > 100  # there were ties between buyers to decide


def test_a_difference_would_be_found() -> None:
    """The check itself: two seeds do not agree."""
    scenario = load_scenario("baseline", ["run.warm_up_days=0", "run.cohort_days=20", "run.follow_up_days=0"])
    one = run_compiled(lower(scenario, "relay_race", 1, 0), record=True)
    other = run_compiled(lower(scenario, "relay_race", 2, 0), record=True)
    assert differences(one, other) != []


@pytest.mark.long
def test_a_fault_at_a_number_in_the_middle_of_its_range_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """One engine takes a number one too high, if it is neither the default nor an end of its range."""
    in_the_middle = {"silent_follow_ups": 3, "attempts": 3, "max_open_deals": 2}
    plain = model._plain

    def wrong(rules: Any) -> Any:
        taken = plain(rules)
        for name, number in in_the_middle.items():
            setattr(taken, name, getattr(taken, name) + (getattr(taken, name) == number))
        return taken

    monkeypatch.setattr(model, "_plain", wrong)
    differs: list[int] = []

    @settings(max_examples=100, **RELAXED)
    @given(scenarios(), st.integers(0, 2**63 - 1))
    def tried(scenario: Scenario, seed: int) -> None:
        sales = scenario.organisations["drawn"].sales
        if not differs and any(getattr(sales, name) == number for name, number in in_the_middle.items()):
            try:
                docked(scenario, "drawn", seed)
            except AssertionError:
                differs.append(seed)

    tried()
    assert differs


@pytest.mark.long
def test_whole_numbers_are_drawn_everywhere_in_their_range() -> None:
    """Of the ten numbers of open deals between the ends most come in 300 scenarios; the default is none of them."""
    drawn = set()

    @settings(max_examples=300, **RELAXED)
    @given(scenarios())
    def tried(scenario: Scenario) -> None:
        drawn.update(chosen.sales.max_open_deals for chosen in scenario.organisations.values())

    tried()
    assert {1, 12} < drawn <= set(range(1, 13)) and len(drawn) >= 8


def test_a_difference_in_the_load_of_one_review_would_be_found() -> None:
    scenario = load_scenario("baseline", ["run.warm_up_days=0", "run.cohort_days=60", "run.follow_up_days=0"])
    setup = lower(scenario, "integrated", 1, 0)
    one, other = run_compiled(setup), run_compiled(setup)
    other.load[0, 1]["worked_us"] += 1
    assert [found.split("[")[0] for found in differences(one, other)] == ["load.worked_us"]


def test_a_reference_run_is_forgotten() -> None:
    """Mesa's counters of agents would keep every model alive; a study with the reference engine must not grow."""
    scenario = load_scenario("baseline", ["run.warm_up_days=0", "run.cohort_days=20", "run.follow_up_days=0"])
    engine = Engine(lower(scenario, "relay_race", 1, 0))
    engine.run_to_end()
    forgotten = weakref.ref(engine)
    del engine
    gc.collect()
    assert forgotten() is None


def test_a_full_log_is_handed_over_and_the_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = load_scenario("baseline", ["run.warm_up_days=0", "run.cohort_days=30", "run.follow_up_days=0"])
    setup = lower(scenario, "integrated", 1, 0)
    whole = run_compiled(setup, record=True)
    monkeypatch.setattr("simulator.engines.compiled.loop.LOG_ROWS_AT_ONCE", 64)
    assert differences(whole, run_compiled(setup, record=True)) == []
    monkeypatch.setattr("simulator.engines.compiled.log_windows._ROWS_PER_WINDOW", 100)
    assert differences(whole, run_compiled(setup, record=True)) == []
