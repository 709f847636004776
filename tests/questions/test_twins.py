"""Both lives of each buyer, beside counts by hand, worlds without queues and organisations that are the same."""

import copy
import math
from collections import Counter
from functools import cache

import numpy as np
import pytest

import simulator as sim
from simulator.questions.ablation.work import MECHANISMS
from simulator.questions.frame.divergence import (
    EACH_NEEDED,
    GAINED,
    LOST,
    NEVER_COMES,
    NO_SINGLE,
    NOTHING,
    divergence_kinds,
)
from simulator.questions.twins.tell import twins_table
from simulator.questions.twins.typical_buyers import KINDS
from simulator.questions.twins.work import ALL, BUYERS, CAME_TO_ONE, COHORT, FATES, INQUIRIES, SCOPES, refuse, twins
from simulator.results.estimate import estimates
from simulator.results.summary import summarise
from simulator.scenario.checked import check
from simulator.scenario.mechanisms import ORGANISATION_NEUTRAL
from simulator.scenario.organisation import Organisation
from simulator.scenario.schema import ScenarioError

SHORT = ["study=twins", "run.replications=3", "study.twins.detail_replications=2", "run.warm_up_days=10",
         "run.cohort_days=60", "run.follow_up_days=120", "market.inquiries_per_year=2500",
         "market.journey.step_days=1", "market.journey.prior_knowledge=0.7", "market.projects.share=0.8"]  # fmt: skip


@cache
def scenario():
    return sim.load_scenario("baseline", [*SHORT, "run.threads=1"])


@cache
def found():
    return twins(scenario())


@cache
def journeys(replication, name):
    return sim.simulate(scenario(), name, replication=replication).journeys.query("in_cohort").set_index("buyer")


@cache
def by_hand(replication):
    """Fate, whether it inquired, segment and revenue of each buyer who came to either, one after the other."""
    one, other = (journeys(replication, name).to_dict("index") for name in ("relay_race", "integrated"))
    rows = {}
    for buyer in {*one, *other}:
        lives = [life.get(buyer) for life in (one, other)]
        won = tuple(life is not None and life["outcome"] == "won" for life in lives)
        fate = {(True, True): "both", (True, False): "only_baseline", (False, True): "only_challenger",
                (False, False): "neither"}[won]  # fmt: skip
        inquired = any(life is not None and life["inquiry_at"] == life["inquiry_at"] for life in lives)
        segment = next(life["segment"] for life in lives if life is not None)
        paid = tuple(life["value_usd"] if life is not None else 0.0 for life in lives)
        rows[buyer] = (fate, inquired, segment, *paid, None in lives)
    return rows


def test_fates_are_those_counted_by_hand():
    result = found()
    for replication in range(3):
        rows = by_hand(replication).values()
        for scope in SCOPES:
            for segment in result.segments:
                mine = [row for row in rows if segment in (ALL, row[2]) and (row[1] or scope == COHORT)]
                counts = Counter(row[0] for row in mine)
                assert [result.sum(BUYERS, scope, segment, fate)[replication] for fate in FATES] == [
                    counts[fate] for fate in FATES
                ]
                single = sum(row[5] for row in mine)
                assert result.sum(CAME_TO_ONE, scope, segment, *FATES)[replication] == single
    flips = Counter(row[0] for replication in range(3) for row in by_hand(replication).values())
    assert flips["only_baseline"] > 5 and flips["only_challenger"] > 5


def test_everybody_has_one_fate():
    table = twins_table(found())
    for scope in SCOPES:
        whole = table[(table["of"] == scope) & (table["segment"] == ALL)]
        parts = table[(table["of"] == scope) & (table["segment"] != ALL)]
        assert whole["share"].sum() == pytest.approx(1)
        assert whole["buyers"].sum() == pytest.approx(parts["buyers"].sum())
    cohort = table[(table["of"] == COHORT) & (table["segment"] == ALL)]["buyers"].sum()
    assert cohort == pytest.approx(np.mean([len(by_hand(replication)) for replication in range(3)]))


def test_wins_and_revenue_add_up_to_those_of_a_comparison():
    summaries = {
        name: [summarise(sim.simulate(scenario(), name, replication=r), scenario(), name, r) for r in range(3)]
        for name in ("relay_race", "integrated")
    }
    wins, revenue = (
        estimates(summaries["integrated"])[key] - estimates(summaries["relay_race"])[key] for key in ("wins", "revenue")
    )
    result = found()
    flips = result.mean(BUYERS, "only_challenger") - result.mean(BUYERS, "only_baseline")
    assert flips.value == pytest.approx(wins.value) and flips.interval == pytest.approx(wins.interval)
    worth = result.worth(*FATES)
    assert worth.value == pytest.approx(revenue.value) and worth.interval == pytest.approx(revenue.interval)
    gap = result.gap(INQUIRIES)
    assert gap.value == pytest.approx(result.share("only_challenger").value - result.share("only_baseline").value)


def test_the_detailed_buyers_are_those_of_the_first_replications():
    lives = found().divergences
    assert found().detailed == 2 and set(lives["replication"]) == {0, 1}
    for replication in range(2):
        mine = lives[lives["replication"] == replication].set_index("buyer")
        rows = by_hand(replication)
        assert set(mine.index) == set(rows)
        assert all(mine.loc[buyer, "won_by"] == row[0] for buyer, row in rows.items())
    assert set(lives["flip"][lives["won_by"] == "only_challenger"]) == {GAINED}
    assert set(lives["flip"][lives["won_by"] == "only_baseline"]) == {LOST}
    assert lives[lives["flip"] != ""]["parted"].all()  # nobody flips whose lives are the same


def test_what_is_at_work_is_what_makes_lives_agree():
    """One buyer after the other: the challenger without a part agrees with the baseline up to the event or not."""
    result, one = found(), scenario()
    lives = result.divergences[(result.divergences["replication"] == 0) & result.divergences["parted"]]
    base = events_of(one, "relay_race")
    for part in result.parts[:3]:
        changed = copy.deepcopy(one)
        for key in part.values:
            node, source = changed.organisations["integrated"], one.organisations["relay_race"]
            *parents, leaf = key.split(".")
            for parent in parents:
                node, source = getattr(node, parent), getattr(source, parent)
            setattr(node, leaf, getattr(source, leaf))
        without = events_of(changed, "integrated")
        for row in lives.to_dict("records"):
            upto = row["place"] + 1
            came = row["buyer"] in base, row["buyer"] in without
            same = came[0] == came[1] and base.get(row["buyer"], [])[:upto] == without.get(row["buyer"], [])[:upto]
            assert (part.name in row["at_work"].split("+")) == same
    several = lives["at_work"].str.contains("+", regex=False)
    assert set(lives["mechanism"][several]) == {EACH_NEEDED} and several.any()
    assert set(lives["mechanism"][lives["at_work"] == ""]) == {NO_SINGLE}
    single = lives[(lives["at_work"] != "") & ~several]
    assert (single["mechanism"] == single["at_work"]).all()


def events_of(one, name):
    result = sim.simulate(one, name, record="touches")
    roles = [*result.setup.person_role.tolist(), -1]
    found = {int(buyer): [] for buyer in result.journeys["buyer"]}
    ids = dict(zip(result.report.rows.tolist(), result.journeys["buyer"].tolist(), strict=True))
    for at, buyer, person, activity, stage, topic in result.report.log.tolist():
        found[ids[buyer]].append((at, activity, stage, topic, roles[person]))
    return found


def test_what_happens_where_lives_part():
    rows = found().divergences[found().divergences["parted"]]
    for arm, absent in (("baseline", "challenger"), ("challenger", "baseline")):
        assert set(rows[f"event_{arm}"][rows["came"] == absent]) == {NEVER_COMES}
    lived = rows[rows["came"] == "both"]
    assert not ((lived["event_baseline"] == NOTHING) & (lived["event_challenger"] == NOTHING)).any()
    assert (rows["parted_day"] >= 0).all() and (lived["place"] >= 0).all()
    counted = divergence_kinds(found().divergences)
    assert counted["buyers"].sum() == len(rows) and counted["gained"].sum() == (rows["flip"] == GAINED).sum()
    assert counted["share"].sum() == pytest.approx(1) and counted["buyers"].is_monotonic_decreasing


def test_told_buyers_flipped_and_are_chosen_by_rule():
    assert [story.kind for story in found().stories] == list(KINDS)
    gained, lost, other = found().stories
    assert gained.about["flip"] == GAINED and lost.about["flip"] == LOST and gained.about["came"] == "both"
    assert other.about is None or other.about["mechanism"] != gained.about["mechanism"]
    base = events_of(scenario(), "relay_race") if gained.about["replication"] == 0 else None
    if base:
        assert gained.baseline.tolist() == base[gained.about["buyer"]]


def test_without_mechanisms_no_life_parts():
    one = copy.deepcopy(scenario())
    for name in MECHANISMS:
        setattr(one.mechanisms, name, False)
    result = twins(one)
    assert result.parts == () and not result.divergences["parted"].any() and result.runs == 3 * 2 + 2 * 2
    assert result.sum(BUYERS, COHORT, ALL, "only_baseline", "only_challenger").sum() == 0
    assert result.sum(BUYERS, COHORT, ALL, "both").sum() > 0
    assert [story.about for story in result.stories] == [None] * 3
    assert set(twins_table(result)["came_to_one_only"]) == {0.0}


def worlds():
    many = ["market.inquiries_per_year=4000", "market.projects.share=0.8"]
    one = sim.load_scenario(
        "limits/worlds",
        [
            "study=twins",
            "run.replications=2",
            "run.cohort_days=60",
            "run.follow_up_days=100",
            "study.twins.detail_replications=1",
            *many,
        ],
    )
    one.limit = ""
    one.compare.organisations = ["relay_race", "integrated"]
    return one


@pytest.mark.parametrize("name", ["access", "consistency", "speed"])
def test_a_mechanism_that_differs_alone_is_at_work_wherever_lives_part_and_nobody_waits(name):
    one = worlds()
    other = one.organisations["integrated"]
    mine = copy.deepcopy(one.organisations["relay_race"])
    for key in ORGANISATION_NEUTRAL[name]:
        section, leaf = key.split(".")
        setattr(getattr(mine, section), leaf, getattr(getattr(other, section), leaf))
    one.organisations["integrated"] = mine
    lives = twins(one).divergences
    assert lives["parted"].sum() > 20 and set(lives["mechanism"][lives["parted"]]) == {name}
    assert not lives["waiting"].any()


def test_lives_that_part_because_people_are_busy_are_said_to():
    """Organisations that differ in how many SDRs they have, and in nothing else: only queues can part lives."""
    one = copy.deepcopy(scenario())
    for name in ("coordination", "budget", "word_of_mouth", "training", "objections"):
        setattr(one.mechanisms, name, False)
    one.organisations["integrated"] = copy.deepcopy(one.organisations["relay_race"])
    one.organisations["integrated"].roles.sdr.headcount = 1
    one.market.projects.share = 0.22  # so few ask that those with two SDRs hardly wait
    one.compare.organisations, one.compare.equal_payroll = ["relay_race", "integrated"], False
    result = twins(one)
    parted = result.divergences[result.divergences["parted"]]
    assert [part.name for part in result.parts] == ["everything_else"] and len(parted) > 20
    assert parted["waiting"].mean() > 0.9


def test_a_run_repeats_itself_on_any_number_of_threads_and_tells_how_far_it_is():
    one, told = copy.deepcopy(scenario()), []
    one.run.threads = 3
    result = twins(one, lambda done, total: told.append((done, total)))
    assert result.divergences.equals(found().divergences) and (result.sums == found().sums).all()
    assert [story.about["buyer"] for story in result.stories[:2]] == [s.about["buyer"] for s in found().stories[:2]]
    assert told == [(done, result.runs) for done in range(result.runs + 1)]
    assert result.runs == 3 * 2 + 2 * (2 + len(result.parts))


@pytest.mark.parametrize(
    "overrides, said",
    [
        (["compare.organisations=[aligned]"], "compare.organisations must name at least two organisations"),
        (["run.replications=1"], "run.replications must be at least 2 for study=twins"),
        (["study.twins.challenger=relay_race"], "study.twins.challenger must name compared organisations, got 'relay_"),
        (["study.twins.challenger=alined"], "did you mean aligned"),
        (["study.twins.detail_replications=0"], r"study.twins.detail_replications must lie in \[1, 1,000\], got 0"),
    ],
)
def test_what_cannot_be_laid_side_by_side_is_refused(overrides, said):
    with pytest.raises(ScenarioError, match=said):
        refuse(check(sim.load_scenario("baseline", [*SHORT, *overrides])))


def test_the_challenger_is_the_last_or_the_named_one():
    one = sim.load_scenario("baseline", [*SHORT, "study.twins.challenger=aligned", "run.replications=2",
                                         "study.twins.detail_replications=9", "run.cohort_days=20"])  # fmt: skip
    result = twins(one)
    assert (result.baseline, result.challenger, result.detailed) == ("relay_race", "aligned", 2)
    assert found().challenger == "integrated" and isinstance(one.organisations["aligned"], Organisation)
    assert math.isfinite(result.gap().interval[0])
