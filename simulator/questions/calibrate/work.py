"""Which values let our organisation make the funnel of our export, what can it not tell, and does the fit predict?

The export's own leads are replayed, one by one, with parameter sets from the prior (`fit.prior`), and looked at as
the export looks at the real ones (`fit.observed_statistics`). `fit.posterior` says which sets are likely; sets are
drawn again where it leaves the truth (Deistler, Goncalves and Macke 2022, with a box for the truncated prior), and it
is asked anew. `fit.profile_likelihood` says which parameters the export cannot tell, `fit.point_estimate` chooses one
set to go on with.

The check is a fit to what was known on an earlier day, which predicts the leads that came then (`fit.holdout`),
beside two predictions without a model (`fit.null_models`). What an earlier export would have shown does not depend on
later leads, as no lead that comes later changes what happened before. So the runs of the prior are the same for all.
"""

from pathlib import Path

import numpy as np

from simulator.fit.calibration import FITTED, NOT_IDENTIFIABLE, WIDEST_IDENTIFIABLE, Calibration, chance_of, width
from simulator.fit.lead_stream import stream_of
from simulator.fit.pipeline import Pipeline, Tell
from simulator.fit.prior import check_free, prior_of
from simulator.questions.frame.runs import Simulate, resolved
from simulator.scenario.checked import Checked
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError

#: Wins below which nothing can be told.
_LEAST_WINS = 10
#: A mean gap to luck alone of which more is not to be had: 1; above this, the model misses the export somewhere.
MISSES = 1.5


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
) -> Calibration:
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


def _calibrated(
    scenario: Checked, progress: Tell | None, folder: Path | None, simulate: Simulate | None
) -> Calibration:
    from simulator.fit.direct_estimates import arrivals, values
    from simulator.fit.holdout import holdouts, usual_days
    from simulator.leads.funnel import read_funnel  # brings pandas and pyarrow

    settings = scenario.study.fit
    funnel = read_funnel(scenario.crm)
    stream = stream_of(funnel, scenario.crm)
    wins = int(np.count_nonzero((stream.event_times.won >= stream.since) & (stream.event_times.won < stream.until)))
    if wins < _LEAST_WINS:
        raise ScenarioError(
            f"crm.deals must hold at least {_LEAST_WINS} wins for study=calibrate to fit to, got {wins}"
        )
    prior = prior_of(scenario, stream)
    own = list(prior.own)
    scenario = scenario.with_({"study.fit.horizon_days": settings.horizon_days or usual_days(stream)})
    settings = scenario.study.fit
    leads_ahead = holdouts(stream, own, settings.cutoffs, settings.weeks, settings.horizon_days)
    all_statistics = [
        stream.statistics(own, until) for until in (stream.until, *(leads.cutoff for leads in leads_ahead))
    ]
    work = Pipeline(scenario, stream, prior, folder, progress, simulate, all_statistics, leads_ahead)
    points, numbers = work.prior_sets()
    fits = [work.fitted(place, statistics, points, numbers[place]) for place, statistics in enumerate(all_statistics)]
    fit = fits[0]
    draws = fit.posterior.drawn(settings.draws, settings.seed)
    seen = work.seen(draws, fit.statistics)
    best = work.best(draws, fit, chance_of(seen))
    profiles = work.profiles(fit, draws)
    checks = [work.check(place, *pair) for place, pair in enumerate(zip(leads_ahead, fits[1:], strict=True))]
    replays = work.replays(draws)
    paid = values(funnel.leads["value_usd"][funnel.leads["outcome"] == "won"].to_numpy(np.float64))
    statuses = [
        NOT_IDENTIFIABLE if profile.flat or width(fit.posterior, place) > WIDEST_IDENTIFIABLE else FITTED
        for place, profile in enumerate(profiles)
    ]
    direct = [*arrivals(stream), *([paid] if paid else [])]
    drawn = work.drawn(prior.values(best.point), direct)
    return Calibration(
        scenario, funnel, stream, prior, fit, work.coverage(fit), statuses, profiles, draws, seen, best, checks,
        replays, direct, drawn, (len(points), settings.points), folder,
    )  # fmt: skip
