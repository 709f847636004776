"""What reading an export showed: rows, dates, every row set aside with its reason, and what leaves a doubt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from simulator.leads.settings import Crm

if TYPE_CHECKING:
    from simulator.leads.deals import Deals
    from simulator.leads.rows import Rows

#: Leads that came before the first win, and median cycles between the first lead and it, from which it is told.
LEADS_BEFORE, LATE_CYCLES = 30, 3
#: Days by which the latest date stands alone.
_ALONE_DAYS = 180
_NAMES_SHOWN = 5
#: More channels than this are hardly channels.
_MANY_CHANNELS = 200
#: Columns of the rows that were set aside.
ASIDE = ("file", "line", "lead_id", "reason", "text")


@dataclass(frozen=True)
class FileRead:
    """One file: rows = kept + set_aside + left_out.

    Attributes
    ----------
    part : ``leads`` or ``deals``.
    path, form : the file, and what kind it is.
    rows, kept, set_aside : its rows; the header is none.
    left_out : rows that crm.only does not mean.
    first, last : dates of the rows kept, None if none.
    reasons : rows set aside by reason, the most frequent first.
    """

    part: str
    path: str
    form: str
    rows: int
    kept: int
    set_aside: int
    left_out: int
    first: datetime | None
    last: datetime | None
    reasons: Mapping[str, int]


@dataclass(frozen=True)
class ReadReport:
    """What was read.

    Attributes
    ----------
    files : leads, and deals if they have a file of their own.
    aside : a row for each row that was set aside: ``ASIDE``.
    emptied : cells that hold nothing that can be read, by what they are; their rows are kept.
    outcomes : leads kept by outcome: won, lost, open.
    facts : other counts of leads kept, by what they are.
    exported_at : what the export knows until then; ``given`` says whether the user did.
    notes : what a reader must know, a sentence each.
    """

    files: Sequence[FileRead]
    aside: pd.DataFrame
    emptied: Mapping[str, int]
    outcomes: Mapping[str, int]
    facts: Mapping[str, int]
    exported_at: datetime
    given: bool
    notes: Sequence[str] = field(default=())

    @property
    def leads(self) -> int:
        """Leads kept."""
        return self.files[0].kept

    def table(self) -> pd.DataFrame:
        """Tidy counts: part, measure, count, and share of the part's rows."""
        columns = ["part", "measure", "count", "share"]
        rows = [(part, measure, count, count / max(1, of)) for part, measure, count, of in self._counts()]
        return pd.DataFrame(rows, columns=columns)

    def _counts(self) -> Iterator[tuple[str, str, int, int]]:
        for file in self.files:
            yield file.part, "rows read", file.rows, file.rows
            yield file.part, "kept", file.kept, file.rows
            if file.left_out:
                yield file.part, "left out by crm.only", file.left_out, file.rows
            yield file.part, "set aside", file.set_aside, file.rows
            for reason, count in file.reasons.items():
                yield file.part, f"set aside: {reason}", count, file.rows
        for measure, counts in (("", self.outcomes), ("", self.facts), ("left empty: ", self.emptied)):
            for name, count in counts.items():
                yield "funnel", f"{measure}{name}", count, self.leads


def notes(crm: Crm, rows: "Rows", deals: "Deals", leads: pd.DataFrame, exported_at: datetime) -> Iterator[str]:
    """What a reader must know of an export though no row of it is wrong: sentences, the ones about files first."""
    for file in (rows, deals.rows):
        if file is not None:
            yield from file.doubts()
    yield from _other_stages(deals)
    yield from _spellings(leads)
    yield from _alone(crm, leads, exported_at)
    yield from _first_win(leads)
    won, lost = ((leads["outcome"] == word).sum() for word in ("won", "lost"))
    if won and not lost:
        yield "The export knows no losses: who will not buy and who may still buy look alike, and both count as open"


def _other_stages(deals: "Deals") -> Iterator[str]:
    other = deals.other_stages
    if other is not None and len(other):
        names = ", ".join(f"{name!r} ({count:,})" for name, count in other.head(_NAMES_SHOWN).items())
        more = f" and {len(other) - _NAMES_SHOWN:,} more" if len(other) > _NAMES_SHOWN else ""
        yield f"Stages that crm.stages does not know are read as open deals: {names}{more}"


def _spellings(leads: pd.DataFrame) -> Iterator[str]:
    names = pd.Series(leads["channel"].cat.categories.astype(str))
    if len(names) > _MANY_CHANNELS:
        yield f"There are {len(names):,} channels: if the column holds something else, name another one"
        return
    folded = names.str.casefold().str.replace(r"[\s_-]+", " ", regex=True)
    for _, alike in names.groupby(folded):
        if len(alike) > 1:
            yield f"Channels that look like one are counted apart: {', '.join(map(repr, alike[:_NAMES_SHOWN]))}"


def _alone(crm: Crm, leads: pd.DataFrame, exported_at: datetime) -> Iterator[str]:
    if crm.exported_at:
        return
    dates = np.concatenate([leads[name].dropna().to_numpy() for name in ("created", "ended", "first_contact")])
    below = dates[dates < np.datetime64(exported_at, "us")]
    if len(below) and exported_at - (before := below.max().item()) > timedelta(days=_ALONE_DAYS):
        yield (
            f"The latest date, {exported_at:%Y-%m-%d}, stands alone: the one before is {before:%Y-%m-%d}. If it is a "
            "typing error, say crm.exported_at"
        )


def _first_win(leads: pd.DataFrame) -> Iterator[str]:
    won = leads[leads["outcome"] == "won"]
    if not len(won):
        return
    first, began = won["ended"].min(), leads["created"].min()
    cycle = pd.Timedelta((won["ended"] - won["created"]).median())
    earlier = int((leads["created"] < first).sum())
    if first - began > LATE_CYCLES * cycle and earlier >= LEADS_BEFORE:
        yield (
            f"The first win is of {first:%Y-%m-%d}, {(first - began).days:,} days after the first lead; {earlier:,} "
            f"leads came before it, though half of all wins take at most {cycle / pd.Timedelta(days=1):,.0f} days. If "
            "earlier wins are missing from the export, the win rate of these leads is too low (left truncation)"
        )
