"""An audit beside what is counted from the journeys, and where theory says what must come out."""

import copy
import dataclasses
from functools import cache

import numpy as np
import pytest

import simulator as sim
from simulator.questions.audit.credit import BY_CLOSING, BY_MQLS, LAST_TOUCH, RULES, remainder
from simulator.questions.audit.inquiries import TOUCHES
from simulator.questions.audit.tell import (
    QUESTION,
    credit_table,
    missed_table,
    roc_table,
    scoring_table,
    thresholds_table,
    touches_table,
)
from simulator.questions.audit.work import FITS, SCORE, TRUE_FIT, WINNABLE, WON, audit
from simulator.questions.compare.work import compare
from simulator.scenario.composing import load_scenario
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError
from tests.questions.telling import drawn, printed, texts
from tests.results import naive
from tests.results.test_roc import by_pairs

SMALL = ["study=audit", "run.replications=3", "run.warm_up_days=20", "run.cohort_days=60", "run.follow_up_days=120",
         "market.inquiries_per_year=1500", "market.journey.step_days=1", "market.journey.prior_knowledge=0.5",
         "run.threads=1", "study.audit.thresholds=[0.6,1.0]"]  # fmt: skip
#: Judged fit from which sales qualifies a lead.
FITS_FROM = 0.41


@cache
def loaded(*more):
    return load_scenario("baseline", [*SMALL, *more])


def asked(*more) -> Scenario:
    return copy.deepcopy(loaded(*more))


@cache
def found():
    return audit(asked())


@cache
def journeys(threshold=None, replication=0, ample=False):
    """Inquiries of the cohort, by hand."""
    scenario = asked()
    own = scenario.organisations["relay_race"]
    if threshold is not None:
        own.scoring.threshold = threshold
    if ample:
        before = own.roles.marketer.headcount + own.roles.sdr.headcount + own.roles.rep.headcount
        own.roles.sdr.headcount *= 10
        own.roles.rep.headcount *= 10
        after = own.roles.marketer.headcount + own.roles.sdr.headcount + own.roles.rep.headcount
        own.coordination.hours_per_teammate_week *= (before - 1) / (after - 1)
    table = sim.simulate(scenario, "relay_race", seed=1, replication=replication).journeys
    return table[table["in_cohort"]].set_index("buyer")


# --- scoring ----------------------------------------------------------------------------------------------------------


@cache
def recorded(organisation, replication, engine, *more):
    """A run with its event log, and the log of each buyer."""
    result = sim.simulate(asked(*more), organisation, seed=1, replication=replication, record="touches", engine=engine)
    events = result.touches.groupby("case:concept:name", sort=False)
    return result, {int(case.split("/")[-1]): rows for case, rows in events}


@cache
def naive_scores(organisation, replication, engine="compiled", *more):
    """First scores out of the recorded touches, buyer by buyer, with noise drawn as in `behaviour`; who asked."""
    from simulator.model.numerics import normal
    from simulator.model.randomness import base_of_account, uniform
    from simulator.model.words import Decision

    result, logs = recorded(organisation, replication, engine, *more)
    own, scores, asked_first = asked(*more).organisations[organisation], {}, set()
    arrivals = result.setup.arrivals
    rows = {int(buyer): row for row, buyer in enumerate(arrivals.who)}
    for buyer, events in logs.items():
        engagement, raised, known_at = 0, False, None
        for activity, at in zip(events["concept:name"], events["time:timestamp"], strict=True):
            if activity == "read_ours" and (known_at is None or (at == known_at and not raised)):
                engagement += 1  # who has no project leaves its name, then reads
            elif activity == "inquiry":
                known_at = at
            elif activity == "hand_raise" and at == known_at:
                engagement, raised = engagement + 1, True
        if known_at is not None:
            base = base_of_account(result.setup.key, arrivals.identity(rows[buyer]))
            error = normal(uniform(result.setup.key, base, 0, int(Decision.MARKETING_VIEW), 0))
            scores[buyer] = (own.scoring.judgement_noise * error, own.scoring.engagement_weight * engagement,
                             own.sales.hand_raise_bonus * raised)  # fmt: skip
            asked_first |= {buyer} if raised else set()
    table = result.journeys.set_index("buyer")
    return {buyer: table.loc[buyer, "fit"] + sum(parts) for buyer, parts in scores.items()}, asked_first, table


@pytest.mark.parametrize("organisation", ["relay_race", "integrated"])
@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_first_scores_are_those_by_which_the_engines_decide(organisation, engine):
    from simulator.questions.audit.inquiries import TouchLog, inquiries_of

    short = ("run.cohort_days=40", "run.follow_up_days=30")
    scenario, looks = asked(*short), TouchLog()
    result = sim.simulate(scenario, organisation, seed=1, replication=0, engine=engine, record="touches", sink=looks)
    leads, _ = inquiries_of(result, looks)
    by_hand, raised, table = naive_scores(organisation, 0, "reference", *short)
    assert [buyer in raised for buyer in leads.buyers] == leads.raised.tolist()
    assert leads.scores == pytest.approx([by_hand[buyer] for buyer in leads.buyers], abs=1e-12)
    known = table.loc[leads.buyers]
    alone = (~leads.raised) & (known["ended_at"] != known["inquiry_at"]).to_numpy()
    at_once = (known["mql_at"] == known["inquiry_at"]).to_numpy()
    assert alone.sum() > 50 and 0 < at_once[alone].mean() < 1
    assert np.array_equal(at_once[alone], leads.scores[alone] >= scenario.organisations[organisation].scoring.threshold)


@pytest.mark.long
def test_the_areas_are_those_of_counting_pairs():
    from simulator.results.roc import Scored

    scores = [naive_scores("relay_race", replication)[0] for replication in range(3)]
    for label in (FITS, WON, WINNABLE):
        parts, by_fit = [], []
        for replication in range(3):
            table = journeys(replication=replication)
            table = table[table["inquiry_at"].notna()]
            everywhere = journeys(-100.0, replication, ample=True)["outcome"].reindex(table.index)
            fits = table["fit"] >= FITS_FROM
            good = {FITS: fits, WON: table["outcome"] == "won", WINNABLE: everywhere == "won"}[label]
            parts.append(Scored(np.array([scores[replication][b] for b in table.index]), good.to_numpy(bool)))
            by_fit.append(Scored(table["fit"].to_numpy(), good.to_numpy(bool)))
        area = found().ranking(SCORE, label).area
        assert (area.value, *area.interval) == pytest.approx(naive.jackknife(parts, by_pairs), abs=1e-9)
        if label != FITS:
            assert found().ranking(TRUE_FIT, label).area.value == pytest.approx(by_pairs(by_fit))


def test_good_leads_held_back_are_followed_by_buyer():
    held_now = held_then = held_ample = count = 0.0
    whole = 0.0
    for replication in range(3):
        scores, raised, _ = naive_scores("relay_race", replication)
        today, everybody = journeys(replication=replication), journeys(-100.0, replication)
        held = [b for b in today.index[today["inquiry_at"].notna()]
                if today.loc[b, "fit"] >= FITS_FROM and scores[b] < 0.85 and b not in raised]  # fmt: skip
        count += len(held)
        held_now += today.loc[held, "value_usd"].sum()
        held_then += everybody["value_usd"].reindex(held).fillna(0).sum()
        held_ample += journeys(-100.0, replication, ample=True)["value_usd"].reindex(held).fillna(0).sum()
        whole += everybody["value_usd"].sum() - today["value_usd"].sum()
    missed = found().screening_errors
    assert count > 10 and missed.held.value == count / 3
    assert missed.paid_today.value == pytest.approx(held_now / 3)
    assert missed.with_same_people.value == pytest.approx((held_then - held_now) / 3)
    assert missed.each_with_ample_people.value == pytest.approx((held_ample - held_now) / count)
    assert missed.whole.value == pytest.approx(whole / 3)
    assert missed.others.value == pytest.approx((whole - held_then + held_now) / 3)


def test_thresholds_are_those_of_comparisons_by_hand():
    result = found()
    assert list(result.thresholds) == [0.6, 0.85, 1.0] and result.threshold == 0.85
    scenario = asked("study=compare")
    scenario.organisations = {"relay_race": scenario.organisations["relay_race"]}
    scenario.organisations["stricter"] = copy.deepcopy(scenario.organisations["relay_race"])
    scenario.organisations["stricter"].scoring.threshold = 1.0
    by_hand = compare(scenario, organisations=["relay_race", "stricter"]).differences.set_index("metric")
    for key in ("net", "inquiry_to_mql", "win_rate_inquiries"):
        apart = result.difference(1.0, key)
        row = by_hand.loc[key]
        assert (apart.value, *apart.interval) == pytest.approx((row["difference"], row["ci_low"], row["ci_high"]))
    nets = {at: one["net"].value for at, one in result.thresholds.items()}
    assert result.best == max(nets, key=nets.get)
    assert result.thresholds[0.6]["inquiry_to_mql"].value > result.thresholds[1.0]["inquiry_to_mql"].value


def test_wins_are_told_by_their_very_last_touch():
    counted = np.zeros(len(TOUCHES))
    kinds = {"read_ours": 0, "read_third_party": 1, "read_review": 2, "read_rival": 3, "mail_opened": 4}
    people = ("conversation", "answer", "meeting", "support")
    for replication in range(3):
        _, logs = recorded("relay_race", replication, "compiled")
        for buyer in journeys(replication=replication).query("outcome == 'won'").index:
            last = 0
            for activity, person in zip(logs[buyer]["concept:name"], logs[buyer]["org:resource"], strict=True):
                if activity in people:
                    last = 5 + ("marketer", "sdr", "rep").index(person.split()[0])
                last = kinds.get(activity, last)
            counted[last] += 1
    assert np.array_equal(found().touches.sum(axis=0), counted) and counted.sum() > 10


# --- credit -----------------------------------------------------------------------------------------------------------

#: Nobody waits, nobody tells others, and no money moves: what one channel brings does not touch the others' buyers.
UNCOUPLED = [
    "scenario=limits/worlds", "limit=''", "study=audit", "run.replications=3", "run.cohort_days=120", "run.threads=1",
    "run.follow_up_days=90", "run.warm_up_days=0", "market.inquiries_per_year=2500", "market.journey.step_days=1",
    "market.journey.prior_knowledge=0.6", "study.audit.thresholds=[]", "study.audit.ample=1",
]  # fmt: skip


def test_without_couplings_closing_a_channel_loses_its_own_wins_exactly():
    result = audit(load_scenario("baseline", UNCOUPLED))
    for channel in result.channels:
        mine = {(one.measure, one.rule): one.amount for one in result.credits if one.channel == channel}
        own, lost = mine["wins", LAST_TOUCH], mine["wins", BY_CLOSING]
        assert own.value == lost.value and np.array_equal(own.left_out, lost.left_out)
        assert mine["revenue", BY_CLOSING].value == pytest.approx(mine["revenue", LAST_TOUCH].value)
    assert sum(result.totals.wins) > 50
    assert remainder(result.credits, "wins", BY_CLOSING, result.totals).value == pytest.approx(0, abs=1e-9)


def test_closing_a_channel_that_brings_nobody_loses_exactly_nothing():
    scenario = asked("study.audit.thresholds=[]")
    scenario.market.channels["trade_show"].share = 0.0
    result = audit(scenario)
    for one in result.credits:
        if one.channel == "trade_show":
            assert one.amount.value == 0 and not one.amount.left_out.any()
            assert np.isnan(one.per_usd.value)


def test_credit_by_mqls_shares_out_every_win():
    result = found()
    for rule in (BY_MQLS, LAST_TOUCH):
        assert remainder(result.credits, "wins", rule, result.totals).value == pytest.approx(0, abs=1e-9)
    cohort = [journeys(replication=replication) for replication in range(3)]
    mqls = sum((one.loc[one["channel"] == "referral", "mql_at"].notna()).sum() for one in cohort)
    every = sum(one["mql_at"].notna().sum() for one in cohort)
    wins = sum((one["outcome"] == "won").sum() for one in cohort) / 3
    [credit] = [one for one in result.credits if (one.channel, one.measure, one.rule) == ("referral", "wins", BY_MQLS)]
    assert credit.amount.value == pytest.approx(wins * mqls / every)
    assert credit.share.value == pytest.approx(mqls / every)


def test_closing_is_the_difference_to_a_market_without_it_per_usd_saved():
    scenario = asked("market.channels.website.closed=true")
    without = [sim.simulate(scenario, "relay_race", seed=1, replication=i) for i in range(3)]
    today = [sim.simulate(asked(), "relay_race", seed=1, replication=i) for i in range(3)]
    lost, saved = (sum(one.channels[name].sum() for one in today) - sum(one.channels[name].sum() for one in without)
                   for name in ("revenue_usd", "spend_usd"))  # fmt: skip
    [one] = [
        one for one in found().credits if (one.channel, one.measure, one.rule) == ("website", "revenue", BY_CLOSING)
    ]
    assert one.amount.value == pytest.approx(lost / 3) and one.per_usd.value == pytest.approx(lost / saved)


# --- tables and refusals ----------------------------------------------------------------------------------------------


def test_the_tables():
    result = found()
    credit = credit_table(result)
    assert len(credit) == 2 * 3 * 7 and set(credit["rule"]) == set(RULES)
    assert set(roc_table(result)["good_if"]) == {FITS, WON, WINNABLE}
    assert len(scoring_table(result)) == 5 + 3 * 4
    table = thresholds_table(result)
    assert (table.loc[table["today"], "difference"].dropna() == 0).all()
    assert list(missed_table(result)["measure"])[:2] == ["good", "held"]
    assert touches_table(result)["wins"].sum() == pytest.approx(result.totals.wins.mean())


@pytest.mark.parametrize("width", [80, 140])
def test_tables_fit_and_lose_nothing(width):
    text = printed(QUESTION, found(), width)
    assert max(map(len, text.splitlines())) <= width and "…" not in text
    for said in (f"fits us (from {FITS_FROM})", "could be won", "0.85 (today)", "trade show", "credited to no channel",
                 "no SLA", "false negative", "The very last touch before a win is:"):  # fmt: skip
        assert said in text


def test_without_leads_the_file_of_curves_has_its_head():
    empty = dataclasses.replace(found(), rankings=[])
    assert not len(roc_table(empty)) and list(roc_table(empty)) == list(roc_table(found()))


def test_figures_say_what_they_show():
    said = {name: texts(figure) for name, figure in drawn(QUESTION, found()).items()}
    assert "AUC 0." in said["roc"] and "n = 3 replications" in said["roc"]
    assert "today" in said["thresholds"] and "share of MQLs" in said["channels_credit"]
    assert all(channel.replace("_", " ") in said["channels_credit"] for channel in found().channels)


def test_threads_and_progress():
    told = []
    scenario = asked("study.audit.thresholds=[]")
    scenario.run.threads = 3
    one = audit(scenario, lambda done, total: told.append((done, total)))
    assert told == [(done, one.runs) for done in range(one.runs + 1)] and one.runs == 3 * (3 + 7)
    assert one.ranking(SCORE, FITS).area.value == found().ranking(SCORE, FITS).area.value


def never(*_, **__):
    raise AssertionError("nothing may run")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("study.audit.organisation=pods", "study.audit.organisation must name organisations, got 'pods'"),
        ("study.audit.objective=nets", "study.audit.objective must name metrics, got 'nets': did you mean net"),
        ("study.audit.objective=open_at_end", "study.audit.objective must name a metric that has a better side"),
        ("run.replications=1", "run.replications must be at least 2 for study=audit"),
        ("study.audit.thresholds=[200]", r"study.audit.thresholds must lie in \[-100, 100\], got 200"),
        ("organisations.relay_race.coordination.hours_per_teammate_week=3", ""),
        ("study.audit.ample=100", "study=audit, ample: organisations.relay_race.roles.sdr.headcount must lie in"),
    ],
)
def test_what_cannot_be_audited_is_refused(override, message):
    if not message:
        audit(asked(override, "study.audit.thresholds=[]"))  # more people do not meet longer
        return
    with pytest.raises(ScenarioError, match=message) as refused:
        scenario = load_scenario("baseline", [*SMALL, override])
        scenario.organisations["relay_race"].roles.sdr.headcount = 60
        scenario.organisations["relay_race"].coordination.hours_per_teammate_week = 0.0
        scenario.compare.organisations = ["relay_race"]
        audit(scenario, simulate=never)
    assert "\n" not in str(refused.value)


def test_a_single_channel_cannot_be_closed():
    scenario = asked()
    for name in list(scenario.market.channels)[1:]:
        scenario.market.channels[name].closed = True
    with pytest.raises(ScenarioError, match=r"at least two open channels for study=audit, .* got website"):
        audit(scenario, simulate=never)


def test_leads_that_came_scored_are_not_audited():
    scenario = load_scenario("replay", ["study=audit", "market.leads.enter_as=mql", "run.replications=2"])
    with pytest.raises(ScenarioError, match=r"market\.leads\.enter_as must be inquiry for study=audit"):
        audit(scenario, simulate=never)


def test_the_leads_of_an_export_are_audited_too():
    small = ["study=audit", "run.replications=2", "run.cohort_days=200", "run.follow_up_days=60", "run.threads=1"]
    scenario = load_scenario("replay", [*small, "study.audit.thresholds=[]", "market.leads.enter_as=inquiry"])
    result = audit(scenario)
    assert "organic_search" in result.channels and len(result.channels) > 2
    everybody = result.touches.sum()
    assert everybody == result.totals.wins.sum()
