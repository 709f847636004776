"""The plan of the house: imports run one way, files stay short, and no code asks which organisation it is."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import simulator
from simulator.scenario.config_sources import CONF, ROOT

PACKAGE = Path(simulator.__file__).parent

#: The rooms from the ground up, by the names that modules begin with; the longest name counts. A room imports itself
#: and rooms that stand before it, never one after it. What a question or a room needs to know (``settings``) is part of
#: the schema, so it stands below the scenario.
ROOMS = (
    "model", "scenario.renamed", "scenario.schema", "scenario.free_parameter", "settings", "scenario", "leads",
    "engines", "results", "capacity", "run", "questions.frame", "fit", "questions", "sweeps", "workshop", "documents",
    "cli", "__main__",
)  # fmt: skip

#: Where settings are composed: the only modules that know Hydra.
COMPOSITION = {
    "scenario.config_sources",
    "scenario.refusals",
    "scenario.composing",
    "scenario.composition_cache",
    "cli",
}

#: Modules that speak to the user and may name a shipped organisation in an example.
EXAMPLES = {"scenario.help", "scenario.refusals", "documents.gallery"}

#: What a reader waits for: none of it may be imported before a run begins.
HEAVY = ("numpy", "numba", "mesa", "simpy", "pandas", "pyarrow", "matplotlib", "scipy", "rich", "optuna",
         "SALib", "ema_workbench", "jinja2")  # fmt: skip

#: What the first event need not wait for, as only other engines, tables and figures use it.
LATER = ("mesa", "simpy", "pandas", "pyarrow", "matplotlib", "scipy.stats", "rich.progress", "optuna", "jinja2")
#: What a compiled run never needs.
NEVER = ("mesa", "simpy", "scipy.stats", "optuna", "SALib", "ema_workbench")

LONGEST_FILE = 400


def module_name(file: Path) -> str:
    parts = list(file.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package by its name below ``simulator``; the package itself is ""."""
    return {module_name(file): ast.parse(file.read_text(encoding="utf-8")) for file in sorted(PACKAGE.rglob("*.py"))}


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def run_time_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes, also those in functions, except what only a type checker reads."""
    for child in ast.iter_child_nodes(tree):
        if is_type_checking(child):
            assert isinstance(child, ast.If)
            for other in child.orelse:
                yield other
                yield from run_time_nodes(other)
        else:
            yield child
            yield from run_time_nodes(child)


def imported_names(tree: ast.Module, package: str, types: bool = False) -> Iterator[str]:
    """Dotted names that a module imports, at its top or in a function; relative ones made absolute."""
    for node in ast.walk(tree) if types else run_time_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = ".".join(parents[: len(parents) - node.level + 1] if node.level else [])
            origin = ".".join(filter(None, (base, node.module)))
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def ours(name: str, tree: ast.Module, types: bool = False) -> set[str]:
    """Modules of the package that a module imports, by their names below ``simulator``; also for types alone, if so."""
    found = set()
    is_package = (PACKAGE / Path(*name.split(".")) / "__init__.py").is_file()
    package = ".".join(filter(None, ("simulator", name if is_package else name.rpartition(".")[0])))
    for imported in imported_names(tree, package, types):
        if imported.split(".")[0] == "simulator":
            below = imported.removeprefix("simulator").removeprefix(".")
            while below and below not in modules():
                below = below.rpartition(".")[0]
            found.add(below)
    return found - {name}


@cache
def imports() -> dict[str, set[str]]:
    """What each module imports of ours; the public interface only names homes and is left out."""
    return {name: ours(name, tree) for name, tree in modules().items() if name}


def room(module: str) -> str:
    """The room that a module stands in; "" if it stands in none."""
    if module.endswith(".settings"):
        return "settings"
    return max((name for name in ROOMS if f"{module}.".startswith(f"{name}.")), key=len, default="")


def test_every_module_stands_in_a_room() -> None:
    assert {room(name) for name in imports() if not is_empty(name)} == set(ROOMS)


def is_empty(module: str) -> bool:
    """Whether a module is the empty ``__init__`` of a folder."""
    return not modules()[module].body


def test_rooms_import_only_rooms_below() -> None:
    violations = [
        f"{module} -> {other or 'simulator'}"
        for module, others in imports().items()
        for other in sorted(others)
        if not other or ROOMS.index(room(other)) > ROOMS.index(room(module))
    ]
    assert violations == []


def test_no_two_modules_import_each_other_nor_their_types() -> None:
    every = {name: ours(name, tree, types=True) for name, tree in modules().items() if name}
    assert len(list(TopologicalSorter(every).static_order())) == len(every)  # a cycle raises, and is named


def test_the_two_engines_do_not_know_each_other() -> None:
    for one, other in (("engines.compiled", "engines.reference"), ("engines.reference", "engines.compiled")):
        met = {
            f"{m} -> {o}" for m, found in imports().items() if m.startswith(one) for o in found if o.startswith(other)
        }
        assert met == set()


def test_only_the_composition_knows_hydra() -> None:
    knows = {
        name
        for name, tree in modules().items()
        for imported in imported_names(tree, f"simulator.{name}")
        if imported.split(".")[0] == "hydra"
    }
    assert knows == COMPOSITION


def test_the_public_interface_names_what_exists() -> None:
    for name in simulator.__all__:
        assert simulator._HOMES[name].removeprefix("simulator.") in modules()
        defined = modules()[simulator._HOMES[name].removeprefix("simulator.")].body
        assert name in {node.name for node in defined if isinstance(node, ast.ClassDef | ast.FunctionDef)}


def test_files_stay_short() -> None:
    folders = [PACKAGE, *(ROOT / name for name in ("tests", "benchmarks", "conf", "scenarios"))]
    files = [file for folder in folders for end in ("*.py", "*.yaml") for file in folder.rglob(end)]
    long = {
        str(file.relative_to(ROOT)): n for file in files if (n := len(file.read_text().splitlines())) > LONGEST_FILE
    }
    assert len(files) > 50 and long == {}


# --- no line of code asks which organisation it is --------------------------------------------------------------------


def docstrings(tree: ast.Module) -> set[int]:
    """Identities of the nodes that are docstrings, of modules, classes, functions and attributes."""
    bodies = [node.body for node in ast.walk(tree) if hasattr(node, "body") and isinstance(node.body, list)]
    return {id(node.value) for body in bodies for node in body if isinstance(node, ast.Expr)}


def words_of_code(tree: ast.Module) -> Iterator[tuple[int, str, bool]]:
    """(line, text, is a name or a whole string) of every name and string that is no docstring."""
    texts = docstrings(tree)
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        for field in ("id", "attr", "name", "arg"):
            if isinstance(getattr(node, field, None), str):
                yield line, getattr(node, field), True
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in texts:
            yield line, node.value, False


def asks_which(tree: ast.Module, names: list[str], may_give_examples: bool) -> list[str]:
    found = []
    for line, text, is_name in words_of_code(tree):
        for name in names:
            whole = text == name
            part = not is_name and re.search(rf"(?<![A-Za-z0-9_]){name}(?![A-Za-z0-9_])", text)
            if whole or (part and not may_give_examples):
                found.append(f"line {line}: {name}")
    return found


def shipped_organisations() -> list[str]:
    return sorted(file.stem for file in (CONF / "organisation").glob("*.yaml"))


def test_no_code_asks_which_organisation_it_is() -> None:
    names = shipped_organisations()
    assert {"relay_race", "aligned", "integrated"} <= set(names)
    found = {name: asks_which(tree, names, name in EXAMPLES) for name, tree in modules().items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "code, asks",
    [
        ('x = organisation == "integrated"', True),
        ('match name:\n    case "integrated":\n        bonus = 2', True),
        ('d = {"integrated": 1.2}', True),
        ("integrated = 1", True),
        ("d = dict(integrated=2)", True),
        ('x = f"organisations.integrated.{key}"', True),
        ('def f():\n    """For example ``integrated``."""\n    # integrated\n    return 1', False),
        ('x = "disintegrated, integrated_over"', False),
    ],
)
def test_asking_would_be_found(code: str, asks: bool) -> None:
    assert bool(asks_which(ast.parse(code), shipped_organisations(), False)) == asks


def test_an_example_may_name_an_organisation_but_not_compare_it() -> None:
    assert asks_which(ast.parse('print("say +organisation=integrated")'), ["integrated"], True) == []
    assert asks_which(ast.parse('x == "integrated"'), ["integrated"], True) != []


# --- light until a run begins -----------------------------------------------------------------------------------------

_LOADED = "print([m for m in {heavy!r} if m in sys.modules])"


@pytest.mark.parametrize(
    "code",
    [
        "import simulator",
        "import runpy; sys.argv = ['simulator', '--help']\n"
        "try: runpy.run_module('simulator', run_name='__main__')\n"
        "except SystemExit as end: assert not end.code, end",
    ],
    ids=["import simulator", "python -m simulator --help"],
)
def test_nothing_heavy_is_imported_before_a_run(code: str) -> None:
    program = f"import sys\n{code}\n{_LOADED.format(heavy=HEAVY)}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_compiled_run_imports_what_it_needs_when_it_needs_it(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from simulator.engines.compiled import loop\n"
        "run, at_first = loop.run, []\n"
        "def noting(*given):\n"
        f"    at_first or at_first.append([m for m in {LATER!r} if m in sys.modules])\n"
        "    return run(*given)\n"
        "loop.run = noting\n"
        "from simulator.cli import main\n"
        "assert main(sys.argv[1:]) == 0\n"
        f"print(at_first[0], [m for m in {NEVER!r} if m in sys.modules])\n"
    )
    days = ["organisation=[relay_race]", "run.cohort_days=5", "run.warm_up_days=0", "run.follow_up_days=5"]
    command = [sys.executable, "-c", program, *days, "run.replications=2", "run.threads=1", f"hydra.run.dir={tmp_path}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[] []"


# --- the checks themselves --------------------------------------------------------------------------------------------


def test_imports_are_found_wherever_they_stand() -> None:
    tree = ast.parse(
        "import simulator.run\nif TYPE_CHECKING:\n    from simulator.cli import main\n"
        "def f():\n    from simulator.model import words\n    from .. import lowering\n    from .wheel import pop\n"
    )
    found = set(imported_names(tree, "simulator.engines.compiled"))
    assert found == {
        "simulator.run", "simulator.model.words", "simulator.engines.lowering", "simulator.engines.compiled.wheel.pop",
    }  # fmt: skip
