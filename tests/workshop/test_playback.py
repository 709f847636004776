"""What is shown of buyers, beside a naive walk through the touches of each; running totals beside the run's metrics."""

from functools import cache

import numpy as np
import pytest

import simulator as sim
from simulator.questions.frame.divergence import Histories
from simulator.questions.frame.player.playback import recorded
from simulator.questions.frame.player.trajectories import LOST, NO_DECISION, OPEN, PER_ROLE, WAITING, WON, Trajectories
from simulator.questions.frame.workers import Cancelled
from simulator.results.cohort import Cohort
from simulator.results.estimate import estimates
from simulator.results.frames import ACTIVITY, CASE, RESOURCE, TIMESTAMP
from simulator.results.summary import DAY
from simulator.scenario.schema import ScenarioError
from tests.engines.arms import NAME, arm

SHORT = ["run.warm_up_days=20", "run.cohort_days=40", "run.follow_up_days=120", "market.inquiries_per_year=4000",
         "market.journey.step_days=1", "organisations.relay_race.handoff.routing_hours=2"]  # fmt: skip
ROLES = ("marketer", "sdr", "rep")
STAGES = 6
DEALT = {"conversation", "answer", "meeting", "meeting_declined", "call_unanswered", "refused"}
GIVEN_UP = {"dropped", "recycled"}
ENDS = {"won": WON, "lost": LOST, "no_decision": NO_DECISION, "elsewhere": NO_DECISION}
OVER = GIVEN_UP | {"wish_given_up"} | set(ENDS)


@cache
def scenario():
    return sim.load_scenario("baseline", SHORT)


@cache
def run(name):
    return sim.simulate(scenario(), name, record="touches")


@cache
def show(most=1000):
    return recorded(scenario(), most=most)


def naive_track(events, arrived, horizon, access):
    """One buyer's states: who ends a wait says for whom it was; if nobody does, whom the buyer would have reached.

    Who goes on to another stage before its request is turned to is dealt with by whoever answers there, yet it waited
    for whom it had asked.
    """
    states, waits_since, asked, owned, passed, stage = [(arrived, 0)], None, None, False, False, 0
    for place, (at, what, _, now) in enumerate(events):
        stage = now
        if what in ("mql", "sql") or (what == "hand_raise" and waits_since is None):
            waits_since, asked = place, access[now // 2]
        elif what in DEALT | OVER:
            waits_since = None
        owned = what == "sql" or (owned and what not in GIVEN_UP)
        passed = what == "mql" or (passed and what not in GIVEN_UP | {"sql"})
        state = stage
        if waits_since is not None:
            later = [(one[1], one[2]) for one in events[place + 1 :]]
            end = next((k for k, (one, _) in enumerate(later) if one in DEALT | OVER), None)
            again = next((k for k, (one, _) in enumerate(later) if one in ("mql", "sql")), None)
            if end is not None and later[end][0] in DEALT and (again is None or again > end):
                role = ROLES.index(later[end][1].split()[0])
                stages = [one[3] for one in events[waits_since : place + end + 2]]
                if not owned and not passed and len({access[one // 2] for one in stages}) > 1:
                    assert role in {access[one // 2] for one in stages}
                    role = asked
            elif owned or passed:
                role = 2 if owned else 1
            else:
                role = asked
            state = WAITING + PER_ROLE * role + stage
        states.append((at, ENDS.get(what, state)))
    if states[-1][1] < WON:
        states.append((horizon, OPEN))
    kept = []
    for at, state in states:
        if kept and kept[-1][0] == at:
            kept.pop()
        if not kept or kept[-1][1] != state:
            kept.append((at, state))
    return kept


@pytest.mark.parametrize("name", ["relay_race", "integrated"])
def test_tracks_are_those_of_a_naive_walk_through_the_touches(name):
    result, trajectories = run(name), Trajectories.of(run(name))
    policy = scenario().organisations[name].access
    roles = {"marketer": 0, "sdr": 1, "rep": 2, "nobody": 1}
    access = [roles[getattr(policy, group)] for group in ("education", "solution", "selection")]
    start = np.datetime64(result.setup.arrivals.first_day, "us")
    touches = result.touches
    names = list(dict.fromkeys(touches["stage"].cat.categories))
    lives = {}
    for case, at, what, who, stage in zip(
        touches[CASE], touches[TIMESTAMP], touches[ACTIVITY], touches[RESOURCE], touches["stage"], strict=True
    ):
        us = int((at.to_datetime64() - start) / np.timedelta64(1, "us"))
        lives.setdefault(int(case.rpartition("/")[2]), []).append((us, what, who, names.index(stage)))
    waited = set()
    for place, (buyer, arrived) in enumerate(
        zip(result.journeys["buyer"], result.report.history["arrived_at"], strict=True)
    ):
        rows = slice(trajectories.first[place], trajectories.first[place + 1])
        found = list(zip(trajectories.at[rows].tolist(), trajectories.states[rows].tolist(), strict=True))
        assert found == naive_track(lives.get(int(buyer), []), int(arrived), int(result.setup.rules.horizon_us), access)
        waited |= {state for _, state in found}
    assert {WON, LOST, NO_DECISION, OPEN} <= waited and len(waited) > 15


def test_everyone_who_came_is_in_a_stage_waits_or_has_ended():
    shown = show()
    assert len(shown.buyers) == shown.of < 1000
    for one in shown.arms:
        for day in range(0, shown.days + 1, 3):
            now = shown.start_us + day * DAY
            state = [
                int(one.trajectories.states[k - 1])
                for a, b in zip(one.trajectories.first[:-1], one.trajectories.first[1:], strict=True)
                if (k := a + np.searchsorted(one.trajectories.at[a:b], now, side="right")) > a
            ]
            arrived = int((one.came & (shown.arrived_us <= now)).sum())
            researching = sum(s < STAGES for s in state)
            waiting = [
                sum(WAITING + PER_ROLE * r <= s < WAITING + PER_ROLE * r + STAGES for s in state) for r in range(3)
            ]
            ended = [state.count(end) for end in (WON, LOST, NO_DECISION)]
            cut = state.count(OPEN)
            assert arrived == researching + sum(waiting) + sum(ended) + cut
            series = one.series
            assert ended == [series.won[day], series.lost[day], series.no_decision[day]]
            if day < shown.days:
                assert waiting == series.waiting_cohort[:, day].tolist() and not cut


def test_running_totals_end_at_the_metrics_of_the_run():
    shown = show()
    for one in shown.arms:
        metrics = {key: found.value for key, found in estimates([one.summary]).items()}
        series = one.series
        assert series.won[-1] == metrics["wins"] == int((one.trajectories.states == WON).sum()) > 5
        assert series.revenue_usd[-1] == metrics["revenue"] == pytest.approx(one.paid_usd.sum())
        assert series.cost_usd[-1] == metrics["total_cost"] and series.cost_usd[0] == 0
        assert series.cost_usd[-1] / series.won[-1] == metrics["cost_per_won"]
        assert series.cost_usd[shown.cohort_days // 2] == pytest.approx(metrics["total_cost"] / 2)
        result = run(one.organisation)
        cohort = Cohort(result.setup, result.report)
        won = cohort["outcome"] == 1
        took, ended = (cohort["ended_at"] - cohort["arrived_at"])[won] / DAY, cohort["ended_at"][won]
        for day in range(shown.days + 1):
            some = took[ended <= shown.start_us + day * DAY]
            assert series.won[day] == len(some)
            if len(some):
                assert series.median_days[day] == np.quantile(some, 0.5, method="inverted_cdf")
            else:
                assert np.isnan(series.median_days[day])


def test_the_median_ends_at_the_metric_when_no_journey_is_cut_off():
    # Who has no project may wait for one for years.
    changes = [*SHORT, "run.follow_up_days=3000", "mechanisms.projects=false"]
    shown = recorded(sim.load_scenario("baseline", changes), ["relay_race"])
    (one,) = shown.arms
    assert one.summary.sums["open"] == 0 and one.series.won[-1] > 10
    assert one.series.median_days[-1] == estimates([one.summary])["cycle_time_median"].value


def test_waits_are_the_lines_and_the_work_when_nothing_else_delays_and_nobody_is_called_again():
    lean = arm({"sales.attempts": 1, "calendar.always_on": True, "roles.sdr.headcount": 1, "roles.rep.headcount": 1})
    result = sim.simulate(lean, NAME, record="touches")
    trajectories, horizon = Trajectories.of(result), int(result.setup.rules.horizon_us)
    ends = np.append(trajectories.at[1:], horizon)
    ends[trajectories.first[1:] - 1] = horizon
    waits = (trajectories.states >= WAITING + PER_ROLE) & (trajectories.states < WAITING + PER_ROLE + STAGES)
    area = float((ends - trajectories.at)[waits].sum())
    worked = float(result.report.people["worked_us"][result.setup.person_role == 1].sum())
    line = float(result.report.queues["area_ms"][1]) * 1000
    # Whoever ends its journey while it is being served waits no longer, but the work goes on.
    assert line > 0.2 * worked > 0 and area == pytest.approx(line + worked, rel=0.02)
    # A wait for a rep holds the whole wait for an owner.
    waits = (trajectories.states >= WAITING + 2 * PER_ROLE) & (trajectories.states < WON)
    assert (ends - trajectories.at)[waits].sum() >= result.report.queues["area_ms"][2] * 1000 > 0


def test_a_sample_is_the_same_in_every_organisation_even_and_grows_without_change():
    everybody, some, few = show(), show(120), show(60)
    assert len(some.buyers) == 120 and some.of == everybody.of and set(few.buyers) <= set(some.buyers)
    assert (np.diff(some.arrived_us) >= 0).all()
    thirds = np.searchsorted(everybody.arrived_us, some.arrived_us) * 3 // everybody.of
    assert (np.abs(np.bincount(thirds, minlength=3) - 40) <= 6).all()
    place = np.searchsorted(everybody.buyers, some.buyers, sorter=np.argsort(everybody.buyers))
    place = np.argsort(everybody.buyers)[place]
    for one, other in zip(everybody.arms, some.arms, strict=True):
        assert (one.series.won == other.series.won).all() and (one.series.waiting == other.series.waiting).all()
        only = one.trajectories.only(place)
        assert [a.tolist() for a in vars(only).values()] == [a.tolist() for a in vars(other.trajectories).values()]
        for name in ("came", "paid_usd", "asked_again", "handoffs"):
            assert (getattr(one, name)[place] == getattr(other, name)).all()
    for name in ("segment", "channel", "members", "complexity", "deal_value_usd"):
        assert (getattr(everybody, name)[place] == getattr(some, name)).all()


def test_what_is_known_of_buyers_is_what_the_journeys_say():
    shown, last = show(120), show(120).arms[-1]
    journeys = run(last.organisation).journeys.set_index("buyer").reindex(shown.buyers)
    assert (journeys["segment"].notna().to_numpy() == last.came).all() and not last.came.all()
    rows = journeys[last.came]
    assert [shown.segments[k] for k in shown.segment[last.came]] == rows["segment"].astype(str).tolist()
    assert [shown.channels[k] for k in shown.channel[last.came]] == rows["channel"].astype(str).tolist()
    assert shown.deal_value_usd[last.came].tolist() == rows["deal_value_usd"].tolist()
    assert last.asked_again[last.came].tolist() == rows["asked_again"].tolist()
    assert last.paid_usd[last.came].tolist() == rows["value_usd"].tolist()
    whole = Histories.of(run(last.organisation), np.ones(len(run(last.organisation).journeys), bool))
    for buyer in shown.buyers[:20]:
        assert last.lives.of_buyer(buyer).tolist() == (
            whole.of_buyer(buyer).tolist() if last.lives.has(np.array([buyer]))[0] else []
        )


def test_only_the_asked_organisations_are_run_in_a_replication_with_what_stands_in_for_the_engine():
    seen = []

    def stand_in(lived, name, **how):
        seen.append((name, how["replication"], how["record"]))
        return sim.simulate(lived, name, **how)

    shown = recorded(scenario(), ["integrated"], replication=3, most=10, simulate=stand_in)
    assert seen == [("integrated", 3, "touches")] and [one.organisation for one in shown.arms] == ["integrated"]
    assert shown.replication == 3 and shown.first_day.isoformat() == "2024-01-21" and len(shown.buyers) == 10


def test_who_no_longer_wants_it_gets_nothing_and_wrong_asks_are_refused():
    calls = []

    def after_the_first():
        calls.append(1)
        return len(calls) > 2

    one_thread = sim.load_scenario("baseline", [*SHORT, "run.threads=1"])
    with pytest.raises(Cancelled):
        recorded(one_thread, cancelled=after_the_first)
    assert len(calls) == 3
    with pytest.raises(ScenarioError, match="most must be at least 1, got 0"):
        recorded(scenario(), most=0)
    with pytest.raises(ScenarioError, match="must name organisations"):
        recorded(scenario(), ["nobody"])


def test_nobody_is_a_show_too():
    nobody = sim.load_scenario("baseline", ["run.warm_up_days=0", "run.cohort_days=1", "run.follow_up_days=2",
                                            "market.inquiries_per_year=1"])  # fmt: skip
    shown = recorded(nobody)
    assert shown.of == len(shown.buyers) == 0 and len(shown.arms) == 3
    for one in shown.arms:
        assert (
            one.series.won.tolist() == [0] * 4
            and one.trajectories.first.tolist() == [0]
            and one.series.cost_usd[-1] > 0
        )
