"""What a run says on the terminal besides its answer."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from simulator.questions.frame.manifest import REPORT
from simulator.scenario.scenario import Scenario

#: Width of a table that does not go to a terminal.
PLAIN_WIDTH = 140


def console(stream: Any) -> Console:
    """A console as wide as its terminal; wide enough for the whole table where there is none."""
    found = Console(file=stream)
    return found if found.is_terminal or os.environ.get("COLUMNS") else Console(file=stream, width=PLAIN_WIDTH)


def say_if_compiling(scenario: Scenario) -> None:
    """A line before the silence in which kernels compile."""
    if scenario.run.engine != "compiled":
        return
    from simulator.model.compiling import kernel_is_cached  # brings numba, which a refused scenario need not wait for

    if not kernel_is_cached():
        console(sys.stderr).print("compiling the engine, once: about 20 seconds", highlight=False)


def say_conclusion(sentences: Sequence[str]) -> None:
    """The answer in plain words, below the tables."""
    console(sys.stdout).print(Text("\n" + " ".join(sentences), style="bold"))


def say_where(folder: Path) -> None:
    """The last lines: the folder, and the page in it."""
    out, shown = console(sys.stdout), as_typed(folder)
    out.print(Text(f"\nResults are in {shown}"), soft_wrap=True)
    if (folder / REPORT).is_file():
        out.print(Text(f"Report: {shown / REPORT}"), soft_wrap=True)


def as_typed(folder: Path) -> Path:
    """A folder as the user would type it from here."""
    absolute = folder.absolute()
    return absolute.relative_to(Path.cwd()) if absolute.is_relative_to(Path.cwd()) else absolute
