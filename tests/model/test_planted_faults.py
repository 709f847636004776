"""The tests of the model catch faults that are planted in it, one at a time: a hundred drawn ones, and all slips."""

import ast
import re
import subprocess
import sys

import pytest

from simulator.scenario.config_sources import ROOT
from tests.model.slips import SLIPS


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: f"{slip[0]}: {slip[1][:30]!r}")
def test_a_slip_changes_what_stands_once_in_its_file(slip: tuple[str, str, str]) -> None:
    """Else the slip that is planted is another one, or none."""
    file, old, new = slip
    source = (ROOT / "simulator" / "model" / f"{file}.py").read_text()
    assert source.count(old) == 1
    assert ast.dump(ast.parse(source.replace(old, new))) != ast.dump(ast.parse(source))


@pytest.mark.long
def test_a_hundred_planted_faults_are_caught() -> None:
    command = [sys.executable, "-m", "tests.model.planted_faults", "--faults", "100"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr[-1000:]


@pytest.mark.long
def test_a_few_of_them() -> None:
    """That the script works, in its quickest file: without a fault its tests pass, or it would say so."""
    command = [sys.executable, "-m", "tests.model.planted_faults", "--faults", "1", "--only", "group"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0 and re.search(r"^(\d+) of \1 planted faults", done.stdout), done.stdout + done.stderr
