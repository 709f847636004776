"""What became of leads: their deals, or the stages that these went through."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.leads.moments import NEVER, Moments, before
from simulator.leads.rows import Mask, Rows, among, codes
from simulator.leads.settings import OUTCOMES, STAGES, Crm
from simulator.scenario.schema import ScenarioError

WON, LOST, OPEN = range(len(OUTCOMES))


@dataclass(frozen=True)
class Deals:
    """What became of each row of leads.

    Attributes
    ----------
    outcome : int64, index into ``OUTCOMES``; open where there is no deal.
    ended : datetime64[us], when it was won or lost.
    value_usd : of what was won or lost, or of the deal that goes on; NaN if not known.
    has_deal : bool, whether there is a deal.
    spoilt : bool, one of its deals is set aside: what became of it is not known.
    several : leads with more than one deal.
    stages : row of leads, stage, entered.
    rows : the file of deals, None if there is none of its own; ``ids`` are the leads that its rows name.
    ended_rows : when the deals of its rows ended or entered their stage.
    other_stages : names of stages that are not mapped, and how many rows have each.
    """

    outcome: NDArray[np.int64]
    ended: NDArray[np.datetime64]
    value_usd: NDArray[np.float64]
    has_deal: Mask
    spoilt: Mask
    several: int
    stages: pd.DataFrame
    rows: Rows | None = None
    ids: "pd.Series[str] | None" = None
    ended_rows: NDArray[np.datetime64] | None = None
    other_stages: "pd.Series[int] | None" = None

    @classmethod
    def none(cls, leads: int) -> "Deals":
        """An export without deals: all leads are open."""
        return cls(np.full(leads, OPEN), np.full(leads, NEVER), np.full(leads, np.nan), np.zeros(leads, bool),
                   np.zeros(leads, bool), 0, stages_of([], [], []))  # fmt: skip


def read_deals(crm: Crm, leads: Rows, ids: "pd.Series[str]", created: Moments, known_until: datetime | None) -> Deals:
    """Read deals from their own file, or from the rows of leads, and check them against the leads.

    Parameters
    ----------
    leads, ids, created : the rows of leads; what is wrong with a deal that stands in one sets that aside.
    """
    asks = crm.deal_columns
    if not asks.id and crm.deals:
        raise ScenarioError("crm.deal_columns.id must name a column, got ''")
    if crm.deals:
        wanted = {f"crm.deal_columns.{key}": name for key, name in dataclasses.asdict(asks).items()}
        rows = Rows("crm.deals", crm.deals, crm, wanted)
        names = rows.text(asks.id)
        lead = _leads_of(crm, names, rows, leads, ids)
    else:
        rows, names, lead = leads, ids, np.arange(len(leads))
    outcome, other = _outcomes(crm, rows)
    over = outcome != OPEN
    if not asks.closed and not asks.entered and over.any():
        raise ScenarioError("crm.deal_columns must name the column closed or entered, which say when a deal ended")
    entered, ended = rows.moments(asks.entered), rows.moments(asks.closed)
    by_stage = ended.blank & ~entered.blank
    ended = Moments(
        np.where(by_stage, entered.at, ended.at), ended.blank & entered.blank,
        np.where(by_stage, entered.has_time, ended.has_time), ended.notes,
    )  # fmt: skip
    rows.dated(ended, known_until, over)
    if asks.entered:
        rows.dated(entered, known_until)
    born = created.taken(np.maximum(lead, 0))
    early = before(ended, born)
    for code, word in ((WON, "won"), (LOST, "lost")):
        rows.set_aside(early & (outcome == code), f"{word} before its lead was created")
    value = rows.numbers(asks.value, "value") * crm.usd_per_unit
    rows.set_aside(value < 0, "negative value")
    late = before(entered, born)
    rows.empty(late, "stage entered before the lead was created")
    good = rows.good
    table = pd.DataFrame(
        {
            "lead": lead, "outcome": outcome, "value": value,
            "ended": np.maximum(ended.at, born.at), "entered": np.maximum(entered.at, born.at),
        }
    )  # fmt: skip
    spoilt = np.zeros(len(leads), bool)
    if crm.deals:
        spoilt[lead[(rows.reason != "") & (lead >= 0)]] = True
    stage = codes(rows.text(asks.stage), dataclasses.asdict(crm.stages))
    known = good & (stage >= 0) & ~np.isnat(entered.at) & ~late
    stages = stages_of(lead[known], np.array(STAGES)[stage[known]], table["entered"].to_numpy()[known])
    last = _last(table[good], history=bool(asks.entered))
    deals = Deals.none(len(leads))
    at = last["lead"].to_numpy()
    deals.outcome[at], deals.value_usd[at], deals.has_deal[at] = last["outcome"], last["value"], True
    deals.ended[at] = np.where(last["outcome"] == OPEN, NEVER, last["ended"].to_numpy())
    moments = np.where(over, ended.at, entered.at)
    return dataclasses.replace(
        deals, spoilt=spoilt, several=int((last["deals"] > 1).sum()) if not asks.entered else 0,
        stages=stages, rows=rows if crm.deals else None, ids=names, ended_rows=moments, other_stages=other,
    )  # fmt: skip


def stages_of(rows: object, stage: object, entered: object) -> pd.DataFrame:
    """Stages: row of leads, stage (category), entered (datetime64[us])."""
    table = pd.DataFrame({"row": rows, "stage": stage, "entered": entered})
    return table.astype({"row": "int64", "stage": pd.CategoricalDtype([*STAGES]), "entered": "datetime64[us]"})


def _leads_of(crm: Crm, names: "pd.Series[str]", rows: Rows, leads: Rows, ids: "pd.Series[str]") -> NDArray[np.int64]:
    """The row of leads that each deal belongs to, -1 if none; deals without a lead are set aside."""
    keys = leads.text(crm.lead_columns.deal) if crm.lead_columns.deal else ids
    rows.set_aside((names == "").to_numpy(), "no id")
    good = np.flatnonzero(leads.good & (keys != "").to_numpy())
    known = keys.iloc[good].drop_duplicates()
    place = pd.Index(known).get_indexer(pd.Index(names))
    lead = np.where(place >= 0, known.index.to_numpy()[place] if len(known) else -1, -1)
    lost = np.flatnonzero(lead < 0)
    rows.left_out[lost] |= among(names.iloc[lost], keys[leads.left_out])
    spoilt = np.zeros(len(rows), bool)
    spoilt[lost] = among(names.iloc[lost], keys)
    rows.set_aside(spoilt, "its lead is set aside")
    rows.set_aside(lead < 0, "deal without a lead")
    return lead


def _outcomes(crm: Crm, rows: Rows) -> tuple[NDArray[np.int64], "pd.Series[int] | None"]:
    """The outcome of each deal, and the names of stages that are not mapped."""
    asks = crm.deal_columns
    name = rows.text(asks.stage)
    stage = codes(name, dataclasses.asdict(crm.stages))
    other = name[(stage < 0) & (name != "").to_numpy() & rows.good].value_counts() if asks.stage else None
    if asks.outcome:
        word = rows.text(asks.outcome)
        outcome = codes(word, dataclasses.asdict(crm.outcomes))
        outcome[(word == "").to_numpy()] = OPEN
        rows.set_aside(outcome < 0, "unknown word for the outcome")
        return np.where(outcome < 0, OPEN, outcome), other
    if asks.stage:
        won, lost = STAGES.index("won"), STAGES.index("lost")
        return np.where(stage == won, WON, np.where(stage == lost, LOST, OPEN)), other
    return np.full(len(rows), OUTCOMES.index(crm.deal_means)), other


def _last(deals: pd.DataFrame, *, history: bool) -> pd.DataFrame:
    """The deal that says what became of each lead: the first win; else one that is open; else the last loss.

    Of a history the latest row says whether it was lost: a deal that was open before is not open still.
    """
    deals = deals.assign(deals=deals.groupby("lead")["lead"].transform("size"))
    won = deals["outcome"] == WON
    by = ["entered"] if history else ["open", "ended"]
    ordered = deals.assign(open=deals["outcome"] == OPEN)
    others = ordered[~won].sort_values(by, kind="stable", na_position="first").drop_duplicates("lead", keep="last")
    first = ordered[won].sort_values("ended", kind="stable").drop_duplicates("lead")
    return pd.concat([first, others]).drop_duplicates("lead", keep="first")
