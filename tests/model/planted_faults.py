"""Plants faults in the decisions and sequences of ``simulator/model``, one at a time, and says which the tests catch.

    python -m tests.model.planted_faults [--faults 100] [--seed 1] [--only journey]

Both engines run these files, so docking cannot see a slip in them: the tests of this folder have to. A fault is a small
change of one function's syntax tree: a comparison turned or moved by its bound, a term of the wrong sign, a constant
changed, a line dropped, an *and* for an *or*, another word of an enumeration. To those that are drawn come the slips of
``slips.py``, which somebody could make. Each is tried in a process of its own, which takes the changed source in place
of the file's; nothing is written. Everything runs as plain Python.
"""

import argparse
import ast
import copy
import importlib.util
import itertools
import os
import random
import resource
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.model.slips import SLIPS

os.environ["NUMBA_DISABLE_JIT"] = "1"

HERE = Path(__file__).parent
MODEL = HERE.parents[1] / "simulator" / "model"
#: Where faults are planted.
FILES = (
    "attention", "birth", "buyer", "calendar", "channels", "choosing", "content", "group", "journey", "lead",
    "learning", "people", "quarter", "serving", "talking", "word_of_mouth",
)  # fmt: skip
#: Tests that every fault has to pass, the quickest first, before those of the file that it is in.
SEQUENCES = (
    "test_lead.py", "test_birth.py", "test_journey.py", "test_projects.py", "test_requests.py", "test_choosing.py",
    "test_closing.py", "test_serving.py", "test_talks.py", "test_worries.py",
)  # fmt: skip
#: And those that it has to pass in the end.
LAST = "test_whole_lives.py"
#: Between what stands in a file and what would by mistake.
ARROW = " -> "
#: Seconds after which a fault that never ends counts as caught.
LIMIT = 300
#: Memory, in bytes, above which one that never ends does too.
MOST_MEMORY = 4 << 30

TURNED = {
    ast.Lt: (ast.GtE, ast.LtE), ast.LtE: (ast.Gt, ast.Lt), ast.Gt: (ast.LtE, ast.GtE), ast.GtE: (ast.Lt, ast.Gt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,),
}  # fmt: skip
OTHER = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.LShift: ast.RShift}
WORDS = ("Decision", "Outcome", "LeadStatus", "Duty", "Role", "Activity", "Task", "TaskResult", "Stage", "Attention")

#: Changes that change nothing: (function, what), and why.
SAME = {
    ("supported", "TOUCH_PERSON + Role.MARKETER -> TOUCH_PERSON - Role.MARKETER"): "a marketer is number 0",
    ("comes_without_project", "1 << Role.MARKETER -> 1 >> Role.MARKETER"): "a marketer is number 0",
    ("attended", "h['members'] > 1 -> h['members'] >= 1"): "who decides alone has no others",
    ("supported", "h['members'] > 1 -> h['members'] >= 1"): "who decides alone has no others",
    ("give_wish_up", "without b['duty'] = Duty.NONE"): "a mail is owed next, in any status that is left",
    ("give_wish_up", "without b['duty_at'] = NEVER"): "a mail is owed next, in any status that is left",
    ("give_wish_up", "Duty.NONE -> Duty.REQUEST"): "a mail is owed next, in any status that is left",
    ("rank", "2 -> 3"): "any factor above 1 gives the same order",
    ("hurried", "left <= until * pace -> left < until * pace"): "the next turn of the loop ends at the same instant",
    ("steer", "over <= 0.0 -> over < 0.0"): "what is over nothing adds nothing to the others",
    ("next_follow_up", "0 -> 1"): "a window of nothing hurries nobody and puts nothing off",
    ("steer", "first <= 0.0 -> first < 0.0"): "without spend there is no channel below its limit to change",
    ("geometric", "1000000.0 -> 1000001.0"): "no buyer comes near",
    ("geometric", "mean <= 0.0 -> mean < 0.0"): "the formula gives 0 there too",
}


@dataclass(frozen=True)
class Fault:
    """A change of one file: where, what, and which of all that are possible in the file; -1 for a slip."""

    file: str
    function: str
    line: int
    what: str
    number: int

    def __str__(self) -> str:
        return f"{self.file}.py:{self.line} {self.function}: {self.what!r}"


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What a node might be by mistake: in words, and in its place."""
    new: Any = copy.deepcopy(node)
    match node:
        case ast.Compare(ops=[operator]):
            for turned in TURNED.get(type(operator), ()):
                new = copy.deepcopy(node)
                new.ops = [turned()]
                yield f"{ast.unparse(node)} -> {ast.unparse(new)}", new
        case ast.BinOp() | ast.AugAssign() if type(node.op) in OTHER:
            new.op = OTHER[type(node.op)]()
            yield f"{ast.unparse(node)} -> {ast.unparse(new)}", new
        case ast.BoolOp():
            new.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield f"{ast.unparse(node)} -> {ast.unparse(new)}", new
        case ast.Constant(value=bool(value)):
            yield f"{value} -> {not value}", ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield f"{value!r} -> {value + 1!r}", ast.Constant(value + 1)
        case ast.Attribute(value=ast.Name(id=enum), attr=word) if enum in WORDS:
            others = [name for name in members(enum) if name != word]
            new.attr = others[(members(enum).index(word) + 1) % len(others)]
            yield f"{enum}.{word} -> {enum}.{new.attr}", new
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr) and not isinstance(node.value, ast.Constant):
        if not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name | ast.Tuple)):
            yield f"without {ast.unparse(node)}", ast.Pass()


def members(enum: str) -> list[str]:
    """Words of an enumeration, read from its source: nothing of ours is imported here."""
    tree = ast.parse((MODEL / "words.py").read_text())
    (body,) = (node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == enum)
    return [str(ast.unparse(line.targets[0])) for line in body if isinstance(line, ast.Assign)]


@dataclass(frozen=True)
class Place:
    """Where a node stands in a tree, and what might stand there by mistake."""

    function: str
    what: str
    parent: ast.AST
    field: str
    position: int | None
    node: ast.AST
    new: ast.AST

    def plant(self) -> None:
        """Put the mistake in."""
        ast.copy_location(self.new, self.node)
        if self.position is None:
            setattr(self.parent, self.field, self.new)
        else:
            getattr(self.parent, self.field)[self.position] = self.new


def places(tree: ast.Module) -> Iterator[Place]:
    """Every place of a file where a fault can be planted, in one order."""
    for function in tree.body:
        if not isinstance(function, ast.FunctionDef):
            continue
        for parent in ast.walk(function):
            for field, value in ast.iter_fields(parent):
                if field == "decorator_list":
                    continue
                for position, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                    if isinstance(node, ast.AST):
                        for what, new in changes(node):
                            yield Place(function.name, what, parent, field, position, node, new)


def faults_of(file: str) -> list[Fault]:
    """Every fault that can be planted in a file."""
    found = places(ast.parse((MODEL / f"{file}.py").read_text()))
    return [Fault(file, p.function, getattr(p.node, "lineno", 0), p.what, n) for n, p in enumerate(found)]


def slips() -> list[Fault]:
    """Those that somebody could make."""
    found = []
    for file, old, new in SLIPS:
        before = (MODEL / f"{file}.py").read_text().partition(old)[0]
        function = before.rpartition("\ndef ")[2].partition("(")[0]
        found.append(Fault(file, function, before.count("\n") + 1, old + ARROW + new, -1))
    return found


def changed(fault: Fault) -> ast.Module:
    """The file's syntax tree with the fault."""
    source = (MODEL / f"{fault.file}.py").read_text()
    if fault.number < 0:
        return ast.parse(source.replace(*fault.what.split(ARROW)))
    tree = ast.parse(source)
    next(itertools.islice(places(tree), fault.number, None)).plant()
    return ast.fix_missing_locations(tree)


class Planted:
    """Gives a module of the model with its fault."""

    def __init__(self, fault: Fault) -> None:
        self.name, self.fault = f"simulator.model.{fault.file}", fault

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        return importlib.util.spec_from_loader(name, self) if name == self.name else None  # type: ignore[arg-type]

    def create_module(self, spec: Any) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(changed(self.fault), f"{self.fault.file}.py", "exec"), vars(module))


def survives(fault: Fault | None) -> bool:
    """Whether the tests pass all the same; None is no fault, with which they have to."""
    import pytest

    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return status == 0
    signal.alarm(LIMIT)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    own = [] if fault is None else [path.name for path in sorted(HERE.glob(f"test_{fault.file}*.py"))]
    if fault is not None:
        sys.meta_path.insert(0, Planted(fault))
    files = [str(HERE / name) for name in dict.fromkeys((*SEQUENCES, *own, LAST)) if (HERE / name).exists()]
    code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-o", "addopts=", *files])
    os._exit(int(code != 0))


def main(arguments: list[str] | None = None) -> int:
    """How many survived."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=100, help="how many, drawn from all that are possible")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=FILES, help="plant in this file alone")
    asked = parser.parse_args(arguments)
    import hypothesis  # noqa: F401  # before the forks, so that each begins with them
    import numba  # noqa: F401
    import scipy.stats  # noqa: F401

    possible = [fault for file in ((asked.only,) if asked.only else FILES) for fault in faults_of(file)]
    possible = [fault for fault in possible if (fault.function, fault.what) not in SAME]
    chosen = random.Random(asked.seed).sample(possible, min(asked.faults, len(possible)))
    chosen += [slip for slip in slips() if asked.only in (None, slip.file)]
    assert survives(None), "the tests fail without a fault"
    left = 0
    for fault in sorted(chosen, key=str):
        if survives(fault):
            left += 1
            print("survives:", fault, flush=True)
    print(f"{len(chosen) - left} of {len(chosen)} planted faults were caught ({len(possible):,} are possible)")
    return left


if __name__ == "__main__":
    sys.exit(min(1, main()))
