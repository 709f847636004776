"""Which values let our organisation make the funnel of our export, what can it not tell, and does the fit predict?

The export's own leads are replayed, one by one, with parameter sets from the prior (`fitting.prior`), and looked at as
the export looks at the real ones (`fitting.sight`). Which sets are likely is told by `fitting.posterior`; sets are
drawn again where it leaves the truth (Deistler, Goncalves and Macke 2022, with a box for the truncated prior), and it
is told anew. `fitting.profile` says which parameters the export cannot tell, `fitting.best` chooses one set to go on
with.

The check is a fit to what was known on an earlier day, which predicts the leads that came then (`fitting.ahead`),
beside two predictions without a model (`fitting.nulls`). What an earlier export would have shown does not depend on
later leads, as no lead that comes later changes what happened before. So the runs of the prior are the same for all.
"""

from pathlib import Path

import numpy as np

from simulator.fit.prior import check_free, prior_of
from simulator.fit.result import FITTED, UNTOLD, UNTOLD_STATUS, Calibrated, chance_of, width
from simulator.fit.steps import Steps, Tell
from simulator.fit.stream import stream_of
from simulator.questions.frame.runs import Simulate, resolved
from simulator.scenario.checked import Checked
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError

#: Wins below which nothing can be told.
_LEAST_WINS = 10


def refuse(scenario: Checked) -> None:
    """Refuse what cannot be fitted, before anything is read."""
    if not scenario.crm.leads:
        raise ScenarioError("crm.leads must name a file of leads, CSV or Parquet, for study=calibrate, got ''")
    if scenario.crm.leads and not (scenario.crm.deals or scenario.crm.one_file):
        raise ScenarioError("crm.deals must name a file of deals for study=calibrate, unless crm.one_file, got ''")
    if scenario.study.fit.seed == scenario.run.seed:
        raise ScenarioError(
            "study.fit.seed must differ from run.seed: what is compared must be other luck than what was fitted to, "
            f"got {scenario.run.seed}"
        )
    check_free(scenario)


def calibrate(
    scenario: Scenario, progress: Tell | None = None, *, folder: Path | None = None, simulate: Simulate | None = None
) -> Calibrated:
    """Fit one organisation to an export, check the fit, and replay the leads through the others.

    Parameters
    ----------
    scenario : the question, with its export in ``crm`` and its settings in ``study.fit``; left as it is.
    folder : where runs are kept, so that a fit that was stopped goes on from them; None keeps nothing.
    simulate : in place of `simulator.run.simulate`.

    Raises
    ------
    ScenarioError
        When the export or the free parameters are refused, before anything runs.
    """
    from threadpoolctl import threadpool_limits

    scenario = resolved(scenario)
    refuse(scenario)
    with threadpool_limits(1, user_api="blas"):  # many small products, on which threads only wait for each other
        return _calibrated(scenario, progress, folder, simulate)


def _calibrated(scenario: Checked, progress: Tell | None, folder: Path | None, simulate: Simulate | None) -> Calibrated:
    from simulator.fit.direct import arrivals, values
    from simulator.fit.holdout import aheads, usual_days
    from simulator.leads.export import read_funnel  # brings pandas and pyarrow

    settings = scenario.study.fit
    funnel = read_funnel(scenario.crm)
    stream = stream_of(funnel, scenario.crm)
    wins = int(np.count_nonzero((stream.fates.won >= stream.since) & (stream.fates.won < stream.until)))
    if wins < _LEAST_WINS:
        raise ScenarioError(
            f"crm.deals must hold at least {_LEAST_WINS} wins for study=calibrate to fit to, got {wins}"
        )
    prior = prior_of(scenario, stream)
    own = list(prior.own)
    settings.horizon_days = settings.horizon_days or usual_days(stream)
    ahead = aheads(stream, own, settings.cutoffs, settings.weeks, settings.horizon_days)
    sights = [stream.sight(own, until) for until in (stream.until, *(one.cutoff for one in ahead))]
    work = Steps(scenario, stream, prior, folder, progress, simulate, sights, ahead)
    points, numbers = work.prior_sets()
    fits = [work.fitted(place, sight, points, numbers[place]) for place, sight in enumerate(sights)]
    fit = fits[0]
    draws = fit.likely.drawn(settings.draws, settings.seed)
    seen = work.seen(draws, fit.sight)
    best = work.best(draws, fit, chance_of(seen))
    profiles = work.profiles(fit, draws)
    checks = [work.check(place, one, found) for place, (one, found) in enumerate(zip(ahead, fits[1:], strict=True))]
    lived = work.lived(draws)
    paid = values(funnel.leads["value_usd"][funnel.leads["outcome"] == "won"].to_numpy(np.float64))
    statuses = [
        UNTOLD_STATUS if one.flat or width(fit.likely, place) > UNTOLD else FITTED for place, one in enumerate(profiles)
    ]
    told = [*arrivals(stream), *([paid] if paid else [])]
    drawn = work.drawn(prior.values(best.point), told)
    return Calibrated(
        scenario, funnel, stream, prior, fit, work.held_truths(fit), statuses, profiles, draws, seen, best, checks,
        lived, told, drawn, (len(points), settings.points), folder,
    )  # fmt: skip
