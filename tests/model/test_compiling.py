"""The cache of compiled code cannot go stale: its folder is named after everything that kernels are made of."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from simulator.model import compiling

PACKAGE = Path(compiling.__file__).parents[1]
#: Kernels are written here.
KERNEL_ROOMS = ("model", "engines/compiled", "results/log_columns.py")


def python_files(names: tuple[str, ...]) -> list[Path]:
    paths = [PACKAGE / name for name in names]
    return [file for path in paths for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]


@pytest.fixture
def copied_package(tmp_path: Path) -> Path:
    """A copy of the package that may be edited."""
    shutil.copytree(PACKAGE, tmp_path / "simulator", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "simulator"


@pytest.fixture
def moved_digest(copied_package: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lets ``sources_digest`` read the copy."""
    monkeypatch.setattr(compiling, "_PACKAGE", copied_package)
    return copied_package


# --- The digest -------------------------------------------------------------------------------------------------------


def test_a_copy_elsewhere_has_the_same_digest(moved_digest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = compiling.sources_digest()
    monkeypatch.setattr(compiling, "_PACKAGE", PACKAGE)
    assert compiling.sources_digest() == there


def test_every_source_of_a_kernel_changes_the_digest(moved_digest: Path) -> None:
    seen = {compiling.sources_digest()}
    for file in compiling.kernel_files():
        with file.open("a") as source:
            source.write("# changed\n")
        digest = compiling.sources_digest()
        assert digest not in seen, file
        seen.add(digest)


def test_new_moved_and_removed_sources_change_the_digest(moved_digest: Path) -> None:
    seen = {compiling.sources_digest()}
    room = moved_digest / "model"
    (room / "extra.py").write_text("")
    seen.add(compiling.sources_digest())
    (room / "extra.py").rename(room / "other.py")
    seen.add(compiling.sources_digest())
    (room / "other.py").rename(moved_digest / "engines" / "compiled" / "other.py")
    seen.add(compiling.sources_digest())
    assert len(seen) == 4
    (moved_digest / "engines" / "compiled" / "other.py").unlink()
    assert compiling.sources_digest() in seen, "and back again"


def test_text_moved_between_sources_changes_the_digest(moved_digest: Path) -> None:
    first, second = moved_digest / "model" / "a.py", moved_digest / "model" / "b.py"
    first.write_text("x = 1\n")
    second.write_text("")
    before = compiling.sources_digest()
    first.write_text("")
    second.write_text("x = 1\n")
    assert compiling.sources_digest() != before


def test_what_is_no_kernel_leaves_the_digest(moved_digest: Path) -> None:
    before = compiling.sources_digest()
    (moved_digest / "questions").mkdir(exist_ok=True)
    (moved_digest / "questions" / "new.py").write_text("x = 1\n")
    (moved_digest / "model" / "notes.txt").write_text("x = 1\n")
    assert compiling.sources_digest() == before


@pytest.mark.parametrize("library", ["numba", "llvmlite", "numpy"])
def test_another_compiler_changes_the_digest(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    before = compiling.sources_digest()
    monkeypatch.setattr(getattr(compiling, library), "__version__", "0.0.0")
    assert compiling.sources_digest() != before


# --- What kernels are made of -----------------------------------------------------------------------------------------


def module_file(name: str) -> Path | None:
    """The source of a module of ours, or None."""
    path = PACKAGE.parent / Path(*name.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


def imported_files(file: Path) -> set[Path]:
    """Our modules that a source imports, in whatever way."""
    found = set()
    here = [PACKAGE.name, *file.relative_to(PACKAGE).with_suffix("").parts]
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = (
                ".".join([*here[: -node.level], *([node.module] if node.module else [])]) if node.level else node.module
            )
            names = [f"{start}.{alias.name}" for alias in node.names] + [str(start)]
        else:
            continue
        files = [module_file(name) for name in names if name.split(".")[0] == PACKAGE.name]
        found |= {source for source in files if source is not None}
    return found


def has_code(file: Path) -> bool:
    """Whether a source holds more than documentation."""
    body = ast.parse(file.read_text()).body
    return any(not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) for node in body)


def test_everything_that_kernels_import_is_in_the_digest() -> None:
    covered = set(compiling.kernel_files())
    for file in python_files(KERNEL_ROOMS):
        missing = {source for source in imported_files(file) - covered if has_code(source)}
        assert not missing, f"{file.relative_to(PACKAGE)} imports what compiling.KERNEL_SOURCES leaves out"


def test_everything_that_is_compiled_is_in_the_digest() -> None:
    """Wherever ``compiled`` is used, the source and what it imports from our domain are covered."""
    covered = set(compiling.kernel_files())
    for file in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(file.read_text())
        decorators = [
            decorator.id
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
            for decorator in node.decorator_list
            if isinstance(decorator, ast.Name)
        ]
        if {"compiled", "kernel"} & set(decorators):
            assert file in covered, f"{file.relative_to(PACKAGE)} has compiled functions"


def test_the_walk_over_imports_finds_all_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path / "simulator")
    room = tmp_path / "simulator" / "model"
    room.mkdir(parents=True)
    for name in ("a", "b", "c", "d"):
        (room / f"{name}.py").write_text("x = 1\n")
    (room / "kernel.py").write_text(
        "import simulator.model.a\nfrom simulator.model import b\n"
        "def f():\n    from simulator.model.c import x\n    from .d import x\nimport math\n"
    )
    assert {file.stem for file in imported_files(room / "kernel.py")} == {"a", "b", "c", "d"}


# --- The cache --------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not compiling.JIT, reason="nothing is compiled")
def test_the_cache_folder_carries_the_digest() -> None:
    assert Path(numba.config.CACHE_DIR).name == compiling.sources_digest()


def test_an_asked_for_folder_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "asked"))
    assert compiling._cache_folder() == str(tmp_path / "asked" / compiling.sources_digest())
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert Path(compiling._cache_folder()).parent.is_relative_to(tmp_path / "xdg")


def test_old_caches_are_removed_and_strangers_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    (tmp_path / "somebody else's").mkdir()
    for number in range(8):
        folder = tmp_path / f"{number:016x}"
        folder.mkdir()
        os.utime(folder, (number, number))
    current = Path(compiling._cache_folder()).name
    left = {entry.name for entry in tmp_path.iterdir()}
    assert {current, "somebody else's", f"{7:016x}"} <= left
    assert len(left - {"somebody else's"}) == compiling._KEPT_CACHES


def test_without_a_writable_folder_a_temporary_one_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "a file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = Path(compiling._cache_folder())
    assert folder.is_dir() and folder.parent == tmp_path


@pytest.mark.skipif(not compiling.JIT, reason="nothing is compiled")
def test_an_edited_helper_is_compiled_anew(copied_package: Path, tmp_path: Path) -> None:
    """``scaled`` is cached by one process; its helper in another file changes; the next process must see that.

    Numba alone would go on serving the old code: the last line proves it, so that this test tests something.
    """
    helper = copied_package / "model" / "helper.py"
    (copied_package / "model" / "caller.py").write_text(
        "from simulator.model.helper import factor\nfrom simulator.model.compiling import kernel\n\n\n"
        "@kernel\ndef scaled(x):\n    return x * factor(x)\n"
    )

    def call(constant: float, *, folder: str | None = None) -> float:
        helper.write_text(
            "from simulator.model.compiling import compiled\n\n\n"
            f"@compiled\ndef factor(x):\n    return {constant}\n"
        )  # fmt: skip
        program = "from simulator.model import compiling\n"
        if folder:
            program += f"import numba\nnumba.config.CACHE_DIR = {folder!r}\n"
        program += "from simulator.model.caller import scaled\nprint(scaled(1.0))\n"
        environment = {
            **os.environ,
            "PYTHONPATH": str(copied_package.parent),
            "NUMBA_CACHE_DIR": str(tmp_path / "cache"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return float(done.stdout)

    assert call(2.0) == 2.0
    (first,) = (tmp_path / "cache").iterdir()
    assert call(3.0) == 3.0
    assert len([entry for entry in (tmp_path / "cache").iterdir() if list(entry.rglob("*.nbi"))]) == 2
    assert call(3.0, folder=str(first)) == 2.0
