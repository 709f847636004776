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
    "engines/tally.py",
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
SETTINGS = {"cache": True, "nogil": True, "fastmath": False, "error_model": "numpy", "_nrt": False}


def _one_type(given: Any) -> Any:
    """Numbers that a stage, an enumeration, a constant or a small field may be, as one: a function is compiled once."""
    given = getattr(given, "literal_type", given)
    is_small = isinstance(given, types.Integer) and getattr(given, "bitwidth", _WORD) < _WORD
    return types.int64 if is_small or isinstance(given, types.IntEnumMember) else given


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


class _Function(CPUDispatcher):
    """A compiled function that Python calls as any other, but that kernels take in bare.

    Numba gives every function what Python needs to call it, and the cache what it needs to load it. A kernel's helpers
    are called by kernels only: that took more than a third of the time to compile.
    """

    def __init__(self, py_func: Callable[..., Any], **more: Any) -> None:
        super().__init__(py_func, **more)
        bare = {name: value for name, value in SETTINGS.items() if name != "cache"}
        bare |= {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "pipeline_class": _HelperCompiler}
        self.bare = numba.njit(**bare)(py_func)

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """What a kernel that calls it is compiled against."""
        return self.bare.get_call_template(tuple(map(_one_type, args)), {name: _one_type(kws[name]) for name in kws})

    def get_overload(self, sig: Any) -> Any:
        """What a kernel that calls it is linked with."""
        return self.bare.get_overload(sig)


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function of the model with the project's one set of settings. It may not allocate arrays."""
    if not JIT:
        return function
    options = {name: value for name, value in SETTINGS.items() if name != "cache"}
    found = _Function(function, targetoptions={**options, "nopython": True, "boundscheck": None})
    found.enable_caching()
    return found
