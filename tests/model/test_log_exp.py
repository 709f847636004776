"""Our own logarithm and exponential: how exact they are, and the same bits wherever and however they are computed."""

import ast
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from decimal import Decimal, localcontext

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.model import compiling
from simulator.model.compiling import JIT, kernel, kernel_files
from simulator.model.numerics import GREATEST_EXPONENT, LEAST_EXPONENT, exp, log, raised
from tests.model.cases import assert_compiled_equals_python, machine_code_of

#: Error in units of the last place that is promised; measured below are 0.79 for ``log`` and 0.87 for ``exp``.
MOST_ULPS = 1.0

_RNG = np.random.Generator(np.random.PCG64(22))
UNIFORMS = ((_RNG.integers(0, 1 << 52, 5000) + 0.5) * 2.0**-52).tolist()
#: The least and the greatest number of the generator, and what lies about 1, the seam of ``log``, and its ends.
SEAM = math.sqrt(0.5)
LOG_EDGES = [
    *(2.0**-53, 3 * 2.0**-53, 1 - 3 * 2.0**-53, 1 - 2.0**-53, 1.0, 1 + 2.0**-52, 1 + 2.0**-40, 1 - 2.0**-40),
    *(factor * math.nextafter(SEAM, to) for to in (0.0, SEAM, 1.0) for factor in (0.25, 0.5, 1.0, 2.0, 1024.0)),
    *(sys.float_info.min, sys.float_info.max, math.e, 10.0, 0.1),
]
POWERS_OF_TWO = [2.0**k for k in range(-1022, 1024)]
LOGS = [
    *LOG_EDGES, *POWERS_OF_TWO, *UNIFORMS, *np.exp(_RNG.uniform(-700, 700, 5000)).tolist(),
    *_RNG.uniform(0.7, 1.42, 10_000).tolist(), *(1 + _RNG.normal(0, 1e-6, 2000)).tolist(),
]  # fmt: skip
HALF_LN_2 = math.log(2) / 2
EXP_EDGES = [
    *(LEAST_EXPONENT, math.nextafter(LEAST_EXPONENT, 0), GREATEST_EXPONENT, math.nextafter(GREATEST_EXPONENT, 0)),
    *(0.0, -0.0, 5e-324, -5e-324, 2.0**-60, -(2.0**-60), 2.0**-53, -(2.0**-53), 1.0, -1.0, 36.7368005696771, -36.7),
    *(
        math.nextafter((2 * k + 1) * HALF_LN_2, to)
        for k in (-1000, -3, -1, 0, 1, 2, 1000)
        for to in (-math.inf, math.inf)
    ),
]
EXPS = [
    *EXP_EDGES, *_RNG.uniform(LEAST_EXPONENT, GREATEST_EXPONENT, 5000).tolist(),
    *_RNG.uniform(-40, 40, 10_000).tolist(), *_RNG.uniform(-1, 1, 5000).tolist(),
    *(math.log(2) * np.arange(-1021, 1023)).tolist(),
]  # fmt: skip
BEYOND = [math.nextafter(LEAST_EXPONENT, -math.inf), -708.5, -745.2, -1e300, -math.inf,
          math.nextafter(GREATEST_EXPONENT, math.inf), 709.8, 1e300, math.inf]  # fmt: skip
POWERS = [(x, power) for x in (0.0, 1e-300, 2.0**-53, 0.3, 1.0, 1.7, 3.0, 1e12) for power in (0.0, 0.3, 0.5, 1.0, 2.0)]


def ulps(found: float, exact: Decimal) -> float:
    """Distance in units of the last place of the exact number."""
    return float(abs(Decimal(found) - exact) / Decimal(math.ulp(float(exact))))


def most_ulps(function: Callable[[float], float], exact: Callable[[Decimal], Decimal], xs: Iterable[float]) -> float:
    """Python's decimals have logarithm and exponential rounded right to as many digits as asked for."""
    with localcontext(prec=60):
        return max(ulps(function(x), exact(Decimal(x))) for x in xs)


# --- how exact --------------------------------------------------------------------------------------------------------


def test_the_logarithm_is_within_one_unit_of_the_last_place() -> None:
    for xs in (LOG_EDGES, POWERS_OF_TWO, LOGS):
        assert most_ulps(log, Decimal.ln, (x for x in xs if x != 1.0)) < MOST_ULPS
    assert log(1.0) == 0.0 and math.copysign(1.0, log(1.0)) == 1.0


def test_the_exponential_is_within_one_unit_of_the_last_place() -> None:
    for xs in (EXP_EDGES, EXPS):
        assert most_ulps(exp, Decimal.exp, xs) < MOST_ULPS
    assert exp(0.0) == exp(-0.0) == 1.0


def test_the_oracle_sees_one_unit_of_the_last_place() -> None:
    """The bound can fail: the library's own is within it, its neighbours are not."""
    assert most_ulps(math.log, Decimal.ln, UNIFORMS) < MOST_ULPS < 1.4
    assert most_ulps(lambda x: math.nextafter(math.log(x), -math.inf), Decimal.ln, UNIFORMS) > MOST_ULPS
    assert most_ulps(lambda x: math.nextafter(math.exp(x), math.inf), Decimal.exp, UNIFORMS) > MOST_ULPS


def test_the_exponential_beyond_what_it_gives() -> None:
    below, above = [x for x in BEYOND if x < 0], [x for x in BEYOND if x > 0]
    assert {exp(x) for x in below} == {0.0} and {exp(x) for x in above} == {math.inf}
    assert exp(LEAST_EXPONENT) > sys.float_info.min and exp(GREATEST_EXPONENT) < math.inf


def test_a_power_is_as_exact_as_its_exponent_allows() -> None:
    """An error of a few units in the exponent is one of as many times the exponent in the power."""
    cases = [(x, power) for x, power in POWERS if x > 0.0 and power > 0.0]
    cases += list(zip((4 * _RNG.random(3000)).tolist(), (2 * _RNG.random(3000)).tolist(), strict=True))
    with localcontext(prec=60):
        for x, power in cases:
            exponent = Decimal(x).ln() * Decimal(power)
            assert ulps(raised(x, power), exponent.exp()) < MOST_ULPS + 4.0 * (1.0 + abs(float(exponent)))
    assert [raised(0.0, power) for power in (0.0, 0.3, 1.0)] == [1.0, 0.0, 0.0]
    assert [raised(1.0, power) for power in (0.0, 0.3, 1.0)] == [1.0] * 3


@given(st.floats(2.0**-53, 1 - 2.0**-53), st.floats(2.0**-53, 1 - 2.0**-53))
def test_the_logarithm_rises(u: float, v: float) -> None:
    low, high = sorted((u, v))
    assert log(low) <= log(high) or high - low < 4 * math.ulp(high)
    assert log(high) < 0.0


# --- the same bits ----------------------------------------------------------------------------------------------------


@kernel
def logs(xs, out):  # type: ignore[no-untyped-def]
    for n in range(out.size):
        out[n] = log(xs[n])


@kernel
def exps(xs, out):  # type: ignore[no-untyped-def]
    for n in range(out.size):
        out[n] = exp(xs[n])


LOOPS = {"log": (logs, log, LOGS), "exp": (exps, exp, [*EXPS, *BEYOND])}


def bits(numbers: list[float]) -> npt.NDArray[np.int64]:
    return np.array(numbers).view(np.int64)


def test_a_kernel_that_takes_one_number_gives_the_bits_of_python() -> None:
    assert_compiled_equals_python(log, [(x,) for x in LOGS])
    assert_compiled_equals_python(exp, [(x,) for x in [*EXPS, *BEYOND]])
    assert_compiled_equals_python(raised, POWERS)


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_over_arrays_gives_the_bits_of_python(name: str) -> None:
    """Whole vectors, and the rest that does not fill one; at odd addresses too."""
    loop, function, numbers = LOOPS[name]
    expected = bits([function(x) for x in numbers])
    for first, last in ((0, None), (1, None), (3, 4), (0, 7), (5, -1)):
        xs = np.array(numbers)[first:last]
        out = np.empty(len(xs))
        loop(xs, out)
        assert np.array_equal(out.view(np.int64), expected[first:last])


@pytest.mark.skipif(not JIT, reason="nothing is compiled")
@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_over_arrays_is_made_of_vector_instructions(name: str) -> None:
    loop, *_ = LOOPS[name]
    loop(np.ones(1), np.empty(1))
    code = "\n".join(loop.inspect_asm().values())
    assert not re.search(r"\bv?f(n?m)(add|sub)", code), "no product may be joined with a sum: it has other bits"
    if not re.search(r"%[yz]mm\d", code):
        pytest.skip("the processor has no vectors of four doubles")
    packed = {kind: len(re.findall(rf"\bv{kind}pd\b.*%[yz]mm\d", code)) for kind in ("mul", "add", "div")}
    assert packed["mul"] >= 10 and packed["add"] >= 8 and packed["div"] >= 1, packed
    assert not re.search(r"\b(call|jmp)\w*\s+.*\b(log|exp|pow)\b", code), "no library is called"


PROGRAM = """
import sys
from simulator.model.compiling import JIT
from simulator.model.numerics import exp, log, raised
from tests.model.test_log_exp import BEYOND, EXPS, LOGS, POWERS, exps, logs
import numpy as np
assert JIT == (sys.argv[1] == "compiled")
for loop, function, numbers in ((logs, log, LOGS), (exps, exp, [*EXPS, *BEYOND])):
    out = np.empty(len(numbers))
    loop(np.array(numbers), out)
    assert [x.hex() for x in out.tolist()] == [float(function(x)).hex() for x in numbers]
    print(*[x.hex() for x in out.tolist()])
print(*[float(raised(*pair)).hex() for pair in POWERS])
"""


def test_with_the_compiler_off_the_bits_are_the_same() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "NUMBA_DISABLE_JIT": "1" if JIT else "0"}
    command = [sys.executable, "-c", PROGRAM, "plain" if JIT else "compiled"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    here = []
    for loop, _, numbers in LOOPS.values():
        out = np.empty(len(numbers))
        loop(np.array(numbers), out)
        here.append(out.tolist())
    here.append([float(machine_code_of(raised)(*pair)) for pair in POWERS])
    assert done.stdout.splitlines() == [" ".join(x.hex() for x in row) for row in here]


def test_the_bits_never_change() -> None:
    """Recorded when this test was written: what another processor, library or compiler must give too."""
    assert [log(x).hex() for x in (0.1, 2.0**-53, 0.7, 1e300)] == [
        "-0x1.26bb1bbb55515p+1", "-0x1.25e4f7b2737fap+5", "-0x1.6d3c324e13f50p-2", "0x1.5963447f87fb5p+9",
    ]  # fmt: skip
    assert [exp(x).hex() for x in (-700.0, -0.1, 0.7, 700.0)] == [
        "0x1.14f2b0fb9307fp-1010", "0x1.cf46d99d52b3ap-1", "0x1.01c2a61268987p+1", "0x1.d945df4f8ec8ep+1009",
    ]  # fmt: skip


# --- and no others ----------------------------------------------------------------------------------------------------

#: Of these every library has the same bits: they are exact, or rounded right as IEEE 754 asks.
EXACT = {"floor", "ceil", "sqrt", "inf", "nan", "isnan", "isfinite", "isinf", "pi", "copysign"}
#: What NumPy computes by approximations of its own.
APPROXIMATE = {
    *("log", "log2", "log10", "log1p", "logaddexp", "exp", "exp2", "expm1", "power", "float_power", "pow", "cbrt"),
    *("sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "arctan2", "hypot"),
}


def others(source: str) -> list[str]:
    """Functions in a source whose bits depend on a library, with the lines they stand in."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module, name = node.value.id, node.attr
            is_other = (module == "math" and name not in EXACT) or (module in ("np", "numpy") and name in APPROXIMATE)
            found += [f"{node.lineno}: {module}.{name}"] if is_other else []
        elif isinstance(node, ast.ImportFrom) and node.module in ("math", "cmath", "numpy", "scipy.special"):
            names = {alias.name for alias in node.names}
            bad = names - EXACT if node.module != "numpy" else names & APPROXIMATE
            found += [f"{node.lineno}: from {node.module} import {name}" for name in sorted(bad)]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "pow":
            found.append(f"{node.lineno}: pow")
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Pow):
            operands = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.target, node.value]
            if not all(is_number(operand) for operand in operands):
                found.append(f"{node.lineno}: **")
    return found


def is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) or (isinstance(node, ast.UnaryOp) and is_number(node.operand))


def test_nothing_that_kernels_are_made_of_takes_another_logarithm_or_power() -> None:
    assert {file.parent.name for file in kernel_files()} >= {"model", "compiled", "lowering"}
    found = {str(file.relative_to(compiling._PACKAGE)): others(file.read_text()) for file in kernel_files()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_look_for_others_finds_all_kinds() -> None:
    source = (
        "import math\nimport numpy as np\nfrom math import exp as e\nmath.log(2)\nnp.exp(x)\nx ** y\nx **= 2\n"
        "pow(x, y)\nf = math.pow\nnp.power\nmath.floor(x) + math.sqrt(x) + 2.0**-52\nfrom numpy import log1p\n"
        "f(**options)\n{**one}\n"
    )
    assert sorted(others(source), key=lambda line: int(line.split(":")[0])) == [
        "3: from math import exp", "4: math.log", "5: np.exp", "6: **", "7: **", "8: pow", "9: math.pow",
        "10: np.power", "12: from numpy import log1p",
    ]  # fmt: skip
