"""Recording touches: each run's event log goes to disk as it happens, and into one file in the order of the runs."""

from pathlib import Path
from typing import Any

from simulator.domain.scenario import Scenario
from simulator.results.event_log import Spool, TouchesWriter
from simulator.results.summary import Result
from simulator.studies.compare import Simulate, simulation


class Recorder:
    """Runs like ``simulate``, on any thread, and keeps the touches of finished runs one after the other.

    A run that is ahead of its turn leaves its rows on disk, beside the file and without a name, so that nothing of
    them stays whatever happens.

    Parameters
    ----------
    path, final : the file that is written, and its name in the end.
    simulate : in place of `simulator.run.simulate`.
    """

    def __init__(self, path: Path, final: Path, simulate: Simulate | None = None) -> None:
        self._folder = path.parent
        self._simulate = simulate
        self._writer = TouchesWriter(path, final)
        self._spools: dict[tuple[str, int], Spool] = {}

    def simulate(self, scenario: Scenario, organisation: str, *, replication: int, **how: Any) -> Result:
        """One run, whose event log goes to disk."""
        run_one = self._simulate or simulation()
        spool = Spool(self._folder)
        try:
            result: Result = run_one(scenario, organisation, replication=replication, sink=spool.append, **how)
        except BaseException:
            spool.close()
            raise
        self._spools[organisation, replication] = spool
        return result

    def keep(self, result: Result) -> None:
        """Write the touches of a run, which is the next in order."""
        spool = self._spools.pop((result.organisation, result.replication))
        try:
            self._writer.append(result.organisation, result.replication, result.setup, spool.groups())
        finally:
            spool.close()

    def close(self) -> None:
        """Finish the file; what is on disk of runs whose turn did not come goes."""
        for spool in list(self._spools.values()):
            spool.close()
        self._writer.close()
