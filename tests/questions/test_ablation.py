"""An ablation beside comparisons of scenarios whose switches were set by hand."""

import copy
import dataclasses
from functools import cache

import numpy as np
import pandas as pd
import pytest

import simulator as sim
from simulator.questions.ablation.tell import ablation_table
from simulator.questions.ablation.work import MECHANISMS, ablate
from simulator.questions.compare.work import compare
from simulator.results.estimate import estimates
from simulator.results.metrics import BY_KEY
from simulator.scenario.composing import load_scenario
from simulator.scenario.mechanisms import Mechanisms
from simulator.scenario.schema import ScenarioError
from tests.results import naive
from tests.results.fake_journeys import fake_scenario, fake_simulate

SHORT = ["run.replications=3", "run.warm_up_days=10", "run.cohort_days=40", "run.follow_up_days=80",
         "market.inquiries_per_year=2000", "market.journey.step_days=2"]  # fmt: skip
ASKED = ("access", "consistency", "rivals")
METRICS = ("inquiry_to_opportunity", "response_median", "wins", "total_cost")


@cache
def loaded():
    return load_scenario("baseline", SHORT)


def scenario(mechanisms=ASKED):
    """A short baseline."""
    one = copy.deepcopy(loaded())
    one.study.ablation.metrics, one.study.ablation.mechanisms = list(METRICS), list(mechanisms)
    return one


@cache
def found():
    return ablate(scenario())


def switched(*on):
    """The same with just these mechanisms on."""
    one = scenario()
    for name in MECHANISMS:
        setattr(one.mechanisms, name, name in on)
    return one


@cache
def by_hand(*on):
    return compare(switched(*on))


def switched_on(setting, mechanism):
    return {"all_on": MECHANISMS, "all_off": (), "alone": (mechanism,),
            "left_out": tuple(name for name in MECHANISMS if name != mechanism)}[setting]  # fmt: skip


def total(summaries, name):
    return sum(summary.sums[name] for summary in summaries)


def rows(result, **wanted):
    table = ablation_table(result)
    for column, value in wanted.items():
        table = table[table[column] == value]
    return table


def test_the_switches_are_the_schemas():
    assert tuple(field.name for field in dataclasses.fields(Mechanisms)) == MECHANISMS


def test_the_tidy_table():
    table = ablation_table(found())
    assert list(table.columns) == [
        "scenario", "setting", "mechanism", "baseline", "organisation", "metric", "unit", "gap", "ci_low", "ci_high",
        "contribution", "contribution_ci_low", "contribution_ci_high", "replications",
    ]  # fmt: skip
    settings = [("all_on", ""), ("all_off", ""), *((how, name) for name in ASKED for how in ("alone", "left_out"))]
    expected = [(m, o, *setting) for m in METRICS for o in ("aligned", "integrated") for setting in settings]
    assert (
        list(table[["metric", "organisation", "setting", "mechanism"]].itertuples(index=False, name=None)) == expected
    )
    assert set(table["baseline"]) == {"relay_race"} and set(table["replications"]) == {3}
    assert (table["contribution"].isna() == (table["mechanism"] == "")).all()
    assert set(table["unit"]) == {BY_KEY[key].unit for key in METRICS}


@pytest.mark.parametrize("setting", ["all_on", "all_off", "alone", "left_out"])
def test_gaps_are_those_of_a_comparison_with_the_switches_set_by_hand(setting):
    for row in rows(found(), setting=setting).itertuples():
        apart = by_hand(*switched_on(setting, row.mechanism)).differences
        hand = apart[(apart["organisation"] == row.organisation) & (apart["metric"] == row.metric)].iloc[0]
        expected = [hand["difference"], hand["ci_low"], hand["ci_high"]]
        assert [row.gap, row.ci_low, row.ci_high] == pytest.approx(expected, rel=1e-9, abs=1e-6, nan_ok=True)


@pytest.mark.parametrize("mechanism", ["access", "consistency"])
def test_gaps_counted_from_the_journeys(mechanism):
    shares, wins = {}, {}
    for name in ("relay_race", "integrated"):
        runs = [sim.simulate(switched(mechanism), name, replication=replication).journeys for replication in range(3)]
        cohort = pd.concat(runs).query("in_cohort")
        shares[name] = cohort.loc[cohort["inquiry_at"].notna(), "opportunity_at"].notna().mean()
        wins[name] = (cohort["outcome"] == "won").sum() / 3
    for key, counted in (("inquiry_to_opportunity", shares), ("wins", wins)):
        gap = found().effect("alone", "integrated", key, mechanism).gap.value
        assert gap == pytest.approx(counted["integrated"] - counted["relay_race"])


@pytest.mark.parametrize("how", ["alone", "left_out"])
@pytest.mark.parametrize("metric", ["inquiry_to_opportunity", "response_median"])
def test_intervals_of_contributions_use_the_pairing(how, metric):
    more, less = (by_hand("consistency"), by_hand()) if how == "alone" else (
        by_hand(*MECHANISMS), by_hand(*switched_on("left_out", "consistency")))  # fmt: skip
    names = ("relay_race", "integrated")
    parts = list(zip(*(one.summaries[name] for one in (more, less) for name in names), strict=True))

    def contribution(taken):
        columns = list(zip(*taken, strict=True))
        if metric == "inquiry_to_opportunity":
            a, b, c, d = (total(column, "inquiry_opportunities") / total(column, "inquiries") for column in columns)
        else:
            a, b, c, d = (estimates(column, [BY_KEY[metric]])[metric].value for column in columns)
        return (b - a) - (d - c)

    [row] = rows(found(), setting=how, mechanism="consistency", metric=metric, organisation="integrated").itertuples()
    given = (row.contribution, row.contribution_ci_low, row.contribution_ci_high)
    assert given == pytest.approx(naive.jackknife(parts, contribution))


def test_with_all_off_every_gap_is_exactly_zero():
    off = rows(found(), setting="all_off")
    assert len(off) == 8 and (off[["gap", "ci_low", "ci_high"]] == 0).all(axis=None) and found().remaining == {}


def test_a_mechanism_of_the_market_opens_no_gap_alone():
    alone = rows(found(), setting="alone", mechanism="rivals")
    assert (alone[["gap", "contribution", "contribution_ci_low", "contribution_ci_high"]] == 0).all(axis=None)
    assert any(note.startswith("of the market, not of an organisation: rivals;") for note in found().notes)


def with_one_key_changed(*mechanisms):
    """Relay race, and a twin of it that never contradicts itself."""
    one = scenario(mechanisms)
    one.compare.organisations = ["relay_race", "twin"]
    one.organisations["twin"] = copy.deepcopy(one.organisations["relay_race"])
    one.organisations["twin"].consistency.contradiction_chance = 0.0
    one.organisations["twin"].description = "another name changes nothing"
    return one


def test_an_organisation_that_differs_in_one_mechanism():
    result = ablate(with_one_key_changed())
    assert (rows(result, setting="alone", mechanism="consistency")["contribution"] != 0).any()
    assert result.mechanisms == MECHANISMS
    columns = ["gap", "ci_low", "ci_high", "contribution", "contribution_ci_low", "contribution_ci_high"]
    others = rows(result, setting="alone")
    assert (others.loc[others["mechanism"] != "consistency", columns] == 0).all(axis=None)
    without = rows(result, setting="left_out", mechanism="consistency")
    assert (without[["gap", "ci_low", "ci_high"]] == 0).all(axis=None)
    whole = rows(result, setting="all_on").set_index("metric")["gap"]
    assert without.set_index("metric")["contribution"].to_dict() == whole.to_dict()


def test_what_must_be_equal_runs_once():
    ran = []

    def counted(one, name, **how):
        ran.append((name, how["replication"]))
        return sim.simulate(one, name, **how)

    result = ablate(with_one_key_changed("access", "consistency", "support"), simulate=counted)
    # All off and all on: both. Alone: access is the same for both, the twin's consistency and everybody's support are
    # as with all off. Left out: access for both; relay race without consistency is the twin, support changes nothing.
    assert len(ran) == result.runs == 3 * ((2 + 2) + (1 + 1) + 2)


def test_what_no_mechanism_owns_is_named():
    one = with_one_key_changed("consistency")
    one.compare.equal_payroll = False
    one.organisations["twin"].roles.rep.headcount += 1
    one.organisations["twin"].sales.talk_noise = 0.125
    result = ablate(one)
    reps, noise = one.organisations["relay_race"].roles.rep.headcount, one.organisations["relay_race"].sales.talk_noise
    assert result.remaining == {
        "twin": (f"roles.rep.headcount ({reps} and {reps + 1})", f"sales.talk_noise ({noise} and 0.125)")
    }


def test_a_gap_without_a_reason_is_told_too():
    result = ablate(fake_scenario(), simulate=fake_simulate)  # made up: luck goes by position, whatever the keys
    assert result.remaining == {"integrated": ()}


def test_what_the_scenario_has_off_stays_off():
    seen = []

    def simulate(one, name, **how):
        seen.append(one.mechanisms)
        return fake_simulate(one, name, **how)

    one = fake_scenario()
    one.mechanisms.speed = False
    one.study.ablation.mechanisms = ["speed", "support"]
    result = ablate(one, simulate=simulate)
    assert result.mechanisms == ("support",) and not any(switches.speed for switches in seen)
    assert result.notes == ("switched off by the scenario, so off in every setting and without a row: speed",)
    assert one.mechanisms == Mechanisms(speed=False)


def test_mechanisms_come_in_the_order_of_the_schema():
    one = fake_scenario()
    one.study.ablation.mechanisms = ["support", "access"]
    assert ablate(one, simulate=fake_simulate).mechanisms == ("access", "support")


def test_threads_do_not_change_a_digit_and_progress_is_told():
    tables, told = [], []
    for threads in (1, 3):
        one = fake_scenario(threads=threads)
        one.organisations["integrated"].support.share = 0.3
        one.study.ablation.mechanisms = ["support"]
        result = ablate(one, lambda done, total: told.append((done, total)), simulate=fake_simulate)
        tables.append(ablation_table(result).to_csv())
        assert told == [(done, result.runs) for done in range(result.runs + 1)]
        told.clear()
    assert tables[0] == tables[1]


def test_what_differs_outside_mechanisms_is_nobodys_contribution():
    one = switched("consistency", "speed")
    one.study.ablation.mechanisms = []
    one.compare.equal_payroll = False
    one.organisations["integrated"].roles.rep.pay_usd_per_year = 123456.789
    table = rows(ablate(one), metric="total_cost", organisation="integrated")
    cost = table[table["mechanism"] == ""]["gap"]
    assert np.ptp(cost) == 0 and (cost != 0).all()
    assert (table["contribution"].dropna() == 0).all()


def test_an_error_in_a_run_comes_through():
    def broken(one, name, **how):
        if how["replication"] == 2:
            raise ZeroDivisionError("in the engine")
        return fake_simulate(one, name, **how)

    with pytest.raises(ZeroDivisionError, match="in the engine"):
        ablate(fake_scenario(threads=2), simulate=broken)


# --- refusals ---------------------------------------------------------------------------------------------------------


def never(*_, **__):
    raise AssertionError("nothing may run")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"metrics": ["cost_per_win"]}, "study.ablation.metrics must name metrics, got 'cost_per_win': did you mean "
         "cost_per_won?"),
        ({"metrics": ["zzz"]}, "study.ablation.metrics must name metrics, got 'zzz' (there are win_rate_inquiries, "),
        ({"metrics": []}, "study.ablation.metrics must name at least one metric, got none"),
        ({"metrics": ["net", "net"]}, "study.ablation.metrics must name each metric once, got net, net"),
        ({"mechanisms": ["acess"]}, "study.ablation.mechanisms must name mechanisms, got 'acess': did you mean "
         "access?"),
        ({"mechanisms": ["speed", "speed"]}, "study.ablation.mechanisms must name each mechanism once, got speed, "
         "speed"),
    ],
)  # fmt: skip
def test_names_are_checked_before_anything_runs(changes, message):
    one = fake_scenario()
    for key, value in changes.items():
        setattr(one.study.ablation, key, value)
    with pytest.raises(ScenarioError) as refused:
        ablate(one, simulate=never)
    assert str(refused.value).startswith(message) and "\n" not in str(refused.value)


def changed(path, value):
    one = copy.deepcopy(fake_scenario())
    *parents, leaf = path.split(".")
    node = one
    for parent in parents:
        node = node[parent] if isinstance(node, dict) else getattr(node, parent)
    setattr(node, leaf, value)
    return one


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("run.replications", 1, "run.replications must be at least 2 for study=ablation, which needs intervals, got 1"),
        ("compare.organisations", ["integrated"], "compare.organisations must name at least two organisations for "
         "study=ablation, got integrated"),
        ("mechanisms", Mechanisms(**dict.fromkeys(MECHANISMS, False)), "mechanisms must have one of those asked for "
         "switched on for study=ablation, got access=false, "),
        ("organisations.integrated.roles.rep.headcount", 40, "compare.equal_payroll must be false"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_apart_is_refused(path, value, message):
    with pytest.raises(ScenarioError) as refused:
        ablate(changed(path, value), simulate=never)
    assert str(refused.value).startswith(message)


def test_an_organisation_that_cannot_live_with_a_neutral_value_is_refused():
    one = scenario()
    one.compare.organisations = ["relay_race", "aligned"]
    one.organisations = {name: one.organisations[name] for name in one.compared()}
    for name in one.compared():
        one.organisations[name].roles.marketer.headcount, one.organisations[name].support.share = 0, 0.0
    with pytest.raises(ScenarioError, match=r"study=ablation, all off: organisations\.relay_race\.roles\.marketer"):
        ablate(one, simulate=never)
