"""With the compiler off, the compiled engine is plain Python: it must give the same bits."""

import os
import subprocess
import sys

import pytest

import simulator as sim
from simulator.engines.lowering import draw_arrivals
from simulator.model.compiling import JIT
from simulator.scenario.config_sources import ROOT
from tests.engines.digests import digest

#: A few dozen buyers each: spacious, congested, simple purchases, and leads that enter as MQLs.
CASES: dict[str, tuple[str, str, list[str]]] = {
    "integrated": ("baseline", "integrated", ["run.cohort_days=60", "market.inquiries_per_year=300"]),
    "relay race, too few people": ("overload", "relay_race", ["run.cohort_days=45", "market.inquiries_per_year=500"]),
    "simple purchases": ("transactional", "aligned", ["run.cohort_days=30", "market.inquiries_per_year=500"]),
    "known from the start": ("baseline", "aligned", ["run.cohort_days=40", "market.inquiries_per_year=400",
                                                     "market.leads.enter_as=mql"]),
}  # fmt: skip
SMALL = ["run.warm_up_days=0", "run.follow_up_days=20"]

pytestmark = pytest.mark.skipif(not JIT, reason="the compiler is off already")


def run(case: str, engine: str) -> sim.Result:
    name, organisation, overrides = CASES[case]
    scenario = sim.load_scenario(name, [*SMALL, *overrides])
    arrivals = draw_arrivals(scenario, 11, 0)
    if scenario.market.leads.enter_as == "mql":
        scenario.market.leads.path = "given"  # never read: the arrivals are handed over
    return sim.simulate(scenario, organisation, seed=11, engine=engine, record="touches", arrivals=arrivals)


_PROGRAM = """
import sys
from simulator.model.compiling import JIT
from simulator.engines.compiled.loop import advance_to_end
from tests.engines.test_without_jit import CASES, digest, run
assert not JIT and not hasattr(advance_to_end, "py_func")
for case in sys.argv[1:]:
    for engine in ("compiled", "reference"):
        print(case, engine, digest(run(case, engine).report), sep=": ")
"""


def in_python(*command: str, timeout: float = 300.0) -> subprocess.CompletedProcess[str]:
    """Run Python on a command with Numba's compiler off."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    return subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, cwd=ROOT, env=environment, timeout=timeout
    )


@pytest.mark.parametrize("cases", [["integrated"], pytest.param([*CASES], marks=pytest.mark.long)], ids=len)
def test_the_engines_agree_with_the_compiler_on_and_off(cases: list[str]) -> None:
    done = in_python("-c", _PROGRAM, *cases)
    assert done.returncode == 0, done.stderr
    expected = {case: digest(run(case, "compiled").report) for case in cases}
    assert len(set(expected.values())) == len(cases)
    found = [line.split(": ") for line in done.stdout.splitlines()]
    assert found == [[case, engine, expected[case]] for case in cases for engine in ("compiled", "reference")]


def test_the_cases_are_worth_running() -> None:
    for case in CASES:
        compiled = run(case, "compiled")
        assert 20 < len(compiled.journeys) < 100 and compiled.events > 200, case
        assert (compiled.journeys["calls"] > 0).any(), case
