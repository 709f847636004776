"""Memory is measured in a fresh process for every run, so that no peak is another's.

python -m benchmarks.child simulate core_journey 1000000
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

#: Name of a number -> the number: bytes above what the process held after a small run, and buyers.
Found = dict[str, float]


def in_child(job: str, scenario: str, buyers: int) -> Found:
    """Run one job of this module in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.child", job, scenario, str(buyers)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: Found = json.loads(done.stdout)
    return found


def asked_in_child(asked: list[str]) -> float:
    """Run a command line of the simulator in a process of its own; the most bytes that this process ever held."""
    command = [sys.executable, "-m", "benchmarks.child", "ask", *asked]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return float(json.loads(done.stdout.splitlines()[-1])["peak_bytes"])


def held() -> int:
    """Bytes that this process holds now (its peak, where the system does not say)."""
    statm = Path("/proc/self/statm")
    if statm.is_file():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return peak()


def peak() -> int:
    """The most bytes that this process ever held.

    Linux's ``ru_maxrss`` also knows the parent's peak, from before the program began; ``VmHWM`` does not.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def simulated(scenario: str, buyers: int) -> Found:
    """One run without touches, then its table of journeys."""
    import simulator as sim
    from benchmarks.cases import sized

    small, large = sized(scenario, 300), sized(scenario, buyers)
    organisation = large.compared()[0]
    _ = sim.simulate(small, organisation, seed=1).journeys
    before = held()
    result = sim.simulate(large, organisation, seed=1)
    after = peak()
    arrivals, report = result.setup.arrivals, result.report
    kept = arrivals.at_us.nbytes + arrivals.who.nbytes + report.rows.nbytes + _bytes(report.history)
    came = len(report.rows)
    _ = result.journeys
    return {
        "buyers": came,
        "peak_bytes": after - before,
        "kept_bytes": kept,
        "table_bytes": peak() - before,
        "events": result.events,
    }


def _bytes(history: Any) -> int:
    """Of the columns that are there; a column to which nothing happened takes none."""
    if isinstance(history, list):
        return sum(map(_bytes, history))
    columns = getattr(history, "_columns", None)
    return sum(column.nbytes for column in columns.values()) if columns is not None else int(history.nbytes)


def compared(scenario: str, buyers: int, record: bool) -> Found:
    """One run as the command line does it, its rows to Parquet, with or without touches."""
    from benchmarks.cases import sized
    from benchmarks.recording import run_to_disk

    run_to_disk(sized(scenario, 300), record)
    before = held()
    with tempfile.TemporaryDirectory() as folder:
        rows = run_to_disk(sized(scenario, buyers), record, Path(folder))
    return {"buyers": buyers, "peak_bytes": peak() - before, "rows": rows}


def swept(points: int) -> Found:
    """A whole sweep of so many design points, tiny ones: what it holds does not depend on the buyers."""
    from benchmarks.figures.sweeps import plan
    from simulator.results.folder import Folder
    from simulator.sweeps.gather import jobs_table, write_table
    from simulator.sweeps.journal import entries
    from simulator.sweeps.work import run_jobs

    def sweep(points: int) -> None:
        asked = plan(points, 40, 2)
        with tempfile.TemporaryDirectory() as folder, Folder(Path(folder)) as results:
            run_jobs(asked, range(points), Path(folder), 1)
            known = entries(Path(folder))
            write_table(asked, known, Path(folder), results)
            results.csv("jobs.csv", jobs_table(asked, known))

    sweep(10)
    before = held()
    sweep(points)
    return {"points": points, "peak_bytes": peak() - before}


def main() -> None:
    if sys.argv[1] == "ask":
        from simulator.cli import main as ask

        if ask(sys.argv[2:]):
            raise SystemExit("the command failed")
        print(json.dumps({"peak_bytes": peak()}))
        return
    job, scenario, buyers = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if job == "simulate":
        found = simulated(scenario, buyers)
    elif job == "sweep":
        found = swept(buyers)
    else:
        found = compared(scenario, buyers, job == "record")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
