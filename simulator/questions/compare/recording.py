"""Recording touches: each run's event log goes into one file as it happens, in the order of the runs."""

import functools
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from simulator.engines.lowering import Setup
from simulator.engines.report import sorted_log
from simulator.questions.frame.runs import Simulate, simulation
from simulator.results.background import Background
from simulator.results.event_log import Spool, TouchesWriter
from simulator.results.summary import Result
from simulator.scenario.scenario import Scenario

#: Parts of event logs that may wait to be written, of all runs together.
_BACKLOG = 3


class Recorder:
    """Runs like ``simulate``, on any thread, and writes the touches of one run after the other.

    A thread of its own puts rows in order and writes them, while the runs go on. The run whose turn it is goes straight
    into the file; one that is ahead of its turn leaves its rows on disk, beside the file and without a name, so that
    nothing of them stays whatever happens. What fails there is raised in the runs, and by ``close``.

    Parameters
    ----------
    path, final : the file that is written, and its name in the end.
    turns : replication and organisation of each run in the order of the file, without end.
    simulate : in place of `simulator.run.simulate`.
    """

    def __init__(
        self, path: Path, final: Path, turns: Iterator[tuple[int, str]], simulate: Simulate | None = None
    ) -> None:
        self._folder, self._simulate = path.parent, simulate
        self._writer = TouchesWriter(path, final)
        self._turns, self._turn = turns, next(turns)
        self._ahead: dict[tuple[int, str], Spool] = {}
        self._over: set[tuple[int, str]] = set()
        self._thread = Background("touches", _BACKLOG)

    def simulate(self, scenario: Scenario, organisation: str, *, replication: int, **how: Any) -> Result:
        """One run, whose event log is written as it happens."""
        run_one, run = self._simulate or simulation(), (replication, organisation)

        def sink(setup: Setup, rows: np.ndarray) -> None:
            self._thread.add(lambda: self._write(run, setup, rows))

        result: Result = run_one(scenario, organisation, replication=replication, sink=sink, **how)
        self._thread.add(functools.partial(self._end, run))
        return result

    def close(self) -> None:
        """Write what waits, and finish the file."""
        self._thread.close()
        self._writer.close()

    def drop(self) -> None:
        """Write nothing more, and let go of the file and of what is on disk of runs whose turn did not come."""
        self._thread.drop()
        for spool in self._ahead.values():
            spool.close()
        self._writer.drop()

    # The following runs on the recorder's own thread only.

    def _write(self, run: tuple[int, str], setup: Setup, rows: np.ndarray) -> None:
        log = sorted_log(rows)
        if run == self._turn:
            self._writer.append(run[1], run[0], setup, log)
            return
        if run not in self._ahead:
            self._ahead[run] = Spool(self._folder, setup)
        self._ahead[run].append(log)

    def _end(self, run: tuple[int, str]) -> None:
        self._over.add(run)
        while self._turn in self._over:
            self._over.remove(self._turn)
            self._writer.end_run()
            self._turn = next(self._turns)
            if self._turn in self._ahead:
                self._catch_up(self._ahead.pop(self._turn))

    def _catch_up(self, spool: Spool) -> None:
        """Write what is on disk of the run whose turn has come."""
        replication, organisation = self._turn
        with closing(spool):
            for log in spool.rows():
                if self._thread.dropped:
                    return
                self._writer.append(organisation, replication, spool.setup, log)
