"""What reading a large CRM export costs: the whole command, from the shell to the report."""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.cases import LARGE
from benchmarks.child import asked_in_child
from benchmarks.figure import Measured
from benchmarks.sizes import Sizes

#: Leads for each deal; days in which leads come in, and until a deal ends.
_LEADS_A_DEAL, _DAYS, _CYCLE_DAYS = 10, 1_000, 200
_COLUMNS = ("segment", "score", "owner", "first_contact")


def seconds(sizes: Sizes, runs: int) -> Measured:
    """Wall time of ``study=read_crm``: read, checked, written, drawn and printed."""
    leads = sizes.of(LARGE)
    with tempfile.TemporaryDirectory() as folder:
        megabytes = _write(Path(folder), leads) / 1e6
        bare = _seconds(_asked(Path(folder), "bare", small=True))
        times = [_seconds(_asked(Path(folder), str(run))) for run in range(runs)]
    return Measured(
        statistics.median(times), min(times), max(times), str(runs),
        beside=f"floor {bare:.1f} s: the same with two leads; {leads:,} leads and {leads // _LEADS_A_DEAL:,} deals, "
        f"{megabytes:,.0f} MB of CSV",
    )  # fmt: skip


def memory(sizes: Sizes, runs: int) -> Measured:
    """Peak of a process that does the same; memory repeats itself, so one run is enough."""
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder), sizes.of(LARGE))
        bare, peak = (asked_in_child(_asked(Path(folder), name, small=name == "bare")) for name in ("bare", "all"))
    return Measured(peak / 1e6, peak / 1e6, peak / 1e6, "1",
                    beside=f"floor {bare / 1e6:,.0f} MB: the same with two leads")  # fmt: skip


def _asked(folder: Path, name: str, *, small: bool = False) -> list[str]:
    """What is typed; the results come into a folder of this name."""
    source = "small_" if small else ""
    columns = [f"crm.lead_columns.{column}={column}" for column in _COLUMNS]
    files = [f"crm.{one}={folder / f'{source}{one}.csv'}" for one in ("leads", "deals")]
    return ["study=read_crm", *files, *columns, "crm.deal_columns.outcome=outcome", "crm.deal_columns.value=value",
            f"hydra.run.dir={folder / name}"]  # fmt: skip


def _seconds(asked: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "simulator", *asked], check=True, capture_output=True)
    return time.perf_counter() - began


def _write(folder: Path, leads: int) -> int:
    """An export of so many leads, every 50th with a note of two lines, and one of two; bytes of the large one."""
    luck, number = np.random.default_rng(1), np.arange(leads)
    start = np.datetime64("2020-01-01", "s")
    created = start + luck.integers(_DAYS * 86_400, size=leads).astype("timedelta64[s]")
    table = pd.DataFrame(
        {
            "id": "00Q" + pd.Series(number).astype(str).str.zfill(12), "created": created,
            "channel": luck.choice([f"channel {i}" for i in range(12)], leads),
            "segment": luck.choice(["small", "medium", "large"], leads), "score": luck.random(leads).round(3),
            "owner": luck.choice([f"owner {i}" for i in range(50)], leads),
            "first_contact": created + luck.integers(90_000, size=leads).astype("timedelta64[s]"),
            "note": np.where(number % 50 == 0, "a note, quoted\nin two lines", "short"),
        }
    )  # fmt: skip
    chosen = table.iloc[::_LEADS_A_DEAL]
    ended = chosen["created"] + pd.to_timedelta(luck.integers(_CYCLE_DAYS, size=len(chosen)), unit="D")
    deals = pd.DataFrame(
        {"id": chosen["id"], "outcome": luck.choice(["won", "lost"], len(chosen)), "closed": ended,
         "value": luck.integers(90_000, size=len(chosen))}
    )  # fmt: skip
    for name, made in (("leads", table), ("deals", deals)):
        made.to_csv(folder / f"{name}.csv", index=False)
        made.head(2).to_csv(folder / f"small_{name}.csv", index=False)
    return sum((folder / f"{name}.csv").stat().st_size for name in ("leads", "deals"))
