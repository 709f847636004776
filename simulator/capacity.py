"""Whether a run fits into the memory that is free, before it takes any.

The bytes are measured (`python -m benchmarks memory memory_whole`), with a fifth more for budgets that
bring more buyers: arrivals, the histories that a run leaves, and the records of those under way.
"""

import os
from pathlib import Path

from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError

#: Bytes a buyer takes while a run goes on, and when its tables are made.
RUN_BYTES, TABLES_BYTES = 430, 1_600

#: Any machine has as much: to read what is free takes longer than a hundredth of a small run.
_ALWAYS_FREE = 1 << 26


def free_bytes() -> int | None:
    """Memory that is free now; None if the system does not say."""
    meminfo = Path("/proc/meminfo")
    if meminfo.is_file():
        for line in meminfo.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def check_fits(scenario: Scenario, bytes_per_buyer: int, at_a_time: int = 1) -> None:
    """Refuse runs that need more memory than is free.

    Raises
    ------
    ScenarioError
        With the estimate, and what to change.
    """
    if scenario.market.leads.path:
        return  # as many buyers as the file has lines, which was read
    buyers = scenario.market.inquiries_per_year * scenario.horizon_days() / 365.0
    needed = buyers * bytes_per_buyer * at_a_time
    free = None if needed <= _ALWAYS_FREE else free_bytes()
    if free is None or needed <= free:
        return
    fewer = "run.threads=1, or " if at_a_time > 1 and needed / at_a_time <= free else ""
    raise ScenarioError(
        f"market.inquiries_per_year must bring no more buyers than fit into memory, got {buyers:,.0f} in a run, which "
        f"take about {needed / 1e9:,.1f} GB of {free / 1e9:,.1f} GB that are free: {fewer}fewer inquiries, or shorter "
        "run.cohort_days and run.follow_up_days"
    )
