"""From a CRM export to a funnel: its leads, and what became of each until the export.

Nothing is guessed about a row: what cannot be read sets it aside. A lead whose deal is set aside is set aside with it,
because what became of it is not known; in an export where both stand in one row it is the same row.
"""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.leads.deals import Deals, read_deals, stages_of
from simulator.leads.doubts import notes
from simulator.leads.moments import NEVER, Moments, before, moment_of
from simulator.leads.report import ReadReport
from simulator.leads.rows import UNKNOWN_CHANNEL, Rows, among, is_after
from simulator.leads.settings import OUTCOMES, Crm
from simulator.scenario.schema import ScenarioError

_ITS_DEAL = "its deal is set aside"


@dataclass(frozen=True)
class Funnel:
    """A funnel as an export knows it.

    Attributes
    ----------
    leads : a row per lead, by ``created`` and ``lead_id``: lead_id (str), created (datetime64[us]), channel (category),
        segment (category, "" if none), score (float, NaN), owner (str, "" if none), first_contact (datetime64[us],
        NaT), outcome (category: won, lost, open), ended (datetime64[us], NaT while open), value_usd (float, NaN).
    stages : lead_id (str), stage (category: ``STAGES``), entered (datetime64[us]), by ``entered``; empty if the export
        has none.
    exported_at : what the export knows until then; open leads are censored there.
    report : what reading found; of the whole export, also where this is a part of it.
    """

    leads: pd.DataFrame
    stages: pd.DataFrame
    exported_at: datetime
    report: ReadReport

    def __len__(self) -> int:
        return len(self.leads)

    def until(self, cutoff: datetime) -> "Funnel":
        """What an export at an earlier moment would have shown: leads created before it, those that ended later open.

        Channel, segment, score and owner are as they are known now. At or after ``exported_at`` it is this funnel.
        """
        if cutoff >= self.exported_at:
            return self
        at = np.datetime64(cutoff, "us")
        leads = self.leads[self.leads["created"].to_numpy() < at].reset_index(drop=True)
        later = leads["ended"].to_numpy() >= at
        leads.loc[later, "outcome"] = "open"
        leads.loc[later, "ended"] = pd.NaT
        leads.loc[later, "value_usd"] = np.nan
        leads.loc[leads["first_contact"].to_numpy() >= at, "first_contact"] = pd.NaT
        stages = self.stages[self.stages["entered"].to_numpy() < at]
        return replace(self, leads=leads, stages=_of(stages, leads), exported_at=cutoff)

    def between(self, first: datetime, last: datetime) -> "Funnel":
        """Leads created from ``first`` on and before ``last``, followed as long as all."""
        created = self.leads["created"].to_numpy()
        chosen = (created >= np.datetime64(first, "us")) & (created < np.datetime64(last, "us"))
        leads = self.leads[chosen].reset_index(drop=True)
        return replace(self, leads=leads, stages=_of(self.stages, leads))


def _of(stages: pd.DataFrame, leads: pd.DataFrame) -> pd.DataFrame:
    """Stages of these leads."""
    return stages[among(stages["lead_id"], leads["lead_id"])].reset_index(drop=True)


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
    rows = Rows("crm.leads", crm.leads, crm, _wanted(crm))
    rows.keep_only(crm.only)
    ids, created = rows.leads(asks.id, asks.created, known_until)
    deals = read_deals(crm, rows, ids, created, known_until) if has_deals else Deals.none(len(rows))
    rows.set_aside(deals.spoilt, _ITS_DEAL)
    contact = _contact(crm, rows, created, known_until)
    scores = rows.numbers(asks.score, "score")
    stages = _stages(crm, rows, ids, created, deals, known_until)
    kept = rows.good
    rows.refuse_none_kept()
    stages = stages[kept[stages["row"].to_numpy()]].drop(columns="row")
    exported_at = known_until or _latest([created.at[kept], deals.ended[kept], contact[kept], stages["entered"]])
    leads = pd.DataFrame(
        {
            "lead_id": ids[kept],
            "created": created.at[kept],
            "channel": rows.channels(asks.channel)[kept].astype("category"),
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
    return asks | {f"crm.only[{place}]": rule.partition("=")[0].strip() for place, rule in enumerate(crm.only)}


def _contact(crm: Crm, rows: Rows, created: Moments, known_until: datetime | None) -> NDArray[np.datetime64]:
    """When a person first reached each lead; NaT where nobody did, or where it cannot be."""
    contact = rows.moments(crm.lead_columns.first_contact)
    rows.empty(contact.unreadable, "first contact that is no date")
    early = before(contact, created)
    at = np.maximum(contact.at, created.at)  # of the same day
    at[rows.empty(early, "first contact before the lead was created")] = NEVER
    at[rows.empty(is_after(contact.at, known_until), "first contact after the export date")] = NEVER
    return at


def _stages(
    crm: Crm, rows: Rows, ids: "pd.Series[str]", created: Moments, deals: Deals, known_until: datetime | None
) -> pd.DataFrame:
    """Stages by the dates that stand beside leads, and those of deals."""
    tables = [deals.stages]
    for stage, column in dataclasses.asdict(crm.stage_columns).items():
        if not column:
            continue
        entered = rows.moments(column)
        rows.empty(entered.unreadable, f"date of {stage} that is no date")
        early = rows.empty(before(entered, created), f"date of {stage} before the lead was created")
        late = rows.empty(is_after(entered.at, known_until), f"date of {stage} after the export date")
        known = np.flatnonzero(~np.isnat(entered.at) & ~early & ~late)
        at = np.maximum(entered.at, created.at)[known]
        tables.append(stages_of(known, np.full(len(known), stage), at))
    joined = pd.concat(tables, ignore_index=True)
    joined.insert(0, "lead_id", ids.iloc[joined["row"]].to_numpy())
    return joined


def _latest(dates: Sequence[object]) -> datetime:
    moments = np.concatenate([np.asarray(column, "datetime64[us]") for column in dates])
    latest: datetime = moments[~np.isnat(moments)].max().item()
    return latest


def _report(crm: Crm, rows: Rows, ids: "pd.Series[str]", created: Moments, deals: Deals, leads: pd.DataFrame,
            exported_at: datetime) -> ReadReport:  # fmt: skip
    """What was read, and what was set aside."""
    files, aside, emptied = [rows.read("leads", created.at)], [rows.aside(ids)], Counter(rows.emptied)
    if deals.rows is not None and deals.ids is not None and deals.ended_rows is not None:
        files.append(deals.rows.read("deals", deals.ended_rows))
        aside.append(deals.rows.aside(deals.ids))
        emptied.update(deals.rows.emptied)
    outcomes = {word: int((leads["outcome"] == word).sum()) for word in OUTCOMES}
    good = rows.good
    facts = {
        "without a deal (censored, not lost)": int((good & ~deals.has_deal).sum()),
        "with several deals": deals.several,
        f"of no known channel ({UNKNOWN_CHANNEL})": int((leads["channel"] == UNKNOWN_CHANNEL).sum()),
        "reached by a person": int(leads["first_contact"].notna().sum()),
        "with a value": int(leads["value_usd"].notna().sum()),
    }
    return ReadReport(tuple(files), pd.concat(aside, ignore_index=True), dict(emptied), outcomes, facts, exported_at,
                      bool(crm.exported_at), tuple(notes(crm, rows, deals, leads, exported_at)))  # fmt: skip
