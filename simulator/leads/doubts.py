"""What leaves a doubt in an export though no row of it is wrong: sentences for whoever reads its numbers."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from simulator.leads.deals import Deals
from simulator.leads.rows import Rows
from simulator.leads.settings import Crm

#: Leads that came before the first win, and median cycles between the first lead and it, from which it is told.
LEADS_BEFORE, LATE_CYCLES = 30, 3
#: Days by which the latest date stands alone.
_ALONE_DAYS = 180
_NAMES_SHOWN = 5
#: More channels than this are hardly channels.
_MANY_CHANNELS = 200


def notes(crm: Crm, rows: Rows, deals: Deals, leads: pd.DataFrame, exported_at: datetime) -> Iterator[str]:
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


def _other_stages(deals: Deals) -> Iterator[str]:
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
