"""A file of leads is read once in a process, and again when it has changed on disk."""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import simulator as sim
from simulator.leads.files import FileVersion, version_of
from simulator.leads.replay import read_leads
from simulator.questions.frame.runs import check_leads
from simulator.scenario.market import Leads

DAY = 24 * 3_600_000_000


def _write(folder: Path, text: str) -> Path:
    (folder / "leads.csv").write_text(text)
    return folder / "leads.csv"


_opens: Counter[str] = Counter()
_counting: list[bool] = []


def _count(event: str, arguments: tuple) -> None:
    if event == "open" and _counting:
        _opens[str(arguments[0])] += 1


sys.addaudithook(_count)


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """How often each file is opened by Python in the block."""
    _opens.clear()
    _counting.append(True)
    try:
        yield _opens
    finally:
        _counting.clear()


def _settle() -> None:
    time.sleep(0.05)  # a file system's clock ticks; only then can a change be told by the times


def test_a_run_opens_its_leads_once_and_the_next_run_not_at_all(tmp_path: Path) -> None:
    file = _write(tmp_path, "created,channel\n2025-03-03 10:00,web\n2025-03-04 10:00,web\n")
    typed = ["leads=plain", f"market.leads.path={file}", "run.cohort_days=30", "run.follow_up_days=5"]
    scenario = sim.load_scenario("replay", [*typed, "run.replications=2", "run.threads=1"])
    _settle()
    with counted() as opens:
        check_leads(scenario)
        for replication in range(2):
            assert len(sim.simulate(scenario, "relay_race", replication=replication).journeys) == 2
        assert opens[str(file)] == 1
        check_leads(scenario)
        sim.simulate(scenario, "integrated")
        assert opens[str(file)] == 1


@pytest.mark.parametrize("how", ["longer", "same size", "same size and date", "replaced"])
def test_a_file_that_changed_is_read_again(how: str, tmp_path: Path) -> None:
    file = _write(tmp_path, "created,channel\n2025-03-03,web\n")
    _settle()
    before, dates = read_leads(file, Leads()), file.stat()
    assert read_leads(file, Leads()) is before
    if how == "replaced":
        (tmp_path / "new.csv").write_text("created,channel\n2025-03-04,web\n")
        os.utime(tmp_path / "new.csv", ns=(dates.st_atime_ns, dates.st_mtime_ns))
        (tmp_path / "new.csv").replace(file)
    else:
        _write(tmp_path, "created,channel\n2025-03-04,web\n" + ("2025-03-05,web\n" if how == "longer" else ""))
    if how == "same size and date":
        os.utime(file, ns=(dates.st_atime_ns, dates.st_mtime_ns))
    after = read_leads(file, Leads())
    assert len(after) == (2 if how == "longer" else 1) and after.arrived_us[0] - before.arrived_us[0] == DAY


def test_a_file_is_kept_only_if_its_times_would_show_the_next_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two writes within one tick of the clock: as if both were of the same instant, just now."""
    instant = time.time_ns() + 10**10

    def within_a_tick(key: str, path: Path) -> FileVersion:
        return replace(version_of(key, path), mtime_ns=instant, ctime_ns=instant)

    monkeypatch.setattr("simulator.leads.replay.version_of", within_a_tick)
    before = read_leads(_write(tmp_path, "created,channel\n2025-03-03,web\n"), Leads())
    after = read_leads(_write(tmp_path, "created,channel\n2025-03-04,web\n"), Leads())
    assert after.arrived_us[0] - before.arrived_us[0] == DAY


def test_a_run_after_a_change_has_the_new_leads(tmp_path: Path) -> None:
    file = _write(tmp_path, "created,channel\n2025-03-03 10:00,web\n")
    typed = ["leads=plain", f"market.leads.path={file}", "run.cohort_days=30", "run.follow_up_days=5"]
    scenario = sim.load_scenario("replay", typed)
    assert len(sim.simulate(scenario, "relay_race").journeys) == 1
    _write(tmp_path, "created,channel\n2025-03-03 10:00,web\n2025-03-04 10:00,fair\n")
    assert len(sim.simulate(scenario, "relay_race").journeys) == 2
