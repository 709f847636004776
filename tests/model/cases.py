"""What the tests of the behaviours share: random inputs, and the comparison of compiled functions with Python."""

import inspect
import itertools
import math
import random
from collections.abc import Callable, Iterable
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from simulator.model.compiling import JIT, kernel

#: How far an estimate may lie from its expectation: 5 standard errors, exceeded once in 1.7 million tries.
STANDARD_ERRORS = 5.0


def uniforms(n: int, seed: int) -> list[float]:
    """Numbers strictly inside (0, 1), from a generator that is not ours."""
    bits = np.random.Generator(np.random.PCG64(seed)).integers(0, 1 << 52, n)
    return [float(u) for u in (bits + 0.5) * 2.0**-52]


def same(a: object, b: object) -> bool:
    """Equal in kind and in every bit, whatever counts as a whole number; a float's sign of zero counts."""
    if isinstance(a, float) and isinstance(b, float):
        return a.hex() == b.hex() or (math.isnan(a) and math.isnan(b))
    return type(a) is type(b) and a == b


@cache
def machine_code_of(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the model as kernels run it; called by itself it is plain Python."""
    return function if hasattr(function, "py_func") else kernel(function)


def assert_compiled_equals_python(function: Callable[..., Any], cases: Iterable[tuple[Any, ...]]) -> None:
    """A function's machine code gives what its Python source gives."""
    if not JIT:
        pytest.skip("nothing is compiled: there is nothing to compare")
    python = getattr(function, "py_func", function)
    for case in cases:
        compiled, expected = machine_code_of(function)(*case), python(*case)
        assert same(compiled, expected), f"{python.__name__}{case}: compiled {compiled!r}, Python {expected!r}"


def functions_of(module: ModuleType) -> set[str]:
    """Names of the compiled functions that a module defines, without those it imports."""
    found = {name: getattr(value, "py_func", value) for name, value in vars(module).items()}
    return {name for name, value in found.items() if inspect.isfunction(value) and value.__module__ == module.__name__}


def grid(*columns: Iterable[Any], at_most: int = 2000, seed: int = 0) -> list[tuple[Any, ...]]:
    """All combinations of the values given for each argument, or a random choice of them if there are too many."""
    values = [list(column) for column in columns]
    if math.prod(map(len, values)) <= at_most:
        return list(itertools.product(*values))
    choose = random.Random(seed)
    return [tuple(choose.choice(column) for column in values) for _ in range(at_most)]
