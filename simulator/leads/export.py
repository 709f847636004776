"""From a CRM export to a funnel: leads, what became of each, and what was wrong with the rest.

Nothing is guessed about a row: what cannot be read sets it aside. A lead whose deal is set aside is set aside with it,
because what became of it is not known; in an export where both stand in one row it is the same row.
"""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.leads.deals import Deals, read_deals, stages_of
from simulator.leads.funnel import OUTCOMES, UNKNOWN_CHANNEL, Funnel
from simulator.leads.moments import NEVER, Moments, before, moment_of
from simulator.leads.notes import notes
from simulator.leads.read_report import ReadReport
from simulator.leads.rows import Rows, is_after
from simulator.leads.settings import Crm
from simulator.scenario.schema import ScenarioError

_ITS_DEAL = "its deal is set aside"


def read_funnel(crm: Crm) -> Funnel:
    """Read an export.

    Parameters
    ----------
    crm : the files, and which columns and words mean what.

    Raises
    ------
    ScenarioError
        One line, when a file cannot be read at all or no lead can be kept; single rows that cannot be read are set
        aside, and stand in the report.
    """
    if not crm.leads:
        raise ScenarioError("crm.leads must name a file of leads, CSV or Parquet, got ''")
    known_until = moment_of("crm.exported_at", crm.exported_at) if crm.exported_at else None
    asks, has_deals = crm.lead_columns, bool(crm.deals) or crm.one_file
    rows = Rows("leads", crm.leads, crm, _wanted(crm))
    rows.keep_only(crm.only)
    ids, created = rows.text(asks.id), rows.moments(asks.created)
    rows.set_aside((ids == "").to_numpy(), "no id")
    rows.dated(created, known_until)
    good = rows.good
    again = np.zeros(len(rows), bool)
    again[good] = ids[good].duplicated().to_numpy()
    rows.set_aside(again, "duplicate id")
    _refuse_nothing(rows)
    deals = read_deals(crm, rows, ids, created, known_until) if has_deals else Deals.none(len(rows))
    rows.set_aside(deals.spoilt, _ITS_DEAL)
    contact = _contact(rows, created, known_until)
    scores = rows.numbers(asks.score, "score")
    stages = _stages(rows, ids, created, deals, known_until)
    kept = rows.good
    _refuse_nothing(rows)
    stages = stages[kept[stages["row"].to_numpy()]].drop(columns="row")
    exported_at = known_until or _latest([created.at[kept], deals.ended[kept], contact[kept], stages["entered"]])
    channel = rows.text(asks.channel)
    channel = channel.where(channel != "", UNKNOWN_CHANNEL)
    leads = pd.DataFrame(
        {
            "lead_id": ids[kept],
            "created": created.at[kept],
            "channel": channel[kept].astype("category"),
            "segment": rows.text(asks.segment)[kept].astype("category"),
            "score": scores[kept],
            "owner": rows.text(asks.owner)[kept],
            "first_contact": contact[kept],
            "outcome": pd.Categorical.from_codes(deals.outcome[kept], categories=pd.Index(OUTCOMES)),
            "ended": deals.ended[kept],
            "value_usd": deals.value_usd[kept],
        }
    )
    leads = leads.sort_values(["created", "lead_id"], kind="stable", ignore_index=True)
    stages = stages.sort_values(["entered", "lead_id"], kind="stable", ignore_index=True)
    report = _report(crm, rows, ids, created, deals, leads, exported_at)
    return Funnel(leads, stages, exported_at, report)


def _wanted(crm: Crm) -> dict[str, str]:
    """Columns of the file of leads by the settings that name them."""
    asks = {f"crm.lead_columns.{key}": name for key, name in dataclasses.asdict(crm.lead_columns).items()}
    asks |= {f"crm.stage_columns.{key}": name for key, name in dataclasses.asdict(crm.stage_columns).items()}
    for key in ("id", "created"):
        if not asks[f"crm.lead_columns.{key}"]:
            raise ScenarioError(f"crm.lead_columns.{key} must name a column, got ''")
    if crm.one_file and not crm.deals:
        asks |= {f"crm.deal_columns.{key}": name for key, name in dataclasses.asdict(crm.deal_columns).items()}
    return asks | {f"crm.only[{place}]": one.partition("=")[0].strip() for place, one in enumerate(crm.only)}


def _contact(rows: Rows, created: Moments, known_until: datetime | None) -> NDArray[np.datetime64]:
    """When a person first reached each lead; NaT where nobody did, or where it cannot be."""
    found = rows.moments(rows.crm.lead_columns.first_contact)
    rows.empty(found.unreadable, "first contact that is no date")
    early = before(found, created)
    at = np.maximum(found.at, created.at)  # of the same day
    at[rows.empty(early, "first contact before the lead was created")] = NEVER
    at[rows.empty(is_after(found.at, known_until), "first contact after the export date")] = NEVER
    return at


def _stages(
    rows: Rows, ids: "pd.Series[str]", created: Moments, deals: Deals, known_until: datetime | None
) -> pd.DataFrame:
    """Stages by the dates that stand beside leads, and those of deals."""
    found = [deals.stages]
    for stage, column in dataclasses.asdict(rows.crm.stage_columns).items():
        if not column:
            continue
        entered = rows.moments(column)
        rows.empty(entered.unreadable, f"date of {stage} that is no date")
        early = rows.empty(before(entered, created), f"date of {stage} before the lead was created")
        late = rows.empty(is_after(entered.at, known_until), f"date of {stage} after the export date")
        told = np.flatnonzero(~np.isnat(entered.at) & ~early & ~late)
        at = np.maximum(entered.at, created.at)[told]
        found.append(stages_of(told, np.full(len(told), stage), at))
    joined = pd.concat(found, ignore_index=True)
    joined.insert(0, "lead_id", ids.iloc[joined["row"]].to_numpy())
    return joined


def _latest(dates: Sequence[object]) -> datetime:
    known = np.concatenate([np.asarray(one, "datetime64[us]") for one in dates])
    found: datetime = known[~np.isnat(known)].max().item()
    return found


def _refuse_nothing(rows: Rows) -> None:
    """Refuse an export of which no lead is kept, and say why."""
    if rows.good.any():
        return
    read = rows.read(np.full(len(rows), NEVER))
    why = ", ".join(f"{count:,} {reason}" for reason, count in read.reasons.items())
    left = f"{read.left_out:,} left out by crm.only" if read.left_out else ""
    said = "; ".join(filter(None, (why, left)))
    raise ScenarioError(
        f"crm.leads must hold a lead that can be read, got none in {read.rows:,} rows of {read.path}: {said}"
    )


def _report(crm: Crm, rows: Rows, ids: "pd.Series[str]", created: Moments, deals: Deals, leads: pd.DataFrame,
            exported_at: datetime) -> ReadReport:  # fmt: skip
    """What reading found."""
    files, aside, emptied = [rows.read(created.at)], [rows.aside(ids)], Counter(rows.emptied)
    if deals.rows is not None and deals.ids is not None and deals.ended_rows is not None:
        files.append(deals.rows.read(deals.ended_rows))
        aside.append(deals.rows.aside(deals.ids))
        emptied.update(deals.rows.emptied)
    outcomes = {word: int((leads["outcome"] == word).sum()) for word in OUTCOMES}
    good = rows.good
    facts = {
        "without a deal (censored, not lost)": int((good & ~deals.found).sum()),
        "with several deals": deals.several,
        f"of no known channel ({UNKNOWN_CHANNEL})": int((leads["channel"] == UNKNOWN_CHANNEL).sum()),
        "reached by a person": int(leads["first_contact"].notna().sum()),
        "with a value": int(leads["value_usd"].notna().sum()),
    }
    return ReadReport(tuple(files), pd.concat(aside, ignore_index=True), dict(emptied), outcomes, facts, exported_at,
                      bool(crm.exported_at), tuple(notes(crm, rows, deals, leads, exported_at)))  # fmt: skip
