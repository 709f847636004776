"""Run a case as a user would, in a folder of its own, and take what it leaves as texts by name."""

import contextlib
import functools
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import simulator
from simulator import cli
from tests.goldens.cases import Case
from tests.goldens.figures import told
from tests.goldens.in_python import texts_in_python
from tests.goldens.reading import texts_of

_OUT = "out"
_COLUMNS = "128"


def texts(case: Case) -> dict[str, str]:
    """What the case leaves now: file name -> text."""
    if not case.typed:
        return texts_in_python()
    with tempfile.TemporaryDirectory(prefix="golden-") as here, _inside(Path(here)), told():
        if case.exports:
            for name, text in _export().items():
                Path(name).write_text(text, encoding="utf-8")
        where = "sweep" if "--multirun" in case.typed else "run"
        printed, progress = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(progress):
            code = cli.main([*case.typed.split(), f"hydra.{where}.dir={_OUT}"])
        assert code == 0, progress.getvalue()
        return texts_of(case, Path(here).resolve() / _OUT, printed.getvalue())


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """In this folder, before a terminal of a given width without colours."""
    with contextlib.chdir(folder), mock.patch.dict(os.environ, {"COLUMNS": _COLUMNS, "LINES": "50"}):
        for name in ("FORCE_COLOR", "NO_COLOR", "TERM"):
            os.environ.pop(name, None)
        yield


@functools.cache
def _export() -> dict[str, str]:
    """Leads and deals of a small team, as a CRM would export them."""
    scenario = simulator.load_scenario(
        "replay", ["run.seed=3", "run.cohort_days=200", "run.follow_up_days=60", "market.journey.step_days=1"]
    )
    found = simulator.crm_tables(simulator.simulate(scenario, organisation="relay_race"))
    return {"leads.csv": found.leads.to_csv(index=False), "deals.csv": found.deals.to_csv(index=False)}
