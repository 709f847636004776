"""A calibration whose numbers are made up: no run, but an export that is read, and everything that follows from it."""

import copy
import csv
import functools
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np

from simulator.fit.calibration import (
    FACTS,
    FITTED,
    NOT_IDENTIFIABLE,
    OURS,
    Calibration,
    DrawnStream,
    HoldoutCheck,
    OrganisationReplay,
    PosteriorFit,
)
from simulator.fit.holdout import holdouts
from simulator.fit.lead_stream import stream_of
from simulator.fit.null_models import predictions
from simulator.fit.point_estimate import PointEstimate
from simulator.fit.posterior import Posterior
from simulator.fit.prior import prior_of
from simulator.fit.profile_likelihood import Profile
from simulator.fit.scoring_rules import scored
from simulator.leads.funnel import read_funnel
from simulator.scenario.checked import check
from simulator.scenario.composing import load_scenario
from tests.leads.made_up_crm import crm

DRAWS, SETS, DAYS, HORIZON = 30, 300, 240, 30
FIRST = datetime(2024, 1, 1)


@functools.cache
def _scenario():
    return load_scenario("replay", ["study=calibrate"])


def export(folder: Path, channels: list[str], leads: int = 720) -> Path:
    """Leads every eight hours, each channel in turn; every fourth is won within 100 days, every fifth is lost."""
    luck = Random(3)
    with (folder / "leads.csv").open("w", newline="") as one, (folder / "deals.csv").open("w", newline="") as other:
        rows, deals = csv.writer(one), csv.writer(other)
        rows.writerow(["id", "created", "channel", "first_contact"])
        deals.writerow(["lead", "outcome", "closed", "value"])
        for number in range(leads):
            created = FIRST + timedelta(hours=8 * number, minutes=1)
            rows.writerow([f"L{number}", created, channels[number % len(channels)], created + timedelta(days=1)])
            if number % 4 == 0 or number % 5 == 0:
                ended = created + timedelta(seconds=luck.randrange(100 * 86_400))
                deals.writerow([f"L{number}", "won" if number % 4 == 0 else "lost", ended, 100])
    return folder


def made_up(
    folder: Path, channels: list[str], cutoffs: list[str], hold: int = 0, organisations: int = 3
) -> Calibration:
    """A calibration in which every third parameter is flat, every fifth wide, and the first number is not met."""
    scenario, rng = copy.deepcopy(_scenario()), np.random.default_rng(7)
    scenario.crm = crm(export(folder, channels))
    scenario.crm.lead_columns.segment = scenario.crm.lead_columns.score = scenario.crm.lead_columns.owner = ""
    fit = scenario.study.fit
    fit.hold, fit.channel_leads = list(fit.free)[:hold], 50
    funnel = read_funnel(scenario.crm)
    stream = stream_of(funnel, scenario.crm)
    prior = prior_of(check(scenario), stream)
    size, grid = len(prior), (np.arange(11) + 0.5) / 11
    flat, wide = np.arange(size) % 3 == 2, np.arange(size) % 5 == 4
    middles, widths = rng.uniform(0.3, 0.7, size), np.where(flat | wide, 1.0, 0.3)
    points = np.clip(middles + (rng.random((SETS, size)) - 0.5) * widths, 0.001, 0.999)
    steep = np.where(flat, 3.0, np.where(wide, 40.0, 200.0))
    profiles = [Profile(grid, steep[i] * (grid - middles[i]) ** 2) for i in range(size)]
    statistics = stream.statistics(list(prior.own), stream.until)
    seen = statistics.observed + 0.05 * rng.normal(size=(DRAWS, 2, len(statistics.numbers)))
    seen[..., 0] += 0.3
    likely = Posterior(points, 1.0, 1, 1.0)
    checks = []
    for holdout in holdouts(stream, list(prior.own), cutoffs, 4, HORIZON) if cutoffs else []:
        curve = np.sort(rng.random((DRAWS, len(holdout.ages))), axis=1) * 0.3
        ours = np.hstack([rng.binomial(4, 0.3, (DRAWS, 2 * holdout.leads.size)), curve])
        checks.append(
            HoldoutCheck(
                holdout, scored(holdout, stream.event_times, {OURS: ours, **predictions(holdout, DRAWS, 1)}, 1)
            )
        )
    names = list(scenario.organisations)[:organisations]
    replays = [OrganisationReplay(name, {fact: rng.normal(0.25 + 0.02 * place, 0.05, DRAWS) for fact in FACTS})
             for place, name in enumerate(names)]  # fmt: skip
    return Calibration(
        scenario, funnel, stream, prior,
        PosteriorFit(statistics, likely, None, (points,) * 4),  # type: ignore[arg-type]
        np.full(size, 0.9), [NOT_IDENTIFIABLE if flat[i] or wide[i] else FITTED for i in range(size)], profiles,
        points[:DRAWS], seen, PointEstimate(points[0], 1.2, np.array([1.2]), seen.mean(axis=(0, 1))), checks,
        replays, [], DrawnStream(1000.0, {}, 0.5, None), (512, 512),
    )  # fmt: skip
