"""What reading an export tells: what was read, what was set aside and why, and what became of the leads."""

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from simulator.leads.funnel import Funnel
from simulator.leads.report import FileRead
from simulator.questions.frame.blocks import Block, Column, Passage, Table, caption, filled, heading, listing, note
from simulator.questions.frame.numbers import NOTHING, count, listed
from simulator.questions.frame.question import Asked, Question
from simulator.questions.read_crm.work import Reading, read

if TYPE_CHECKING:
    import pandas as pd

#: Rows of a reason that are shown, channels in a table, and characters of a row or a name.
_EXAMPLES, _CHANNELS, _CHARACTERS = 3, 15, 64


class ReadCrmQuestion(Question[Reading]):
    """What does our own CRM export hold, and what of it cannot be read?"""

    study = "read_crm"
    files = ("funnel.parquet", "stages.parquet", "read.csv", "set_aside.csv", "channels.csv", "months.csv")
    units = "exports"
    observed = True

    def work(self, asked: Asked) -> Reading:
        asked.tell(0, 1)
        reading = read(asked.scenario)
        asked.tell(1, 1)
        return reading

    def tables(self, reading: Reading) -> "Mapping[str, pd.DataFrame]":
        report = reading.funnel.report
        made = (reading.funnel.leads, reading.funnel.stages, report.table(), report.aside, reading.channels,
                reading.months)  # fmt: skip
        return dict(zip(self.files, made, strict=True))

    def told(self, reading: Reading) -> list[Block]:
        """What was read, what was set aside, and the funnel by channel."""
        report = reading.funnel.report
        blocks = [heading("What was read", apart=False), _files(report.files), *_set_aside(report.aside)]
        if report.emptied:
            blocks += [heading("Cells that cannot be read: left empty, their rows are kept", apart=False)]
            blocks += [listing(Column("", [*report.emptied]), Column("rows", [*map(count, report.emptied.values())]))]
        facts = {what: leads for what, leads in report.facts.items() if leads}
        blocks += [
            heading("What became of the leads", apart=False),
            listing(
                Column("", [f"leads {what}" for what in facts]),
                Column("leads", [*map(count, facts.values())]),
                Column("of all", [_share(leads, report.leads) for leads in facts.values()]),
            ),
        ]
        notes = (note(shown(said, 400)) for said in report.notes)
        return [*blocks, *_channels(reading.channels), *notes, caption(_how_to_read(reading.funnel), apart=True)]

    def conclusion(self, reading: Reading) -> list[str]:
        """What the export holds and what became of it; what was set aside."""
        return [_held(reading), _not_read(reading.funnel)]

    def rests_on(self, reading: Reading) -> str:
        return f"n = {count(len(reading.funnel))} leads of an export; nothing is simulated. [ ]: 95% intervals."

    def sure(self, reading: Reading) -> list[str]:
        return [
            *_how_to_read(reading.funnel).split(". ", 1),
            *(f"{shown(said, 400)}." for said in reading.funnel.report.notes),
            "Channels are what the export says: who came through which is not an experiment, and a channel's share of "
            "wins need not be its doing.",
        ]

    def facts(self, reading: Reading) -> Mapping[str, Any]:
        return {
            "leads": len(reading.funnel),
            "exported_at": reading.funnel.exported_at.isoformat(),
            "rows_set_aside": len(reading.funnel.report.aside),
        }


QUESTION = ReadCrmQuestion()


def shown(text: str, characters: int = _CHARACTERS) -> str:
    """What an export says, as it may be shown: one line, in marks that do nothing, not longer than asked for."""
    plain = "".join(mark if mark.isprintable() else "·" for mark in text)
    return plain if len(plain) <= characters else f"{plain[: characters - 1]}…"


# --- tables -----------------------------------------------------------------------------------------------------------


def _files(files: Sequence[FileRead]) -> Table:
    rows = ["file", "kind", "rows", "kept", "set aside", "first date", "last date"]
    some_left_out = any(file.left_out for file in files)
    if some_left_out:
        rows.insert(4, "left out by crm.only")

    def cells(file: FileRead) -> list[str]:
        left_out = [count(file.left_out)] if some_left_out else []
        return [shown(file.path, 48), file.form, count(file.rows), count(file.kept), *left_out,
                f"{count(file.set_aside)} ({_share(file.set_aside, file.rows)})", _day(file.first),
                _day(file.last)]  # fmt: skip

    return listing(Column("", rows), *(Column(file.part, cells(file)) for file in files))


def _set_aside(aside: "pd.DataFrame") -> Iterator[Block]:
    """Some rows of each reason, the commonest first."""
    if not len(aside):
        return
    yield heading("Rows set aside (all of them are in set_aside.csv)", apart=False)
    rows = []
    groups = sorted(aside.groupby(["file", "reason"], sort=False), key=lambda group: -len(group[1]))
    for (file, reason), mine in groups:
        first = [f"{shown(str(file), 24)}: {reason}", count(len(mine))]
        for row in mine.head(_EXAMPLES).itertuples(index=False):
            rows.append([*first, count(float(str(row.line))), shown(str(row.text))])
            first = ["", ""]
    yield listing(*filled([*map(Column, ("reason", "rows", "as in line", "which reads"))], rows))


def _channels(channels: "pd.DataFrame") -> Iterator[Block]:
    table = channels.head(_CHANNELS + 1)
    rows = table.to_dict("records")
    yield listing(
        Column("channel", [shown(name, 28) for name in table["channel"]]),
        *(Column(name, [*map(count, table[name])]) for name in ("leads", "won", "lost", "open")),
        Column("won so far, %", [*map(won_in_words, rows)]),
        Column("days to win,\nmedian", [*map(days_in_words, rows)]),
    )
    if len(channels) > len(table):
        yield Passage(f"and {len(channels) - len(table):,} smaller channels: channels.csv has all\n")


def _how_to_read(funnel: Funnel) -> str:
    given = "as it says in crm.exported_at" if funnel.report.given else "the latest date in it"
    return (
        f"The export knows what happened until {funnel.exported_at:%Y-%m-%d %H:%M} ({given}). Open leads are censored "
        "then, not lost: shares won are shares so far, and late leads had less time. [ ]: 95% intervals, Wilson's for "
        "shares, from order statistics for medians. Days to win are those of the wins there are, so that slow wins to "
        "come are missing."
    )


# --- in sentences -----------------------------------------------------------------------------------------------------


def _held(reading: Reading) -> str:
    leads, whole = reading.funnel.leads, reading.channels.to_dict("records")[0]
    many = leads["channel"].nunique()
    said = (
        f"The export holds {count(reading.funnel.report.leads)} leads of {_day(leads['created'].min())} to "
        f"{_day(leads['created'].max())} from {many:,} channel{'s' if many != 1 else ''}; until "
        f"{_day(reading.funnel.exported_at)} {count(whole['won'])} of them were won, {won_in_words(whole, '%')}, "
        f"{count(whole['lost'])} were lost and {count(whole['open'])} are open"
    )
    return f"{said}; half of the wins took at most {days_in_words(whole, ' days')}." if whole["won"] else f"{said}."


def _not_read(funnel: Funnel) -> str:
    report = funnel.report
    rows, aside = sum(file.rows for file in report.files), sum(file.set_aside for file in report.files)
    if not aside:
        return f"No row of {rows:,} had to be set aside."
    reasons = report.aside.groupby("reason").size().sort_values(ascending=False, kind="stable")
    why = listed([f"{n:,} {reason}" for reason, n in reasons.head(3).items()])
    more = " among others" if len(reasons) > 3 else ""
    return f"Of {rows:,} rows {aside:,} ({_share(aside, rows)}) are set aside: {why}{more}."


def won_in_words(row: Mapping[Hashable, Any], unit: str = "") -> str:
    """The share won of a row of a `channels_table`, in percent, and its interval."""
    share, low, high = (100 * row[f"won_share{end}"] for end in ("", "_low", "_high"))
    return f"{share:.1f}{unit} [{low:.1f}, {high:.1f}]"


def days_in_words(row: Mapping[Hashable, Any], unit: str = "") -> str:
    """The median days to win of a row of a `channels_table`, and its interval if there is one."""
    middle, low, high = (row[f"days_to_win{end}"] for end in ("", "_low", "_high"))
    if math.isnan(middle):
        return NOTHING
    decimals = 0 if middle >= 9.95 else 1
    ends = "" if math.isnan(low) else f" [{low:,.{decimals}f}, {high:,.{decimals}f}]"
    return f"{middle:,.{decimals}f}{unit}{ends}"


def _share(part: float, of: float) -> str:
    share = 100 * part / max(1, of)
    return f"{share:.1f}%" if share >= 0.1 or not part else f"{share:.2f}%"


def _day(moment: datetime | None) -> str:
    return NOTHING if moment is None else f"{moment:%Y-%m-%d}"
