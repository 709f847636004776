"""Small runs of everything leave what they left before, to the last digit that is kept. `make goldens` renews it."""

import difflib
from itertools import islice

import pytest

from tests.goldens.cases import CASES
from tests.goldens.reading import KEPT
from tests.goldens.running import texts

#: Lines of a file's difference that are shown, and files.
_MOST_LINES, _MOST_FILES = 30, 8


def difference(kept: dict[str, str], found: dict[str, str]) -> str:
    """A unified diff of what was kept and what was found, cut where it gets long; empty if they are the same."""
    differing = [name for name in sorted({*kept, *found}) if kept.get(name) != found.get(name)]
    said = []
    for name in differing[:_MOST_FILES]:
        before, after = (texts.get(name, "").splitlines() for texts in (kept, found))
        lines = list(difflib.unified_diff(before, after, f"kept/{name}", f"now/{name}", n=1, lineterm=""))
        said += islice(lines, _MOST_LINES)
        said += [f"... {len(lines) - _MOST_LINES} more lines of {name}"] * (len(lines) > _MOST_LINES)
    said += [f"... and {', '.join(differing[_MOST_FILES:])}"] * (len(differing) > _MOST_FILES)
    return "\n".join(said)


PARAMETERS = [pytest.param(name, marks=[pytest.mark.long] if case.long else []) for name, case in CASES.items()]


@pytest.mark.parametrize("name", PARAMETERS)
def test_runs_leave_what_they_left(name: str) -> None:
    kept = {file.name: file.read_text(encoding="utf-8") for file in (KEPT / name).iterdir()}
    if differs := difference(kept, texts(CASES[name])):
        pytest.fail(f"{name} has changed (make goldens ARGS={name} keeps it so):\n{differs}", pytrace=False)


def test_no_folder_is_left_of_a_case_that_is_gone() -> None:
    folders = {folder.name for folder in KEPT.iterdir() if folder.is_dir() and folder.name != "__pycache__"}
    assert folders == set(CASES)
