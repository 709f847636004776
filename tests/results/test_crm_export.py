"""A run as a CRM would hold it: against the journeys table, against the metrics, and as the leads of a replay."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.csv
import pytest

import simulator as sim
from simulator.leads.funnel import read_funnel
from simulator.results.crm_export import CSV, CrmTables, crm_tables, safe_text
from simulator.results.summary import summarise
from simulator.scenario.schema import ScenarioError
from tests.results.fake_journeys import DAY, changed, fake_scenario, fake_simulate
from tests.results.naive_crm import as_rows, naive_tables

DAYS = 150


@cache
def result(organisation: str = "integrated") -> sim.Result:
    """A run whose cohort is everybody, followed up for no longer: some deals are still open."""
    days = ["run.warm_up_days=0", f"run.cohort_days={DAYS}", "run.follow_up_days=0"]
    return sim.simulate(sim.load_scenario("baseline", days), organisation, record="touches")


@cache
def given_up() -> sim.Result:
    """Made-up buyers, of whom reps give up some at every moment: before the deal, during it and at its end."""
    fake = fake_simulate(fake_scenario(), "integrated")
    history, rng = fake.report.history, np.random.default_rng(7)
    owned, ended = history["owned_at"], history["ended_at"]
    until = np.where(ended < 0, int(fake.setup.rules.horizon_us), ended)
    at = np.rint(owned + rng.uniform(0, 1.5, len(owned)) * (until - owned)).astype(np.int64)
    released = np.where((owned >= 0) & (rng.uniform(size=len(owned)) < 0.7), np.minimum(at, until), -1)
    return changed(fake, released_at=released)


def tables_of(one: sim.Result, day: float | None) -> tuple[CrmTables, tuple[list, list, list]]:
    return crm_tables(one, exported_at_day=day), naive_tables(one, day)


@pytest.mark.parametrize("day", [None, 0, 61.25])
@pytest.mark.parametrize("run", [result, given_up])
def test_what_leaves_is_what_a_loop_over_the_journeys_finds(run, day) -> None:
    found, expected = tables_of(run(), day)
    for name, rows in zip(("leads", "deals", "stages"), expected, strict=True):
        assert as_rows(getattr(found, name)) == rows, name
    if day is None:
        assert len(found.leads) > 60 and found.deals["outcome"].nunique() == 3


def test_the_cases_are_there_that_are_told_apart() -> None:
    assert crm_tables(result()).deals["closed"].isna().any()  # deals that are open at the end
    stages = crm_tables(given_up()).stages
    both = stages.groupby("lead_id")["stage"].agg(lambda of: {"lost", "won"} <= set(of))
    assert both.any()  # given up, and won after all
    closed_on = crm_tables(given_up()).deals.set_index("lead_id")["closed"]
    ended_on = given_up().journeys.astype({"buyer": "str"}).set_index("buyer")["ended_at"]
    assert (closed_on < ended_on[closed_on.index]).any()  # given up before it ended


def test_columns_are_those_of_the_mapping() -> None:
    found = crm_tables(result())
    assert {name: ",".join(table) for name, table in found.named().items()} == {
        "leads": "lead_id,created,channel,segment,owner,first_contact",
        "deals": "lead_id,owner,closed,outcome,value_usd",
        "stages": "lead_id,stage,entered",
    }
    assert found.leads["lead_id"].is_unique and found.deals["lead_id"].is_unique
    assert set(found.deals["lead_id"]) | set(found.stages["lead_id"]) == set(found.leads["lead_id"])


@pytest.mark.parametrize("organisation", ["relay_race", "integrated"])
def test_counts_add_up_with_the_metrics(organisation: str) -> None:
    one = result(organisation)
    found, sums = crm_tables(one), summarise(one, one.scenario, organisation, 0).sums
    outcomes, entered = found.deals["outcome"].value_counts(), found.stages["stage"].value_counts()
    assert len(found.leads) == entered["inquiry"] == sums["inquiries"]
    assert entered["mql"] == sums["mqls"] and entered["sal"] == sums["sals"] and entered["sql"] == sums["sqls"]
    assert entered["opportunity"] == sums["inquiry_opportunities"]
    assert found.leads["first_contact"].notna().sum() == sums["contacted"]
    assert outcomes["won"] == entered["won"] == sums["won_inquiries"] < sums["won"] + 1
    assert outcomes["lost"] + outcomes["no_decision"] == entered["lost"]
    journeys = one.journeys
    paid = journeys.loc[journeys["inquiry_at"].notna(), "value_usd"].sum()
    assert found.deals.loc[found.deals["outcome"] == "won", "value_usd"].sum() == pytest.approx(paid)


def test_who_left_in_silence_has_no_deal() -> None:
    one, journeys = crm_tables(result()), result().journeys
    silent = journeys[journeys["opportunity_at"].isna() & journeys["outcome"].isin(["lost", "no_decision"])]
    assert len(silent) > 100 and not set(silent["buyer"].astype(str)) & set(one.deals["lead_id"])


def test_an_export_on_a_day_is_the_last_one_cut_by_hand() -> None:
    one, day = result(), 90
    full, then = crm_tables(one), crm_tables(one, exported_at_day=day)
    cut = pd.Timestamp(one.setup.arrivals.first_day) + pd.Timedelta(days=day)

    leads = full.leads[full.leads["created"] < cut].drop(columns="owner")
    leads["first_contact"] = leads["first_contact"].where(leads["first_contact"] < cut)
    pd.testing.assert_frame_equal(then.leads.drop(columns="owner"), leads)

    stages = full.stages[full.stages["entered"] < cut].reset_index(drop=True)
    pd.testing.assert_frame_equal(then.stages, stages)

    known = set(stages.loc[stages["stage"].isin(["opportunity", "won"]), "lead_id"])
    deals = full.deals[full.deals["lead_id"].isin(known)].reset_index(drop=True)
    deals[["closed", "outcome"]] = deals[["closed", "outcome"]].where(deals["closed"] < cut)
    names = ["lead_id", "closed", "outcome"]
    pd.testing.assert_frame_equal(then.deals[names], deals[names], check_categorical=False)
    assert 0 < deals["closed"].isna().sum() < len(deals) < len(full.deals)


def test_owners_are_those_of_the_touches_and_unknown_without_them() -> None:
    with_them, without = crm_tables(result()), crm_tables(given_up())
    assert with_them.leads["owner"].str.startswith("rep ").sum() > 10
    assert without.leads["owner"].isna().all() and without.deals["owner"].isna().all()


@pytest.mark.parametrize("day", [-1, DAYS + 1, float("nan")])
def test_a_day_outside_the_run_is_refused(day: float) -> None:
    with pytest.raises(ScenarioError, match=rf"^exported_at_day must lie in \[0, {DAYS}\], got "):
        crm_tables(result(), exported_at_day=day)


def test_no_text_is_a_formula_to_a_spreadsheet(tmp_path: Path) -> None:
    texts = ["=1+1", "+1", "-web", "@sum", "\ttab", "\rreturn", "a=b", "", None, "plain, with a comma"]
    table = pd.DataFrame({"text": texts, "kind": pd.Categorical(texts), "number": range(-3, 7)})
    pyarrow.csv.write_csv(safe_text(table), tmp_path / "safe.csv", CSV)
    back = pd.read_csv(tmp_path / "safe.csv", keep_default_na=False, na_values={}, lineterminator="\n")
    expected = ["'=1+1", "'+1", "'-web", "'@sum", "'\ttab", "'\rreturn", "a=b", "", "", "plain, with a comma"]
    assert back["text"].tolist() == back["kind"].tolist() == expected
    assert back["number"].tolist() == list(range(-3, 7))


def test_the_leads_that_leave_can_be_replayed(tmp_path: Path) -> None:
    one = result("relay_race")
    leads = crm_tables(one).leads
    pyarrow.csv.write_csv(safe_text(leads), tmp_path / "leads.csv", CSV)
    columns = ["date_column=created", "channel_column=channel", "id_column=lead_id", "enter_as=inquiry"]
    keys = [f"market.leads.{key}" for key in (f"path={tmp_path / 'leads.csv'}", *columns)]
    days = ["run.warm_up_days=0", f"run.cohort_days={DAYS}", "run.follow_up_days=0"]
    again = sim.simulate(sim.load_scenario("replay", [*keys, *days]), "relay_race")
    arrivals = again.setup.arrivals
    start = np.datetime64(arrivals.first_day, "us")
    came = pd.DataFrame({"lead_id": arrivals.ids, "created": start + arrivals.at_us.astype("timedelta64[us]"),
                         "channel": [arrivals.channels[c] for c in arrivals.channel]})  # fmt: skip
    pd.testing.assert_frame_equal(came, leads[["lead_id", "created", "channel"]].astype({"channel": "str"}))
    exported = crm_tables(again).leads
    pd.testing.assert_frame_equal(exported[["lead_id", "created"]], leads[["lead_id", "created"]])
    assert arrivals.first_day == one.setup.arrivals.first_day and again.setup.rules.horizon_us == DAY * DAYS


@pytest.mark.parametrize("day", [None, 140.0])
def test_the_export_is_read_as_the_export_that_it_is(day: float | None, tmp_path: Path) -> None:
    exported = crm_tables(result(), exported_at_day=day)
    for name in ("leads", "deals"):
        pyarrow.csv.write_csv(safe_text(exported.named()[name]), tmp_path / f"{name}.csv", CSV)
    files = [f"crm.{name}={tmp_path / name}.csv" for name in ("leads", "deals")]
    funnel = read_funnel(sim.load_scenario(overrides=["crm=simulator", *files]).crm)
    assert not len(funnel.report.aside) and len(funnel) == len(exported.leads)
    deals = exported.deals.set_index(exported.deals["lead_id"].astype(str))
    told = {"won": "won", "lost": "lost", "no_decision": "lost"}
    outcome = deals["outcome"].astype(object).map(told).reindex(funnel.leads["lead_id"]).fillna("open")
    assert funnel.leads["outcome"].astype(str).tolist() == outcome.tolist()
    won = (funnel.leads["outcome"] == "won").to_numpy()
    values = deals["value_usd"].reindex(funnel.leads["lead_id"]).to_numpy()
    assert won.any() == (exported.deals["outcome"] == "won").any() and np.allclose(
        funnel.leads["value_usd"].to_numpy()[won], values[won]
    )
