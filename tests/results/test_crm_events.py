"""The event log of a CRM: what the vendor sees, ending as the deals do, the same however it comes."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import simulator as sim
from simulator.engines.report import LOG_DTYPE, in_chunks
from simulator.model.words import Activity
from simulator.results.crm_events import CrmEvents
from simulator.results.crm_export import crm_tables, owners_until
from simulator.results.crm_seen import UNSEEN, seen

A = Activity


@cache
def result() -> sim.Result:
    days = ["run.warm_up_days=0", "run.cohort_days=200", "run.follow_up_days=0"]
    return sim.simulate(sim.load_scenario("baseline", days), "aligned", record="touches")


def written(folder: Path, rows: int) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    folder.mkdir()
    one, events = result(), CrmEvents(folder / "e.csv", folder / "e.parquet", folder / "e.csv")
    for chunk in in_chunks(one.report.log, rows):
        events.append(one.setup, chunk)
    events.end_run(one.setup)
    events.close()
    text = pd.read_csv(folder / "e.csv", dtype={"case:concept:name": str}, parse_dates=["time:timestamp"])
    return text, pd.read_parquet(folder / "e.parquet"), events.owners


def test_the_log_agrees_with_the_tables_and_with_the_touches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, tables = result(), crm_tables(result())
    text, events, owners = written(tmp_path / "whole", len(one.report.log))
    monkeypatch.setattr("simulator.results.crm_events._ROWS_AT_ONCE", 1000)
    _, in_parts, _ = written(tmp_path / "parts", 777)
    pd.testing.assert_frame_equal(events, in_parts)
    pd.testing.assert_frame_equal(events, text, check_dtype=False)
    assert np.array_equal(owners, owners_until(one, int(one.setup.rules.horizon_us)))

    case, activity = events["case:concept:name"], events["concept:name"]
    assert set(case) == set(tables.leads["lead_id"])
    assert (activity[~case.duplicated()] == "inquiry").all() and events["time:timestamp"].is_monotonic_increasing
    ends = tables.deals.dropna(subset="outcome")
    ended_at = one.journeys.astype({"buyer": "str"}).set_index("buyer")["ended_at"]
    given_up = ends["closed"].to_numpy() != ended_at[ends["lead_id"]].to_numpy()
    for outcome in ("won", "lost", "no_decision"):
        closed = set(ends.loc[(ends["outcome"] == outcome) & ~given_up, "lead_id"])
        assert set(case[activity == outcome]) == closed != set()
    quiet = ends.loc[given_up, ["lead_id", "closed"]].itertuples(index=False)
    gone = events[activity.isin(["dropped", "recycled"])].itertuples(index=False)
    assert given_up.any() and set(quiet) <= {(row[0], row[2]) for row in gone}  # its rep let it go at that moment

    unseen, leads, due = {kind.name.lower() for kind in (*UNSEEN, A.LOST, A.NO_DECISION, A.ELSEWHERE)}, set(), []
    for row in one.touches.to_dict("records"):
        lead = row["case:concept:name"].split("/")[2]
        if row["concept:name"] == "inquiry":
            leads.add(lead)
        if lead in leads and row["concept:name"] not in unseen:
            due.append((lead, row["concept:name"], row["time:timestamp"], row["org:resource"], row["channel"]))
    assert list(events[~activity.isin(["lost", "no_decision"])].itertuples(index=False, name=None)) == due


#: A buyer's log, and what of it the vendor sees.
LIVES = {
    "never inquires": ([A.READ_OURS, A.READ_RIVAL, A.WON], []),
    "reads, inquires, reads": ([A.READ_OURS, A.INQUIRY, A.READ_RIVAL, A.READ_OURS], [A.INQUIRY, A.READ_OURS]),
    "leaves in silence": ([A.INQUIRY, A.MQL, A.DROPPED, A.LOST], [A.INQUIRY, A.MQL, A.DROPPED]),
    "buys without a deal": ([A.INQUIRY, A.WON], [A.INQUIRY, A.WON]),
    "a deal that is lost": ([A.INQUIRY, A.OWNER_ASSIGNED, A.OPPORTUNITY, A.NO_DECISION], "all"),
    "given up, then lost": ([A.INQUIRY, A.OWNER_ASSIGNED, A.OPPORTUNITY, A.DROPPED, A.LOST],
                            [A.INQUIRY, A.OWNER_ASSIGNED, A.OPPORTUNITY, A.DROPPED]),
    "given up, then won": ([A.INQUIRY, A.OWNER_ASSIGNED, A.OPPORTUNITY, A.RECYCLED, A.WON], "all"),
    "released before it was a deal": ([A.INQUIRY, A.OWNER_ASSIGNED, A.DROPPED, A.OWNER_ASSIGNED, A.OPPORTUNITY, A.LOST],
                                      "all"),
}  # fmt: skip


@pytest.mark.parametrize("life", LIVES)
def test_what_the_vendor_sees_of_a_life(life: str) -> None:
    happened, visible = LIVES[life]
    log = np.zeros(len(happened), LOG_DTYPE)
    log["activity"], log["person"], log["buyer"] = happened, np.arange(len(happened)), 1
    status, owners = np.zeros(3, np.int8), np.full(3, -1, np.int32)
    found = [seen(log[i : i + 1], status, owners) for i in range(len(log))]  # rows come one after the other
    assert np.concatenate(found)["activity"].tolist() == (happened if visible == "all" else visible)
    last = max((i for i, activity in enumerate(happened) if activity == A.OWNER_ASSIGNED), default=-1)
    assert owners.tolist() == [-1, last, -1]


def test_a_run_without_events_leaves_empty_files(tmp_path: Path) -> None:
    events = CrmEvents(tmp_path / "e.csv", tmp_path / "e.parquet", tmp_path / "e.csv")
    events.append(result().setup, np.zeros(0, LOG_DTYPE))
    events.end_run(result().setup)
    events.close()
    assert list(pd.read_csv(tmp_path / "e.csv")) == list(pd.read_parquet(tmp_path / "e.parquet"))
