"""Tables of a calibration: what its parameters are told, how the export is met, how well later leads were predicted."""

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.fit.calibration import HELD, LEVEL, OURS, Calibration, HoldoutCheck
from simulator.fit.observed_statistics import share
from simulator.fit.scoring_rules import ends
from simulator.results.summary import DAY
from simulator.scenario.free import meaning, unit

if TYPE_CHECKING:
    import pandas as pd

#: Correlation from which on two parameters are told mostly together.
TOGETHER = 0.6
#: Standard deviations from which on a number is told as one that likely sets do not make.
FAR = 2.0
#: Rows of a cutoff that are of all weeks or all channels.
ALL_WEEKS, ALL_CHANNELS = "all weeks", "all channels"


def parameters_table(calibration: Calibration) -> "pd.DataFrame":
    """A row for each free parameter, then for each that is held.

    Columns: parameter, path, meaning, unit, status, value (median), low and high (ends of the 90% interval), best (the
    value of calibrated.yaml), prior_low, prior_high, scale (linear, log), told (by how much the interval is narrower
    than the prior's, a share), profile_low, profile_high, held_truths (share of the intervals of simulated exports that
    held the truth), why (of what is held).
    """
    import pandas as pd

    prior, rows = calibration.prior, list[dict[str, Any]]()
    for place, free in enumerate(prior.free):
        quantiles = calibration.fit.posterior.interval(place, LEVEL)
        low, middle, high = prior.column(place, np.array(quantiles))
        profile = prior.column(place, np.array(calibration.profiles[place].interval()))
        rows.append({
            "parameter": free.name, "path": ", ".join(free.targets), "meaning": meaning(prior.scenario, free),
            "unit": unit(prior.scenario, free), "status": calibration.statuses[place], "value": middle, "low": low,
            "high": high, "best": calibration.values[free.name], "prior_low": free.low, "prior_high": free.high,
            "scale": "log" if free.log else "linear",
            "told": max(0.0, 1.0 - (quantiles[2] - quantiles[0]) / LEVEL), "profile_low": profile[0],
            "profile_high": profile[1], "held_truths": calibration.coverage[place], "why": "",
        })  # fmt: skip
    rows += [{"parameter": name, "status": HELD, "why": why} for name, why in prior.held.items()]
    return pd.DataFrame(rows)


def together(calibration: Calibration) -> list[tuple[str, str, float]]:
    """Pairs of parameters that the export tells mostly together, with their correlation, the strongest first."""
    names = [free.name for free in calibration.prior.free]
    correlations = calibration.fit.posterior.correlations()
    pairs = [
        (names[first], names[second], float(correlations[first, second]))
        for first, second in combinations(range(len(names)), 2)
        if abs(correlations[first, second]) >= TOGETHER
    ]
    return sorted(pairs, key=lambda pair: -abs(pair[2]))


def profiles_table(calibration: Calibration) -> "pd.DataFrame":
    """Columns: parameter, value, quantile (of its prior), deviance (above the least)."""
    import pandas as pd

    return pd.DataFrame(
        {"parameter": free.name, "value": value, "quantile": quantile, "deviance": deviance}
        for place, (free, profile) in enumerate(zip(calibration.prior.free, calibration.profiles, strict=True))
        for value, quantile, deviance in zip(
            calibration.prior.column(place, profile.points), profile.points, profile.deviance, strict=True
        )
    )


def draws_table(calibration: Calibration) -> "pd.DataFrame":
    """A likely parameter set a row, a column for each parameter."""
    import pandas as pd

    return pd.DataFrame([calibration.prior.values(point) for point in calibration.draws])


def fit_table(calibration: Calibration) -> "pd.DataFrame":
    """What the export shows and what the model makes of it, a row for each number, as a share.

    Columns: what, of, observed, best (mean of its runs), low and high (90% of the runs of likely sets), away (observed
    less the likely sets' mean, as angles, in their standard deviations).
    """
    import pandas as pd

    seen = calibration.seen.reshape(-1, calibration.seen.shape[-1])
    low, high = ends(seen)
    statistics = calibration.fit.statistics
    shares = {"observed": statistics.observed, "best": calibration.best.numbers, "low": low, "high": high}
    return pd.DataFrame(
        {
            "what": [number.kind for number in statistics.numbers],
            "of": [number.of for number in statistics.numbers],
            **{name: [share(angle) for angle in angles] for name, angles in shares.items()},
            "away": (statistics.observed - seen.mean(axis=0)) / np.maximum(seen.std(axis=0), 1e-9),
        }
    )


def held_out_table(calibration: Calibration) -> "pd.DataFrame":
    """Leads after each cutoff by week and channel: actual wins and each model's prediction.

    Columns: cutoff, week (its first day, or all), channel, leads, won (within the horizon), model, predicted, low, high
    (90%), won_ever, predicted_ever, low_ever, high_ever (until the export).
    """
    import pandas as pd

    return pd.DataFrame([row for check in calibration.checks for row in _held_out(check, calibration)])


def _held_out(check: HoldoutCheck, calibration: Calibration) -> Iterator[dict[str, Any]]:
    holdout = check.holdout
    truth = holdout.row(calibration.stream.event_times)
    weeks, channels = [f"{day:%Y-%m-%d}" for day in holdout.starts], list(holdout.groups)
    for name, predicted in check.scores.items():
        for week in [*range(len(weeks)), None]:
            for channel in [*range(len(channels)), None]:
                chosen = (slice(None) if week is None else [week], slice(None) if channel is None else [channel])

                def total(cells: Any, chosen: Any = chosen) -> Any:
                    return cells[..., chosen[0], :][..., chosen[1]].sum(axis=(-1, -2))

                leads = int(total(holdout.leads))
                if not leads:
                    continue
                row: dict[str, Any] = {
                    "cutoff": f"{holdout.day:%Y-%m-%d}", "week": ALL_WEEKS if week is None else weeks[week],
                    "channel": ALL_CHANNELS if channel is None else channels[channel], "leads": leads, "model": name,
                }  # fmt: skip
                for ending, pick in (("", holdout.within), ("_ever", holdout.ever)):
                    drawn = total(pick(predicted.rows))
                    low, high = ends(drawn)
                    row |= {f"won{ending}": int(total(pick(truth))), f"predicted{ending}": float(drawn.mean()),
                            f"low{ending}": float(low), f"high{ending}": float(high)}  # fmt: skip
                yield row


def curves_table(calibration: Calibration) -> "pd.DataFrame":
    """Share of the leads after each cutoff won by each age: cutoff, days, actual, model, predicted, low, high (90%)."""
    import pandas as pd

    parts = []
    for check in calibration.checks:
        holdout = check.holdout
        actual = holdout.curve(holdout.row(calibration.stream.event_times))
        for name, predicted in check.scores.items():
            curve = holdout.curve(predicted.rows)
            low, high = ends(curve)
            parts.append(
                pd.DataFrame(
                    {"cutoff": f"{holdout.day:%Y-%m-%d}", "days": holdout.ages / DAY, "actual": actual, "model": name,
                     "predicted": curve.mean(axis=0), "low": low, "high": high}
                )
            )  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def scores_table(calibration: Calibration) -> "pd.DataFrame":
    """Scores of each model after each cutoff.

    Columns: cutoff, model, log_score (a week's mean, of wins within the horizon), log_score_ever (until the export), ks
    (distance of the curves, a share), held (share of week-and-channel intervals that held), and of ours against each
    other model ahead, ahead_low, ahead_high (95%; positive: the simulator is better).
    """
    import pandas as pd

    rows = []
    for check in calibration.checks:
        for name, predicted in check.scores.items():
            better = check.scores[OURS].ahead_of.get(name, (np.nan, np.nan, np.nan))
            rows.append(
                {
                    "cutoff": f"{check.holdout.day:%Y-%m-%d}", "model": name, "log_score": predicted.log_score,
                    "log_score_ever": predicted.log_score_ever, "ks": predicted.distance, "held": predicted.held,
                    "ahead": better[0], "ahead_low": better[1], "ahead_high": better[2],
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def organisations_table(calibration: Calibration) -> "pd.DataFrame":
    """What the export's leads became in each organisation until the export, over likely sets.

    Columns: organisation, fact, value (mean), low, high (90%), difference to the fitted organisation with the same set
    and the same luck, difference_low, difference_high, above (share of the sets in which it is higher).
    """
    import pandas as pd

    base, rows = calibration.replays[0], []
    for replay in calibration.replays:
        for fact, drawn in replay.facts.items():
            row = {"organisation": replay.organisation, "fact": fact, **_over_sets(drawn, "value")}
            if replay is not base:
                apart = drawn - base.facts[fact]
                row |= {**_over_sets(apart, "difference", "difference_"), "above": float(np.nanmean(apart > 0))}
            rows.append(row)
    return pd.DataFrame(rows)


def _over_sets(drawn: NDArray[np.float64], name: str, ends: str = "") -> dict[str, float]:
    """Mean and central 90%."""
    low, high = np.nanquantile(drawn, [0.05, 0.95])
    return {name: float(np.nanmean(drawn)), f"{ends}low": low, f"{ends}high": high}


def direct_table(calibration: Calibration) -> "pd.DataFrame":
    """What needs no model: name, of, value, low, high (95%), unit, n."""
    import pandas as pd

    return pd.DataFrame(map(vars, calibration.direct))
