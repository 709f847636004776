"""How far a study is: a bar on a terminal, a few plain lines elsewhere."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from rich.console import Console

Outcome = TypeVar("Outcome")

#: Without a terminal, a line is printed each time another such share of the work is done.
_STEP = 0.25


class Tell(Protocol):
    """To be told what is done, how much there is in all, and what else to say."""

    def __call__(self, done: int, total: int, note: str = "") -> None: ...


def counted(
    outcomes: Iterable[Outcome], total: int, tell: Callable[[int, int], None] | None, before: int = 0
) -> Iterator[Outcome]:
    """The outcomes as they come, telling how many were gone through of how many: at once, and after each."""
    if tell:
        tell(before, total)
    for done, outcome in enumerate(outcomes, start=before + 1):
        yield outcome
        if tell:
            tell(done, total)


@contextmanager
def progress(console: "Console", what: str, units: str = "runs") -> Iterator[Tell]:
    """A callable to be told how far the work is."""
    if not console.is_terminal:
        yield _plain(console, what, units)
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn(units),
               TimeElapsedColumn(), TextColumn("left:"), TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)

        def tell(done: int, total: int, note: str = "") -> None:
            bar.update(task, completed=done, total=total, description=f"{what} {note}".rstrip())

        yield tell


def _plain(console: "Console", what: str, units: str) -> Tell:
    started, said = time.monotonic(), 0

    def tell(done: int, total: int, note: str = "") -> None:
        nonlocal said
        step = int(done / total / _STEP)
        if done == 0 or step > said:
            said = step
            seconds = f", {time.monotonic() - started:.0f} s" if done else ""
            console.print(
                f"{what}: {done} of {total} {units}{seconds} {note}".rstrip(), highlight=False, soft_wrap=True
            )

    return tell
