"""Contact does not harm, in the shipped scenarios: a talk more loses no wins, and who is served buys more.

Everything is paired: the same buyers with and without. Error bound: three standard errors of the difference, of gained
and lost buyers by the sign test or of the mean over replications.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import numpy as np
import pytest

import simulator as sim
from simulator.engines.lowering import draw_arrivals, lower
from simulator.engines.reference import Engine
from simulator.model import journey, talking
from simulator.model.numerics import DAY_US
from simulator.model.words import Activity, Attention, LeadStatus, Outcome, Role
from simulator.scenario.checked import Checked, check

ERRORS = 3.0
NAME = "relay_race"
MARKETS = ("baseline", "transactional", "enterprise")
#: Numbers of tasks that no buyer comes to: the luck of further talks, which leaves all other luck as it is.
FURTHER = 60_000


@contextmanager
def further_talks(role: Role, every_days: float, most: int, handed_over: bool) -> Iterator[list[int]]:
    """Every known buyer has talks that nobody pays for: at its inquiry, and at steps so many days later each time.

    If it is handed over, who talks to it next knows as little of the talk as of any other.
    """
    research, talks = journey.research, [0]

    def with_talk(t: Any, b: Any, h: Any, g: Any, rules: Any, key: Any, now: int) -> None:
        research(t, b, h, g, rules, key, now)
        had, last = vars(t).get("further", (0, 0))
        known = b["status"] != LeadStatus.ANONYMOUS and b["attention"] == Attention.FREE
        due = had == 0 or now >= last + every_days * DAY_US
        if b["outcome"] != Outcome.OPEN or not known or had >= most or not due:
            return
        t.further = had + 1, now
        talks[0] += 1
        kept = {name: b[name] for name in ("task_no", "task_stage", "piece", "piece_topic", "piece_is_own", "minutes")}
        b["task_no"], b["task_stage"], b["minutes"] = FURTHER + had, b["stage"], rules.answer_minutes
        b["began_at"] = now
        if handed_over:
            talking.hand_over(b, h, rules, role)
        talking.bring_piece(t, b, h, rules, role, now)
        talking.talk(t, b, h, g, rules, key, 0, role, now, Activity.ANSWER)
        b.update(kept)

    with mock.patch.object(journey, "research", with_talk):
        yield talks


def who_won(scenario: Checked, replication: int) -> np.ndarray:
    """Which buyers of the cohort bought; nobody comes after it."""
    arrivals = draw_arrivals(scenario.lived, 11, replication).before(scenario.run.cohort_days * DAY_US)
    history = Engine(lower(scenario, NAME, 11, replication, arrivals)).run_to_end().history
    return np.asarray(history["outcome"] == Outcome.WON)


def assert_a_talk_more_does_not_harm(
    name: str, role: Role, cohort_days: int, replications: int, handed_over: bool = False
) -> None:
    """Two talks of this role for each known buyer, at its inquiry and a fortnight later, that take nobody's time."""
    scenario = check(sim.load_scenario(name, ["run.warm_up_days=0", f"run.cohort_days={cohort_days}"]))
    wins = gained = lost = 0
    for replication in range(replications):
        without = who_won(scenario, replication)
        with further_talks(role, every_days=14.0, most=2, handed_over=handed_over) as talks:
            with_them = who_won(scenario, replication)
        assert talks[0] > 0.8 * len(without)
        wins += int(without.sum())
        gained += int((with_them & ~without).sum())
        lost += int((without & ~with_them).sum())
    assert wins > 4 * replications
    assert gained - lost >= -ERRORS * math.sqrt(gained + lost), (name, role, wins, gained, lost)


def test_a_talk_more_does_not_harm() -> None:
    assert_a_talk_more_does_not_harm("transactional", Role.SDR, cohort_days=30, replications=1)


@pytest.mark.long
@pytest.mark.parametrize(("name", "cohort_days"), [("baseline", 120), ("transactional", 60), ("enterprise", 240)])
@pytest.mark.parametrize("role", [Role.MARKETER, Role.SDR])
@pytest.mark.parametrize("handed_over", [False, True])
def test_a_talk_more_does_not_harm_in_any_market(name: str, cohort_days: int, role: Role, handed_over: bool) -> None:
    assert_a_talk_more_does_not_harm(name, role, cohort_days, replications=6, handed_over=handed_over)


# --- whole runs -------------------------------------------------------------------------------------------------------


def difference(name: str, one: list[str], other: list[str], outcome: Outcome = Outcome.WON, replications: int = 4,
               organisation: str = NAME) -> tuple[float, float]:  # fmt: skip
    """Buyers of the cohort with this outcome, the one way less the other: the mean over replications, and its error."""
    scenarios = [check(sim.load_scenario(name, overrides)) for overrides in (one, other)]
    found = []
    for replication in range(replications):
        counts = []
        for scenario in scenarios:
            result = sim.simulate(scenario, organisation, seed=3, replication=replication)
            h, rules = result.report.history, result.setup.rules
            cohort = (h["arrived_at"] >= int(rules.warm_up_us)) & (h["arrived_at"] < int(rules.cohort_end_us))
            counts.append(int(np.sum(cohort & (h["outcome"] == outcome))))
        found.append(counts[0] - counts[1])
    return float(np.mean(found)), float(np.std(found, ddof=1) / math.sqrt(replications))


def of(**values: float) -> list[str]:
    return [f"organisations.{NAME}.{path.replace('__', '.')}={value}" for path, value in values.items()]


#: So many people that nobody waits, and no hours spent together.
PLENTY = [*of(roles__marketer__headcount=60, roles__sdr__headcount=60, roles__rep__headcount=400),
          "mechanisms.coordination=false", "run.warm_up_days=0"]  # fmt: skip


@pytest.mark.parametrize("name", MARKETS)
def test_serving_everybody_wins_more_than_refusing_everybody(name: str) -> None:
    served, refused = ([*PLENTY, *of(sales__accept_threshold=threshold, sales__qualify_threshold=threshold)]
                       for threshold in (-100.0, 100.0))  # fmt: skip
    waits = sim.simulate(sim.load_scenario(name, served), NAME, seed=3).report.queues
    assert waits["wait_ms"].sum() == 0 < waits["served"].sum()
    mean, error = difference(name, served, refused)
    assert mean > ERRORS * error and mean > 0


@pytest.mark.parametrize("name", MARKETS)
def test_an_answer_that_comes_sooner_wins_more(name: str) -> None:
    soon, late = ([*of(handoff__request_hours=hours, handoff__request_sigma=0.0)] for hours in (0.25, 20.0))
    mean, error = difference(name, soon, late)
    assert mean > ERRORS * error and mean > 5


def test_recycling_keeps_projects_from_ending_elsewhere() -> None:
    mean, error = difference("baseline", of(recycling__share=1.0), of(recycling__share=0.0), Outcome.ELSEWHERE)
    assert mean < -ERRORS * error and mean < -10


@pytest.mark.parametrize("name", ["baseline", "enterprise"])
def test_fewer_contradictions_win_more(name: str) -> None:
    chances = [of(consistency__contradiction_chance=chance) for chance in (0.0, 1.0)]
    mean, error = difference(name, *chances, replications=6)
    assert mean > ERRORS * error


def test_context_that_is_kept_wins_more() -> None:
    mean, error = difference("enterprise", of(handoff__context_kept=1.0), of(handoff__context_kept=0.0), replications=6)
    assert mean > ERRORS * error


def test_support_lets_more_groups_agree() -> None:
    """Of the groups that a rep has met and that came to a vote, fewer disagreed if each member got its piece."""
    differences = []
    for replication in range(4):
        shares = []
        for support in (1.0, 0.0):
            scenario = sim.load_scenario("enterprise", of(support__share=support))
            h = sim.simulate(scenario, NAME, seed=3, replication=replication).report.history
            voted = (h["opportunity_at"] >= 0) & (h["votes"] > 0)
            agreed_at_last = np.isin(h["outcome"], (Outcome.WON, Outcome.LOST))
            shares.append(float(np.mean((h["votes"] - agreed_at_last)[voted] > 0)))
        differences.append(shares[0] - shares[1])
    assert np.mean(differences) < -ERRORS * np.std(differences, ddof=1) / 2.0


@pytest.mark.long
def test_support_wins_more_where_groups_are_large() -> None:
    mean, error = difference("enterprise", of(support__share=1.0), of(support__share=0.0), replications=16)
    assert mean > ERRORS * error


def test_who_persists_wins_more() -> None:
    often, once = (of(sales__attempts=attempts, sales__retry_chance=1.0) for attempts in (6, 1))
    mean, error = difference("baseline", often, once, replications=6)
    assert mean > ERRORS * error


@pytest.mark.parametrize("name", ["baseline", "enterprise"])
def test_a_better_piece_wins_more(name: str) -> None:
    """Reps find nothing, and make a piece for every meeting, on which more of a talk hangs than by default."""
    made = {"findability__hit_chance": 0.0, "content__piece_share": 0.6}
    better, worse = (of(**made, content__own_piece_match=match) for match in (1.0, 0.1))
    mean, error = difference(name, better, worse, replications=6)
    assert mean > ERRORS * error


#: A cause, and what makes it vanish: then two values that part the organisation's results come to the same.
WITHOUT_CAUSE = {
    "an answer that comes sooner": ("handoff__request_hours", (0.25, 20.0), ["mechanisms.speed=false"]),
    "a service level": ("handoff__sla_hours", (1.0, 2000.0), ["mechanisms.speed=false"]),
    "recycling": ("recycling__share", (1.0, 0.0), ["mechanisms.recycling=false"]),
    "contradictions": ("consistency__contradiction_chance", (0.0, 1.0), ["mechanisms.consistency=false"]),
    "contradictions that cost nothing": (
        "consistency__contradiction_chance", (0.0, 1.0),
        ["market.trust.contradiction_cost=0", "market.trust.gain_when_confirmed=0"],
    ),
    "context": ("handoff__context_kept", (1.0, 0.0), ["mechanisms.context=false"]),
    "context that nobody asks for": (
        "handoff__context_kept", (1.0, 0.0),
        ["market.requests.repeat_cost=0", *of(effort__discovery_minutes=0.0)],
    ),
    "support": ("support__share", (1.0, 0.0), ["mechanisms.support=false"]),
    "a better piece": ("content__own_piece_match", (1.0, 0.1), of(content__piece_share=0.0)),
    "persistence": ("sales__attempts", (6, 1), of(sales__retry_chance=0.0)),
}  # fmt: skip


@pytest.mark.parametrize("cause", WITHOUT_CAUSE)
def test_without_its_cause_an_effect_is_exactly_nothing(cause: str) -> None:
    """Every buyer ends the same way at the same instant; with the cause some do not, so the test can fail."""
    key, values, without = WITHOUT_CAUSE[cause]

    def apart(changes: list[str]) -> int:
        arms = [sim.simulate(sim.load_scenario("baseline", [*of(**{key: value}), *changes, "run.warm_up_days=0",
                                                            "run.cohort_days=120", "run.follow_up_days=365"]),
                             NAME, seed=3).report.history for value in values]  # fmt: skip
        return int(np.sum((arms[0]["outcome"] != arms[1]["outcome"]) | (arms[0]["ended_at"] != arms[1]["ended_at"])))

    assert apart(without) == 0 < apart([])
