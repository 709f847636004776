"""What reading an export prints: what was read, what was set aside and why, and what became of the leads."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from rich.console import Console
from rich.text import Text

from simulator.leads.funnel import Funnel
from simulator.leads.report import FileRead
from simulator.questions.frame.numbers import NOTHING, count
from simulator.questions.frame.stating import heading, listed, print_table

#: Rows of a reason that are shown, channels in a table, and characters of a row or a name.
_EXAMPLES, _CHANNELS, _CHARACTERS = 3, 15, 64


def shown(text: str, characters: int = _CHARACTERS) -> str:
    """What an export says, as it may be shown: one line, in marks that do nothing, not longer than asked for."""
    plain = "".join(mark if mark.isprintable() else "·" for mark in text)
    return plain if len(plain) <= characters else f"{plain[: characters - 1]}…"


def print_funnel(funnel: Funnel, channels: pd.DataFrame, console: Console) -> None:
    """Print what was read, what was set aside, and the funnel by channel.

    Parameters
    ----------
    channels : a `channels_table`.
    """
    report = funnel.report
    heading(console, "What was read")
    print_table(console, ("", *(one.part for one in report.files)), [*_rows(report.files)])
    _print_aside(funnel, console)
    if report.emptied:
        heading(console, "Cells that cannot be read: left empty, their rows are kept")
        print_table(console, ("", "rows"), [(what, count(n)) for what, n in report.emptied.items()])
    heading(console, "What became of the leads")
    facts = [(f"leads {what}", count(n), _share(n, report.leads)) for what, n in report.facts.items() if n]
    print_table(console, ("", "leads", "of all"), facts)
    _print_channels(channels, console)
    for note in report.notes:
        console.print(Text(f"Note: {shown(note, 400)}.", style="yellow"))
    console.print(Text(f"\n{caption(funnel)}", style="dim"))


def _rows(files: Sequence[FileRead]) -> Iterator[tuple[str | Text, ...]]:
    yield "file", *(Text(shown(one.path, 48)) for one in files)
    yield "kind", *(one.form for one in files)
    yield "rows", *(count(one.rows) for one in files)
    yield "kept", *(count(one.kept) for one in files)
    if any(one.left_out for one in files):
        yield "left out by crm.only", *(count(one.left_out) for one in files)
    yield "set aside", *(f"{count(one.set_aside)} ({_share(one.set_aside, one.rows)})" for one in files)
    yield "first date", *(_day(one.first) for one in files)
    yield "last date", *(_day(one.last) for one in files)


def _print_aside(funnel: Funnel, console: Console) -> None:
    aside = funnel.report.aside
    if not len(aside):
        return
    heading(console, "Rows set aside (all of them are in set_aside.csv)")
    rows: list[Sequence[str | Text]] = []
    for (file, reason), mine in sorted(aside.groupby(["file", "reason"], sort=False), key=lambda one: -len(one[1])):
        for place, row in enumerate(mine.head(_EXAMPLES).itertuples(index=False)):
            first = (Text(f"{shown(str(file), 24)}: {reason}"), count(len(mine))) if place == 0 else ("", "")
            rows.append((*first, count(float(str(row.line))), Text(shown(str(row.text)))))
    print_table(console, ("reason", "rows", "as in line", "which reads"), rows)


def _print_channels(channels: pd.DataFrame, console: Console) -> None:
    table = channels.head(_CHANNELS + 1)
    rows: list[Sequence[str | Text]] = []
    for one in table.to_dict("records"):
        counts = [count(one[name]) for name in ("leads", "won", "lost", "open")]
        rows.append((Text(shown(one["channel"], 28)), *counts, won_in_words(one), days_in_words(one)))
    print_table(console, ("channel", "leads", "won", "lost", "open", "won so far, %", "days to win,\nmedian"), rows)
    if len(channels) > len(table):
        console.print(Text(f"and {len(channels) - len(table):,} smaller channels: channels.csv has all\n"))


def conclusion(funnel: Funnel, channels: pd.DataFrame) -> list[str]:
    """What the export holds and what became of it; what was set aside."""
    report, whole = funnel.report, channels.to_dict("records")[0]
    created = funnel.leads["created"]
    many = funnel.leads["channel"].nunique()
    said = (
        f"The export holds {count(report.leads)} leads of {_day(created.min())} to {_day(created.max())} from {many:,} "
        f"channel{'s' if many != 1 else ''}; until {_day(funnel.exported_at)} {count(whole['won'])} of them were won, "
        f"{won_in_words(whole, '%')}, {count(whole['lost'])} were lost and {count(whole['open'])} are open"
    )
    if whole["won"]:
        said += f"; half of the wins took at most {days_in_words(whole, ' days')}"
    rows, aside = (sum(getattr(one, name) for one in report.files) for name in ("rows", "set_aside"))
    reasons = report.aside.groupby("reason").size().sort_values(ascending=False, kind="stable")
    why = listed([f"{n:,} {reason}" for reason, n in reasons.head(3).items()])
    more = " among others" if len(reasons) > 3 else ""
    if not aside:
        return [f"{said}.", f"No row of {rows:,} had to be set aside."]
    return [f"{said}.", f"Of {rows:,} rows {aside:,} ({_share(aside, rows)}) are set aside: {why}{more}."]


def caption(funnel: Funnel) -> str:
    """What the reader must know to read the tables."""
    given = "as it says in crm.exported_at" if funnel.report.given else "the latest date in it"
    return (
        f"The export knows what happened until {funnel.exported_at:%Y-%m-%d %H:%M} ({given}). Open leads are censored "
        "then, not lost: shares won are shares so far, and late leads had less time. [ ]: 95% intervals, Wilson's for "
        "shares, from order statistics for medians. Days to win are those of the wins there are, so that slow wins to "
        "come are missing."
    )


def resting_on(funnel: Funnel) -> str:
    """What the numbers at the top of a report rest on."""
    return f"n = {count(len(funnel))} leads of an export; nothing is simulated. [ ]: 95% intervals."


def how_sure(funnel: Funnel) -> list[str]:
    """What a reader of the report must not forget."""
    return [
        *(caption(funnel).split(". ", 1)),
        *(f"{shown(note, 400)}." for note in funnel.report.notes),
        "Channels are what the export says: who came through which is not an experiment, and a channel's share of wins "
        "need not be its doing.",
    ]


def won_in_words(row: Mapping[Hashable, Any], unit: str = "") -> str:
    """The share won of a row of a `channels_table`, in percent, and its interval."""
    share, low, high = (100 * row[f"won_share{end}"] for end in ("", "_low", "_high"))
    return f"{share:.1f}{unit} [{low:.1f}, {high:.1f}]"


def days_in_words(row: Mapping[Hashable, Any], unit: str = "") -> str:
    """The median days to win of a row of a `channels_table`, and its interval if there is one."""
    middle, low, high = (row[f"days_to_win{end}"] for end in ("", "_low", "_high"))
    if pd.isna(middle):
        return NOTHING
    decimals = 0 if middle >= 9.95 else 1
    ends = "" if pd.isna(low) else f" [{low:,.{decimals}f}, {high:,.{decimals}f}]"
    return f"{middle:,.{decimals}f}{unit}{ends}"


def _share(part: float, of: float) -> str:
    share = 100 * part / max(1, of)
    return f"{share:.1f}%" if share >= 0.1 or not part else f"{share:.2f}%"


def _day(moment: datetime | None) -> str:
    return NOTHING if moment is None else f"{moment:%Y-%m-%d}"
