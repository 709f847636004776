"""Tables of a calibration: what its parameters are told, how the export is met, how well later leads were predicted."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

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

    rows: list[dict[str, Any]] = []
    for place, one in enumerate(calibration.prior.free):
        quantiles = calibration.fit.posterior.interval(place, LEVEL)
        low, middle, high = calibration.prior.column(place, np.array(quantiles))
        profile = calibration.prior.column(place, np.array(calibration.profiles[place].interval()))
        rows.append(
            {
                "parameter": one.name, "path": ", ".join(one.targets), "meaning": meaning(calibration.prior.scenario, one),
                "unit": unit(calibration.prior.scenario, one), "status": calibration.statuses[place], "value": middle, "low": low,
                "high": high, "best": calibration.values[one.name], "prior_low": one.low, "prior_high": one.high,
                "scale": "log" if one.log else "linear",
                "told": max(0.0, 1.0 - (quantiles[2] - quantiles[0]) / LEVEL), "profile_low": profile[0],
                "profile_high": profile[1], "held_truths": calibration.coverage[place], "why": "",
            }
        )  # fmt: skip
    rows += [{"parameter": name, "status": HELD, "why": why} for name, why in calibration.prior.held.items()]
    return pd.DataFrame(rows)


def together(calibration: Calibration) -> list[tuple[str, str, float]]:
    """Pairs of parameters that the export tells mostly together, with their correlation, the strongest first."""
    names, all_of_them = [one.name for one in calibration.prior.free], calibration.fit.posterior.correlations()
    pairs = [
        (names[one], names[other], float(all_of_them[one, other]))
        for one in range(len(names))
        for other in range(one + 1, len(names))
        if abs(all_of_them[one, other]) >= TOGETHER
    ]
    return sorted(pairs, key=lambda pair: -abs(pair[2]))


def profiles_table(calibration: Calibration) -> "pd.DataFrame":
    """Columns: parameter, value, quantile (of its prior), deviance (above the least)."""
    import pandas as pd

    return pd.DataFrame(
        [
            {"parameter": one.name, "value": value, "quantile": quantile, "deviance": deviance}
            for place, one in enumerate(calibration.prior.free)
            for value, quantile, deviance in zip(
                calibration.prior.column(place, calibration.profiles[place].points),
                calibration.profiles[place].points,
                calibration.profiles[place].deviance,
                strict=True,
            )
        ]
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
    observed = calibration.fit.statistics.observed
    return pd.DataFrame(
        {
            "what": [one.kind for one in calibration.fit.statistics.numbers],
            "of": [one.of for one in calibration.fit.statistics.numbers],
            "observed": [share(one) for one in observed],
            "best": [share(one) for one in calibration.best.numbers],
            "low": [share(one) for one in low],
            "high": [share(one) for one in high],
            "away": (observed - seen.mean(axis=0)) / np.maximum(seen.std(axis=0), 1e-9),
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
    for name, one in check.scores.items():
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
                    drawn = total(pick(one.rows))
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
        for name, one in check.scores.items():
            curve = holdout.curve(one.rows)
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
        for name, one in check.scores.items():
            better = check.scores[OURS].ahead_of.get(name, (np.nan, np.nan, np.nan))
            rows.append(
                {
                    "cutoff": f"{check.holdout.day:%Y-%m-%d}", "model": name, "log_score": one.log_score,
                    "log_score_ever": one.log_score_ever, "ks": one.distance, "held": one.held, "ahead": better[0],
                    "ahead_low": better[1], "ahead_high": better[2],
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
    for one in calibration.replays:
        for fact, drawn in one.facts.items():
            low, high = np.nanquantile(drawn, [0.05, 0.95])
            row = {
                "organisation": one.organisation,
                "fact": fact,
                "value": float(np.nanmean(drawn)),
                "low": low,
                "high": high,
            }
            if one is not base:
                apart = drawn - base.facts[fact]
                low, high = np.nanquantile(apart, [0.05, 0.95])
                row |= {"difference": float(np.nanmean(apart)), "difference_low": low, "difference_high": high,
                        "above": float(np.nanmean(apart > 0))}  # fmt: skip
            rows.append(row)
    return pd.DataFrame(rows)


def direct_table(calibration: Calibration) -> "pd.DataFrame":
    """What needs no model: name, of, value, low, high (95%), unit, n."""
    import pandas as pd

    return pd.DataFrame([vars(one) for one in calibration.direct])
