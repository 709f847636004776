"""Recovery: a calibration of exports that known parameters made finds these, or says that the data cannot tell."""

import time

import numpy as np
import pytest

from simulator.fit.calibration import FITTED, LEVEL, NOT_IDENTIFIABLE, WIDEST_IDENTIFIABLE, width
from simulator.fit.event_times import event_times_of_run
from simulator.fit.lead_stream import stream_of
from simulator.fit.pipeline import Pipeline
from simulator.fit.prior import prior_of
from simulator.fit.runs import cube
from simulator.leads.funnel import read_funnel
from simulator.questions.calibrate.work import calibrate
from simulator.run import prepare
from simulator.scenario.checked import check
from tests.questions.made_up_exports import QUICK, UNTOLD_BY_CONSTRUCTION, export, scenario, stream

EXPORTS, POINTS = 20, 512
#: Coverage of nominal 90% intervals over the identifiable parameters of all exports: what the project asks for. With
#: about 130 intervals, correlated within an export, a true 90% has a standard error of about 3 points.
LOW, HIGH = 0.80, 0.98


def judged(held, statuses, names):
    """HoldoutCheck coverage, and that what was made unidentifiable is told so."""
    held, fitted = np.array(held), np.array(statuses) == FITTED
    untold = names.index(UNTOLD_BY_CONSTRUCTION)
    assert not fitted[:, untold].any()
    assert fitted.sum() >= 4 * len(held)  # most parameters are told: the check is about something
    coverage = held[fitted].mean()
    assert LOW <= coverage <= HIGH, f"{coverage:.3f} of {fitted.sum()} intervals"


@pytest.mark.long
def test_intervals_hold_the_parameters_that_made_twenty_exports(tmp_path):
    """From files to intervals; the exports have the same leads, so that they share the runs of the prior."""
    held, statuses, points, event_times = [], [], None, []
    for number in range(EXPORTS):
        files, point = export(number, tmp_path)
        asked = scenario(*files, *QUICK, f"study.fit.points={POINTS}")
        made = stream_of(read_funnel(asked.crm), asked.crm)
        assert (made.arrivals.at_us == stream().at_us).all() and made.arrivals.ids == stream().ids
        prior = prior_of(check(asked), made)
        if points is None:
            points = cube(POINTS, len(prior), 1, np.zeros(len(prior)), np.ones(len(prior)))
            event_times = [_fates(prior, made, place, one) for place, one in enumerate(points)]
        statistics = made.statistics(prior.own, made.until)
        numbers = np.array([statistics(one) for one in event_times])
        steps = Pipeline(asked, made, prior, None, None, None, [statistics], [])
        fit = steps.fitted(0, statistics, points, numbers)
        low, high = fit.posterior.intervals(LEVEL)
        held.append((low <= point) & (point <= high))
        flat = [one.flat for one in steps.profiles(fit, fit.posterior.drawn(4, 1))]
        statuses.append(
            [
                NOT_IDENTIFIABLE if one or width(fit.posterior, place) > WIDEST_IDENTIFIABLE else FITTED
                for place, one in enumerate(flat)
            ]
        )
    judged(held, statuses, [one.name for one in prior.free])


def _fates(prior, made, replication, point):
    run = prepare(prior.at(prior.values(point)), "relay_race").run(replication, 3, arrivals=made.arrivals)
    return event_times_of_run(run, made.until)


@pytest.mark.long
def test_the_whole_of_a_calibration_recovers_twenty_exports(tmp_path):
    """The same with everything that the study does, sets drawn again near each export among it."""
    held, statuses, began = [], [], time.monotonic()
    for number in range(EXPORTS):
        files, point = export(number, tmp_path)
        asked = scenario(*files, *QUICK, "study.fit.points=512", "study.fit.rounds=1", "study.fit.narrowed=384")
        found = calibrate(asked)
        low, high = found.fit.posterior.intervals(LEVEL)
        held.append((low <= point) & (point <= high))
        statuses.append(found.statuses)
        print(f"export {number}: {held[-1].mean():.2f} held, {time.monotonic() - began:.0f} s", flush=True)
    judged(held, statuses, [one.name for one in found.prior.free])
