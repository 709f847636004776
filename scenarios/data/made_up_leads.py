"""Invents `made_up_leads.csv`: 300 leads from one seed; no row stems from a real export.

Run it to write the file again.
"""

import random
from datetime import date, timedelta
from pathlib import Path

SEED = 2025
LEADS = 300
FIRST_DAY = date(2025, 1, 8)
DAYS = 280
#: Weights of channels; the empty one is a lead of which nobody noted where it came from.
CHANNELS = {
    "organic_search": 30,
    "paid_search": 20,
    "social": 14,
    "unknown": 12,
    "direct_traffic": 8,
    "email": 7,
    "referral": 5,
    "display": 2,
    "other": 1,
    "": 1,
}


def made_up_leads() -> str:
    """The file's text: days more crowded towards the end, no leads on Sundays, ids that are only numbers in hex."""
    luck = random.Random(SEED)
    days = []
    while len(days) < LEADS:
        day = FIRST_DAY + timedelta(days=int(DAYS * luck.random() ** 0.7))
        if day.weekday() < 6:
            days.append(day)
    rows = ["mql_id,first_contact_date,origin"]
    for day in sorted(days):
        channel = luck.choices(list(CHANNELS), weights=list(CHANNELS.values()))[0]
        rows.append(f"{luck.getrandbits(64):016x},{day.isoformat()},{channel}")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("made_up_leads.csv").write_text(made_up_leads(), encoding="utf-8")
