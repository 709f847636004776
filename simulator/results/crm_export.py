"""What a CRM would hold of a run: leads, deals and the history of their stages, at its end or on a day before.

A CRM knows less than the model. A buyer is a lead from its inquiry on; whoever never inquires is not there, even if it
buys. A deal is a lead that became an opportunity, or a customer: whoever pays is known. How a deal ends is known when
it ends. If its rep gives it up before, it is closed as no decision at that moment, whatever the buyer then does, unless
the buyer comes back and is won. A lead that goes to a rival or gives up before it was a deal just has no deal.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from simulator.model.numerics import DAY_US
from simulator.model.words import Activity, Outcome
from simulator.results.cohort import known_since
from simulator.results.frames import instants, named, resources
from simulator.results.summary import Result
from simulator.scenario.schema import ScenarioError

TABLES = ("leads", "deals", "stages")
#: Stages of the vendor's waterfall in their order; a deal that ends without a sale is `lost`, its outcome says how.
STAGES = ("inquiry", "mql", "sal", "sql", "opportunity", "won", "lost")
OUTCOMES = ("won", "lost", "no_decision")

#: How the files are written: texts in quotes where they must be, nothing where there is nothing.
CSV = pyarrow.csv.WriteOptions(quoting_style="needed")

#: Spreadsheets take a text that begins so for a formula.
_FORMULA = r"^([=+\-@\t\r])"
#: A moment that is not known.
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class CrmTables:
    """Three tables as a CRM would export them; instants are ``datetime64[us]`` on the run's calendar.

    Attributes
    ----------
    leads : lead_id, created (the inquiry), channel, segment, owner, first_contact (when a person first reached it);
        one row per lead in the order of creation.
    deals : lead_id, owner, closed, outcome (`OUTCOMES`), value_usd; one row per deal in the same order. An open deal
        has no ``closed`` and no ``outcome``. The value is what a customer pays, else the price before discounts.
    stages : lead_id, stage (`STAGES`), entered; the leads in the same order, their stages in time.
    """

    leads: pd.DataFrame
    deals: pd.DataFrame
    stages: pd.DataFrame

    def named(self) -> dict[str, pd.DataFrame]:
        """The tables by name."""
        return {name: getattr(self, name) for name in TABLES}


def crm_tables(
    result: Result, *, exported_at_day: float | None = None, owners: NDArray[np.int32] | None = None
) -> CrmTables:
    """The tables that a CRM would export.

    Parameters
    ----------
    result : of one run.
    exported_at_day : days since the start of the run; the tables show what had happened before. None: its end.
    owners : for each row of the run's arrivals the person who owns it on that day, -1 nobody; by default from the run's
        event log. Nobody has an owner if that was not recorded.

    Raises
    ------
    ScenarioError
        If the run does not last until the day.
    """
    setup, report = result.setup, result.report
    history = report.history
    until = _until(exported_at_day, int(setup.rules.horizon_us))

    def moment(name: str) -> NDArray[np.int64]:
        """When it happened, `NEVER` if not before the export."""
        at = history[name]
        return np.where((at >= 0) & (at < until), at, NEVER)

    created = known_since(setup, history["inquiry_at"], history["arrived_at"])
    buyer = setup.arrivals.who[report.rows].astype(np.int64)
    leads = np.flatnonzero((created >= 0) & (created < until))
    leads = leads[np.lexsort((buyer[leads], created[leads]))]
    lead_id = _lead_ids(result, report.rows[leads], buyer[leads])
    if owners is None:
        owners = owners_until(result, until)
    owner = named(owners[report.rows[leads]], resources(setup)[1:])

    closed, outcome, lost_at = closings(history, moment("opportunity_at"), moment("released_at"), moment("ended_at"))
    won_at = np.where(outcome == Outcome.WON, closed, NEVER)
    entered = [created, *(moment(f"{name}_at") for name in STAGES[1:5]), won_at, lost_at]
    is_deal = ((entered[4] < NEVER) | (won_at < NEVER))[leads]
    deals = leads[is_deal]
    won = outcome[deals] == Outcome.WON
    cents = np.where(won, history["paid_cents"][deals], history["value_cents"][deals])
    return CrmTables(
        leads=pd.DataFrame(
            {
                "lead_id": lead_id,
                "created": instants(created[leads], setup),
                "channel": named(setup.arrivals.channel[report.rows[leads]], setup.arrivals.channels),
                "segment": named(history["segment"][leads], setup.segments),
                "owner": owner,
                "first_contact": _known(moment("first_contact_at")[leads], setup),
            }
        ),
        deals=pd.DataFrame(
            {
                "lead_id": lead_id[is_deal].reset_index(drop=True),
                "owner": owner[is_deal],
                "closed": _known(closed[deals], setup),
                "outcome": named(outcome[deals] - 1, OUTCOMES),
                "value_usd": cents / 100.0,
            }
        ),
        stages=_stages(setup, lead_id, [at[leads] for at in entered]),
    )


def owners_until(result: Result, until_us: int) -> NDArray[np.int32]:
    """The person who was last made a buyer's owner before an instant: int32[rows of the arrivals], -1 nobody."""
    owners = np.full(len(result.setup.arrivals.at_us), -1, np.int32)
    log = result.report.log
    if log is not None:
        of = log[(log["activity"] == Activity.OWNER_ASSIGNED) & (log["at"] < until_us)]
        owners[of["buyer"]] = of["person"]
    return owners


def safe_text(table: pd.DataFrame) -> pa.Table:
    """A table whose texts no spreadsheet takes for a formula: those that begin like one get an apostrophe in front."""
    rows = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata()
    for position, field in enumerate(rows.schema):
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            text = rows.column(position).cast(pa.large_string())
            text = pc.replace_substring_regex(text, _FORMULA, r"'\1")
            rows = rows.set_column(position, field.name, text)
    return rows


def _until(exported_at_day: float | None, horizon_us: int) -> int:
    if exported_at_day is None:
        return horizon_us
    if not 0 <= exported_at_day * DAY_US <= horizon_us:
        raise ScenarioError(f"exported_at_day must lie in [0, {horizon_us / DAY_US:g}], got {exported_at_day:g}")
    return round(exported_at_day * DAY_US)


def closings(
    history: Any, opportunity: NDArray[np.int64], released: NDArray[np.int64], ended: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int8], NDArray[np.int64]]:
    """When each deal was closed and how, as far as we know; and when it was lost or given up, if ever.

    Moments, given and returned, are `NEVER` where nothing is known.
    """
    outcome = np.where(ended < NEVER, history["outcome"], np.int8(Outcome.OPEN)).astype(np.int8)
    outcome[outcome == Outcome.ELSEWHERE] = Outcome.NO_DECISION  # all that we see is that nothing came of it
    was_deal, is_won = opportunity < NEVER, outcome == Outcome.WON
    given_up = was_deal & (released < NEVER) & (released >= opportunity) & (released < ended)
    outcome[given_up & ~is_won] = Outcome.NO_DECISION
    outcome[~was_deal & ~is_won] = Outcome.OPEN
    closed = np.where(given_up & ~is_won, released, ended)
    closed[outcome == Outcome.OPEN] = NEVER
    lost = given_up | (outcome == Outcome.LOST) | (outcome == Outcome.NO_DECISION)
    return closed, outcome, np.where(lost, np.where(given_up, released, ended), NEVER)


def _stages(setup: Any, lead_id: "pd.Series[str]", entered: list[NDArray[np.int64]]) -> pd.DataFrame:
    """The history of stages, from the instants at which each lead entered each of `STAGES`."""
    leads = [np.flatnonzero(at < NEVER) for at in entered]
    stage = np.repeat(np.arange(len(STAGES), dtype=np.int8), [len(those) for those in leads])
    lead = np.concatenate(leads)
    at = np.concatenate([when[those] for when, those in zip(entered, leads, strict=True)])
    order = np.lexsort((stage, at, lead))
    return pd.DataFrame(
        {
            "lead_id": lead_id.take(lead[order]).reset_index(drop=True),
            "stage": named(stage[order], STAGES),
            "entered": instants(at[order], setup),
        }
    )


def _lead_ids(result: Result, rows: NDArray[np.int32], buyer: NDArray[np.int64]) -> "pd.Series[str]":
    """The export's own ids of a replayed stream, else the buyer's number in every other table."""
    ids = result.setup.arrivals.ids
    return pd.Series([ids[row] for row in rows], dtype="str") if ids else pd.Series(buyer).astype("str")


def _known(at: NDArray[np.int64], setup: Any) -> NDArray[Any]:
    return instants(np.where(at < NEVER, at, -1), setup)
