"""Exports made up for tests, and a naive reader of them: Python's csv module and a dictionary, a row at a time."""

import csv
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from simulator.leads.funnel import Funnel
from simulator.leads.settings import Crm, DealColumns, LeadColumns

LEADS = LeadColumns("id", "created", "channel", "segment", "score", "owner", "first_contact")
DEALS = DealColumns(id="lead", outcome="outcome", closed="closed", value="value")
CHANNELS = ("web", "events, fairs", 'a "quoted" one', "two\nlines", "=cmd()", "")


def crm(folder: Path, **changes) -> Crm:
    """How a made-up export is read."""
    deals = folder / "deals.csv"
    plain = Crm(leads=str(folder / "leads.csv"), deals=str(deals) if deals.exists() else "", lead_columns=LEADS,
                deal_columns=DEALS)  # fmt: skip
    return replace(plain, **changes)


def write(folder: Path, leads: str | bytes, deals: str | bytes | None = None) -> Path:
    """Files of leads and of deals as they are given."""
    for name, text in (("leads.csv", leads), ("deals.csv", deals)):
        if text is not None:
            (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def clean(folder: Path, leads: int, seed: int = 1) -> Path:
    """An export without a fault: times with seconds, one deal a lead at most."""
    luck, start = Random(seed), datetime(2024, 1, 1)
    with (folder / "leads.csv").open("w", newline="") as one, (folder / "deals.csv").open("w", newline="") as other:
        rows, deals = csv.writer(one), csv.writer(other)
        rows.writerow(["id", "note", "created", "channel", "segment", "score", "owner", "first_contact"])
        deals.writerow(["lead", "outcome", "closed", "value"])
        for number in range(leads):
            created = start + timedelta(seconds=luck.randrange(300 * 86_400))
            contact = created + timedelta(seconds=luck.randrange(5 * 86_400)) if luck.random() < 0.7 else ""
            score = round(luck.random(), 3) if luck.random() < 0.9 else ""
            rows.writerow([f"L{number}", luck.choice(["", "a\nnote"]), created, luck.choice(CHANNELS),
                           luck.choice(["small", "large"]), score, luck.choice(["ann", "bo"]), contact])  # fmt: skip
            outcome = luck.choice(["won", "lost", "open", None, None])
            if outcome:
                ended = created + timedelta(seconds=luck.randrange(200 * 86_400)) if outcome != "open" else ""
                deals.writerow([f"L{number}", outcome, ended, luck.randrange(100_000)])
    return folder


def naive(folder: Path) -> list[dict]:
    """What a clean export says, lead by lead, in the order of a funnel."""
    with (folder / "deals.csv").open(newline="") as stream:
        deals = {row["lead"]: row for row in csv.DictReader(stream)}
    found = []
    with (folder / "leads.csv").open(newline="") as stream:
        for row in csv.DictReader(stream):
            deal = deals.get(row["id"], {"outcome": "open", "closed": "", "value": ""})
            found.append(
                {
                    "lead_id": row["id"],
                    "created": datetime.fromisoformat(row["created"]),
                    "channel": row["channel"] or "unknown",
                    "segment": row["segment"],
                    "score": float(row["score"]) if row["score"] else None,
                    "owner": row["owner"],
                    "first_contact": datetime.fromisoformat(row["first_contact"]) if row["first_contact"] else None,
                    "outcome": deal["outcome"],
                    "ended": datetime.fromisoformat(deal["closed"]) if deal["closed"] else None,
                    "value_usd": float(deal["value"]) if deal["value"] else None,
                }
            )
    return sorted(found, key=lambda row: (row["created"], row["lead_id"]))


def adds_up(funnel: Funnel) -> bool:
    """Whether every row of every file is counted once."""
    report = funnel.report
    by_file = Counter(report.aside["file"])
    return report.leads == len(funnel) and all(
        one.rows == one.kept + one.set_aside + one.left_out
        and one.set_aside == sum(one.reasons.values()) == by_file.get(Path(one.path).name, 0)
        for one in report.files
    )
