"""Run one organisation on one replication of a scenario, in either engine."""

import datetime
import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from simulator.capacity import RUN_BYTES, check_fits
from simulator.engines.compiled.loop import run as run_compiled
from simulator.engines.lowering import Arrivals, Lowered, Setup, lower_organisation
from simulator.engines.report import EngineReport, in_chunks
from simulator.scenario.checked import Checked, check, check_replication
from simulator.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

#: Rows of an event log that are handed on together.
_ROWS_AT_ONCE = 1 << 18


@dataclass(frozen=True)
class Result:
    """What one run leaves. The tables are made when they are first asked for, and pandas comes with them.

    Attributes
    ----------
    journeys : one row per buyer that arrived.
    touches : the event log, or None unless recorded here.
    people : one row per person: paid, worked, coordination, training and idle hours.
    queues : one row per waiting line.
    channels : one row per channel: what was spent and what came of it, over the cohort.
    assets : one row per asset of the library.
    events : decision steps of buyers and people.
    end_at : the end of follow-up.
    """

    scenario: Checked
    organisation: str
    seed: int
    replication: int
    setup: Setup
    report: EngineReport

    @functools.cached_property
    def journeys(self) -> "pd.DataFrame":
        from simulator.results.frames import journeys_frame

        return journeys_frame(self.scenario, self.organisation, self.replication, self.setup, self.report)

    @functools.cached_property
    def touches(self) -> "pd.DataFrame | None":
        from simulator.results.frames import touches_frame

        return touches_frame(self.organisation, self.replication, self.setup, self.report)

    @functools.cached_property
    def people(self) -> "pd.DataFrame":
        from simulator.results.frames import people_frame

        return people_frame(self.organisation, self.replication, self.setup, self.report)

    @functools.cached_property
    def channels(self) -> "pd.DataFrame":
        from simulator.results.frames import channels_frame

        return channels_frame(self.scenario, self.organisation, self.replication, self.setup, self.report)

    @functools.cached_property
    def assets(self) -> "pd.DataFrame":
        from simulator.results.frames import assets_frame

        chosen = self.scenario.lived.organisations[self.organisation]
        return assets_frame(chosen, self.organisation, self.replication, self.setup, self.report)

    @functools.cached_property
    def queues(self) -> "pd.DataFrame":
        from simulator.results.frames import queues_frame

        return queues_frame(self.organisation, self.replication, self.setup, self.report)

    @property
    def events(self) -> int:
        return self.report.events

    @property
    def end_at(self) -> datetime.datetime:
        start = datetime.datetime.combine(self.setup.arrivals.first_day, datetime.time())
        return start + datetime.timedelta(days=self.scenario.horizon_days())


@dataclass(frozen=True)
class Prepared:
    """One organisation of a scenario, checked and lowered once, to be run again and again, on any thread.

    Attributes
    ----------
    scenario : what is changed in the original afterwards changes no run.
    organisation : its name.
    lowered : what all replications share.
    """

    scenario: Checked
    organisation: str
    lowered: Lowered

    def run(
        self,
        replication: int = 0,
        seed: int | None = None,
        engine: str | None = None,
        record: str | None = None,
        arrivals: Arrivals | None = None,
        sink: Callable[[Setup, np.ndarray], None] | None = None,
    ) -> Result:
        """One replication; the same as `simulate`, which says what is given and raised."""
        given, replication = self.scenario.given, check_replication(replication)
        seed, engine, record = given("run.seed", seed), given("run.engine", engine), given("run.record", record)
        recording = record == "touches"
        if arrivals is None:
            check_fits(self.scenario, RUN_BYTES)
        setup = self.lowered.setup(seed, replication, arrivals)
        part = functools.partial(sink, setup) if sink is not None else None
        if engine == "reference":
            from simulator.engines.reference import Engine  # brings mesa, which a compiled run has no use for

            report = Engine(setup, recording).run_to_end()
            if part is not None and report.log is not None:
                for rows in in_chunks(report.log, _ROWS_AT_ONCE):
                    part(rows)
                report = replace(report, log=None)
        else:
            report = run_compiled(setup, recording, part)
        return Result(self.scenario, self.organisation, seed, replication, setup, report)


def prepare(scenario: Scenario, organisation: str) -> Prepared:
    """Do once what all replications of one organisation share.

    >>> arm = prepare(scenario, "relay_race")
    >>> results = [arm.run(replication) for replication in range(20)]

    Raises
    ------
    ScenarioError
        If anything of the scenario is wrong, the organisation is unknown, or a value given beside it is refused.
    """
    scenario = check(scenario)
    return Prepared(scenario, organisation, lower_organisation(scenario, organisation))


def simulate(
    scenario: Scenario,
    organisation: str,
    seed: int | None = None,
    replication: int = 0,
    engine: str | None = None,
    record: str | None = None,
    arrivals: Arrivals | None = None,
    sink: Callable[[Setup, np.ndarray], None] | None = None,
) -> Result:
    """Let the buyers of one replication live through one organisation; `prepare` serves for many replications.

    Parameters
    ----------
    scenario : the question; see ``simulator.load_scenario``. It is checked.
    organisation : one of ``scenario.organisations``.
    seed, engine, record : as in ``scenario.run``, which is also their default.
    replication : which repetition; the same number brings the same buyers with the same luck to any organisation.
    arrivals : the stream of buyers, if not the scenario's own.
    sink : gets the event log, if touches are recorded, part by part: what runs, and an array of ``LOG_DTYPE``, which it
        may keep. No row of a part belongs before one of an earlier part, and `sorted_log` puts each part in order. The
        result then has no ``touches``.

    Raises
    ------
    ScenarioError
        If anything of the scenario is wrong, the organisation is unknown, or a value given beside it is refused.
    """
    return prepare(scenario, organisation).run(replication, seed, engine, record, arrivals, sink)
