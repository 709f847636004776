"""One way to compile: settings shared by every kernel, and a cache that cannot go stale.

Numba's on-disk cache checks only the file a function stands in, not the helpers and enumerations it uses
(numba issue 1833). The cache folder therefore carries a digest of all sources that kernels are made of,
and of the versions of the compiler: a changed line is a new folder. Import this module before any kernel.
"""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy
from numba.core import types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.registry import CPUDispatcher

_PACKAGE = Path(__file__).parents[1]
#: What kernels are made of, relative to the package.
KERNEL_SOURCES = (
    "model",
    "engines/lowering",
    "engines/history.py",
    "engines/report.py",
    "engines/review.py",
    "engines/log_order.py",
    "engines/compiled",
    "results/crm_seen.py",
    "results/log_columns.py",
)
_KEPT_CACHES = 4
#: Bits of a whole number in kernels.
_WORD = 64


def kernel_files() -> list[Path]:
    """Every source file that a kernel can be made of, sorted."""
    files = []
    for name in KERNEL_SOURCES:
        path = _PACKAGE / name
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return files


def sources_digest() -> str:
    """Digest of the kernels' sources and of the compiler's versions."""
    digest = hashlib.blake2b(digest_size=8)
    for version in (sys.version, numba.__version__, llvmlite.__version__, numpy.__version__):
        digest.update(version.encode())
    for file in kernel_files():
        digest.update(str(file.relative_to(_PACKAGE)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _cache_root() -> Path:
    if asked := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(asked)
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "buyer-journeys" / "kernels"


def _cache_folder() -> str:
    root = _cache_root()
    folder = root / sources_digest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.touch()
        if not os.access(folder, os.W_OK):
            raise OSError("not writable")
    except OSError:
        return tempfile.mkdtemp(prefix="buyer-journeys-kernels-")
    siblings = sorted((entry for entry in root.iterdir() if len(entry.name) == 16), key=lambda e: e.stat().st_mtime)
    for stale in siblings[:-_KEPT_CACHES]:
        shutil.rmtree(stale, ignore_errors=True)
    return str(folder)


def kernel_is_cached() -> bool:
    """Whether the main loop was compiled before, from these very sources."""
    return not JIT or any(Path(numba.config.CACHE_DIR).rglob("loop.advance_to_end*.nbc"))


JIT = not numba.config.DISABLE_JIT
if JIT:
    numba.config.CACHE_DIR = _cache_folder()

#: No ``fastmath``: the reference engine must get the same bits. ``nogil``: replications run on threads. ``_nrt``: no
#: reference counts, whose atomic instructions took two thirds of the kernel's time; so kernels cannot allocate.
SETTINGS = {"nogil": True, "fastmath": False, "error_model": "numpy", "_nrt": False}


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls: its machine code is kept on disk. It may not allocate arrays."""
    if not JIT:
        return function
    entry = _Function(function, targetoptions={**SETTINGS, "nopython": True, "boundscheck": None})
    entry.enable_caching()
    return entry


def compiled(function: Callable[..., Any]) -> Any:
    """Let kernels take a function of the model in as machine code; called from Python it stays plain Python.

    So the reference engine, which hands it dictionaries, runs the very lines that a kernel is compiled from.
    """
    if JIT:
        options = {**SETTINGS, "nopython": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
        helper = _Function(function, targetoptions={**options, "boundscheck": None}, pipeline_class=_HelperCompiler)
        function.machine_code = helper  # type: ignore[attr-defined]  # Numba's type of it does not keep it alive
        function._numba_type_ = helper._numba_type_  # type: ignore[attr-defined]
    return function


def provide(port: Callable[..., Any], world: type, function: Callable[..., Any]) -> None:
    """Say what kernels take for a port of the model (``port.py``), whose first argument is a ``world``.

    With the compiler off the function is the method of the world that the port calls.
    """
    if JIT:
        port._numba_type_ = function._numba_type_  # type: ignore[attr-defined]
    else:
        setattr(world, port.__name__, function)


# --- Numba's private parts: what depends on its version, and a test says so (``test_compiling.py``) -------------------


def _one_type(given: Any) -> Any:
    """Numbers that a stage, an enumeration, a constant or a small field may be, as one: a function is compiled once."""
    given = getattr(given, "literal_type", given)
    is_small = isinstance(given, types.Integer) and getattr(given, "bitwidth", _WORD) < _WORD
    return types.int64 if is_small or isinstance(given, types.IntEnumMember) else given


class _Function(CPUDispatcher):
    """A function that is compiled once for all kinds of whole numbers that a kernel calls it with."""

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """What a kernel that calls it is compiled against."""
        return super().get_call_template(tuple(map(_one_type, args)), {name: _one_type(kws[name]) for name in kws})


class _Parts(JITCodeLibrary):
    """The code of a helper as kernels take it in. Nobody runs it by itself, so no machine code is made of it.

    That took a fifth of the time to compile.
    """

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        self._ensure_finalized()
        return 0

    @property
    def codegen(self) -> Any:
        """Where machine code would be told the Python objects it uses: helpers use none."""
        return self

    def set_env(self, *_: Any) -> None:
        """Nothing to tell."""


class _HelperCompiler(Compiler):
    """Numba's compiler, which leaves a helper's code as parts for kernels."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.state.library = _Parts(self.state.targetctx.codegen(), "helper")
