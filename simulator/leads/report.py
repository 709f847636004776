"""What reading an export showed: rows, dates, every row set aside with its reason, and what leaves a doubt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

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
