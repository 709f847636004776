"""The tests of the model catch a hundred faults that are planted in it, one at a time."""

import subprocess
import sys

import pytest

from simulator.scenario.config_sources import ROOT


@pytest.mark.long
def test_a_hundred_planted_faults_are_caught() -> None:
    command = [sys.executable, "-m", "tests.model.planted_faults", "--faults", "100"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr[-1000:]


@pytest.mark.long
def test_a_few_of_them() -> None:
    """That the script works, in its quickest file: without a fault its tests pass, or it would say so."""
    command = [sys.executable, "-m", "tests.model.planted_faults", "--faults", "1", "--only", "lead"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0 and "1 of 1 planted faults were caught" in done.stdout, done.stdout + done.stderr
