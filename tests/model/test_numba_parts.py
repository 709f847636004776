"""Numba's private parts that the project leans on, one by one: a new Numba that breaks one is named here at once.

``pyproject.toml`` allows only versions with which this file passes. Public in Numba are ``njit``, ``typeof`` and
``extending.intrinsic``; everything below is not.
"""

import inspect
import tomllib
from typing import Any

import numba
import numpy as np
import pytest
from numba.core import cgutils, types
from numba.core.codegen import JITCodeLibrary, JITCPUCodegen
from numba.core.compiler import Compiler
from numba.core.registry import CPUDispatcher
from numba.np import arrayobj
from packaging.requirements import Requirement

from simulator.model import compiling
from simulator.model.compiling import JIT, SETTINGS, compiled, kernel, provide
from simulator.scenario.config_sources import ROOT

pytestmark = pytest.mark.skipif(not JIT, reason="nothing is compiled")


@compiled
def doubled(x: Any) -> Any:
    return 2 * x


@compiled
def first_of(record: Any) -> Any:
    return record["a"]


def said(t: Any, x: Any) -> Any:
    """A port."""
    return t.said(x)


@compiled
def as_kernels_say(t: Any, x: Any) -> Any:
    return x + t


provide(said, object, as_kernels_say)


@kernel
def uses(t: Any, x: Any, record: Any) -> Any:
    return said(t, doubled(x)) + first_of(record)


def test_this_version_is_one_that_the_project_allows() -> None:
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (allowed,) = (Requirement(line) for line in dependencies if Requirement(line).name == "numba")
    assert allowed.specifier.contains(numba.__version__)
    assert any(bound.operator == "<" for bound in allowed.specifier), "an upper bound"


def test_what_we_override_is_there() -> None:
    for owner, names in (
        (CPUDispatcher, ("get_call_template", "enable_caching", "_numba_type_")),
        (JITCodeLibrary, ("_finalize_final_module", "_finalize_dynamic_globals", "_ensure_finalized",
                          "get_pointer_to_function", "codegen")),
        (JITCPUCodegen, ("set_env",)),
        (cgutils, ("get_record_member", "get_or_insert_function")),
        (arrayobj, ("populate_array",)),
    ):  # fmt: skip
        assert [name for name in names if not hasattr(owner, name)] == []
    assert list(inspect.signature(Compiler).parameters)[:3] == ["typingctx", "targetctx", "library"]
    assert {"targetoptions", "pipeline_class"} <= set(inspect.signature(CPUDispatcher).parameters)
    parameters = set(inspect.signature(arrayobj.populate_array).parameters)
    assert {"data", "shape", "strides", "itemsize", "meminfo"} <= parameters
    assert types.IntEnumMember and types.Integer


def test_a_helper_is_plain_python_to_python_and_machine_code_to_kernels() -> None:
    assert inspect.isfunction(doubled) and first_of({"a": 5}) == 5
    record = np.zeros(1, [("a", "i8")])[0]
    record["a"] = 7
    assert uses(1, 10, record) == 28 and uses.signatures


def test_whole_numbers_of_all_kinds_compile_a_helper_once() -> None:
    @kernel
    def calls(small: Any) -> Any:
        return doubled(small) + doubled(np.int32(3)) + doubled(4)

    before = set(doubled.machine_code.overloads)  # type: ignore[attr-defined]
    assert calls(np.int8(1)) == 16
    assert set(doubled.machine_code.overloads) - before <= {(types.int64,)}  # type: ignore[attr-defined]


def test_nobody_makes_machine_code_of_a_helper_by_itself() -> None:
    uses(1, 10, np.zeros(1, [("a", "i8")])[0])
    uses.recompile()  # type: ignore[attr-defined]  # else the disk's cache may have it, without its helper
    (made, *_) = doubled.machine_code.overloads.values()  # type: ignore[attr-defined]
    assert isinstance(made.library, compiling._Parts)


def test_kernels_count_no_references() -> None:
    """``_nrt``: atomic instructions took two thirds of the kernel's time."""
    assert SETTINGS["_nrt"] is False

    @kernel
    def total(array: Any) -> Any:
        sum_ = 0.0
        for i in range(array.shape[0]):
            sum_ += array[i]
        return sum_

    assert total(np.ones(3)) == 3.0
    (code,) = total.inspect_llvm().values()
    assert "NRT_incref" not in code
