"""Leads made up for tests of the fit, as rows that a loop can read; and worlds whose posterior is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import pandas as pd

from simulator.fit.lead_stream import LeadStream, stream_of
from simulator.leads.funnel import Funnel
from simulator.leads.settings import OUTCOMES, Crm
from simulator.leads.settings import STAGES as ALL_STAGES

#: A Wednesday.
START = datetime(2024, 1, 3)
MONDAY = datetime(2024, 1, 1)
Row = dict[str, Any]


def rows_of(
    count: int, seed: int = 1, days: int = 200, channels: Sequence[str] = ("fair", "mail", "web"), whole: bool = False
) -> list[Row]:
    """Leads over some days and what became of each, None: nothing; ``whole``: dates say only days."""
    luck, found = Random(seed), []
    for number in range(count):
        created = START + timedelta(seconds=luck.randrange(days * 86_400), microseconds=luck.randrange(10**6))
        chances = sorted(luck.random() for _ in range(4))
        stages = dict(zip(("mql", "sal", "sql", "opportunity"), chances, strict=True))
        row: Row = {
            "lead_id": f"L{number}",
            "created": created,
            "channel": luck.choice([*channels, channels[-1]]),
            "contact": created + timedelta(hours=60 * luck.random()) if luck.random() < 0.6 else None,
            "stages": {name: created + timedelta(days=20 * share) for name, share in stages.items() if share < 0.6},
        }
        outcome = luck.choice(["won", "lost", "open", "open"])
        row["outcome"], row["ended"] = outcome, created + timedelta(days=80 * luck.random() ** 2)
        if outcome == "open":
            row["ended"] = None
        if whole:
            for name in ("created", "contact", "ended"):
                row[name] = row[name] and datetime.combine(row[name].date(), datetime.min.time())
        found.append(row)
    return sorted(found, key=lambda row: (row["created"], row["lead_id"]))


def funnel_of(rows: Sequence[Row], exported_at: datetime | None = None) -> Funnel:
    """The rows as a reader of exports hands them over, all that was known before ``exported_at``."""
    stages = [(row["lead_id"], name, at) for row in rows for name, at in row["stages"].items()]
    stages.sort(key=lambda one: (one[2], one[0]))
    table = pd.DataFrame(
        {
            "lead_id": pd.Series([row["lead_id"] for row in rows], dtype="str"),
            "created": moments(rows, "created"),
            "channel": pd.Categorical([row["channel"] for row in rows]),
            "segment": pd.Categorical([""] * len(rows)),
            "score": np.nan,
            "owner": "",
            "first_contact": moments(rows, "contact"),
            "outcome": pd.Categorical([row["outcome"] for row in rows], categories=pd.Index(OUTCOMES)),
            "ended": moments(rows, "ended"),
            "value_usd": np.nan,
        }
    )
    history = pd.DataFrame(
        {
            "lead_id": pd.Series([one[0] for one in stages], dtype="str"),
            "stage": pd.Categorical([one[1] for one in stages], categories=pd.Index(ALL_STAGES)),
            "entered": np.array([one[2] for one in stages], "datetime64[us]"),
        }
    )
    dates = [row[name] for row in rows for name in ("created", "contact", "ended") if row[name]]
    latest = max([*dates, *(one[2] for one in stages)])
    return Funnel(table, history, exported_at or latest, None)  # type: ignore[arg-type]


def moments(rows: Sequence[Row], name: str) -> Any:
    return np.array([row[name] or "NaT" for row in rows], "datetime64[us]")


def stream_for(rows: Sequence[Row], **settings: Any) -> LeadStream:
    return stream_of(funnel_of(rows), Crm(**settings))


def us(moment: datetime) -> int:
    """Microseconds since `MONDAY`, the first Monday of all rows here."""
    return (moment - MONDAY) // timedelta(microseconds=1)


@dataclass(frozen=True)
class World:
    """Numbers that are linear in the parameters, with normal noise."""

    slopes: np.ndarray
    covariance: np.ndarray
    constant: np.ndarray

    def expected(self, points: np.ndarray) -> np.ndarray:
        return self.constant + points @ self.slopes.T

    def run(self, points: np.ndarray, seed: int) -> np.ndarray:
        noise = np.random.default_rng(seed).multivariate_normal(self.constant * 0, self.covariance, len(points))
        return self.expected(points) + noise

    def normal(self, observed: np.ndarray, told: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Mean and covariance that all of the line leaves for parameters that are told, the others without effect."""
        slopes, weight = self.slopes[:, told], np.linalg.inv(self.covariance)
        covariance = np.linalg.inv(slopes.T @ weight @ slopes)
        return covariance @ slopes.T @ weight @ (observed - self.constant), covariance


def points_of(sets: int, dimensions: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((sets, dimensions))
