"""How far a comparison is: a bar on a terminal, a few plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

#: Without a terminal, a line is printed each time another such share of the runs is done.
_STEP = 0.25


@contextmanager
def progress(console: Console, what: str) -> Iterator[Callable[[int, int], None]]:
    """A callable to be told (runs done, runs in all)."""
    if not console.is_terminal:
        yield _plain(console, what)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("runs"),
               TimeElapsedColumn(), TextColumn("left:"), TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _plain(console: Console, what: str) -> Callable[[int, int], None]:
    started, said = time.monotonic(), 0

    def tell(done: int, total: int) -> None:
        nonlocal said
        step = int(done / total / _STEP)
        if done == 0 or step > said:
            said = step
            seconds = f", {time.monotonic() - started:.0f} s" if done else ""
            console.print(f"{what}: {done} of {total} runs{seconds}", highlight=False, soft_wrap=True)

    return tell
