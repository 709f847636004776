"""The tables of a calibration, tidy, and what they show in two sentences."""

import math
from collections.abc import Sequence

import pandas as pd

from simulator.questions.calibrate_defaults.patterns import Pattern
from simulator.questions.calibrate_defaults.work import DefaultsCalibration

#: Verdicts on a pattern.
MET, MISSED, NOT_YET = "met", "missed", "not yet"

PATTERN_COLUMNS = (
    "values", "kind", "pattern", "label", "unit", "target_low", "target_high", "band_low", "band_high", "weight",
    "estimate", "ci_low", "ci_high", "place", "verdict", "numerator", "denominator", "source", "sureness",
)  # fmt: skip
PARAMETER_COLUMNS = (
    "parameter", "path", "factor", "low", "high", "log", "default", "found", "fits_from", "fits_to", "flat",
)  # fmt: skip


def patterns_table(found: DefaultsCalibration) -> pd.DataFrame:
    """One row for each published figure and each measured set of values, on the seeds of the report.

    ``values`` is ``defaults`` or ``found``. ``place`` is 0 in the middle of the band, -1 and 1 at its ends. A pattern
    that the model cannot speak of yet has no estimate; checks have no band, place or verdict.
    """
    kinds = [("pattern", pattern) for pattern in (*found.patterns, *found.missing)]
    kinds += [("check", pattern) for pattern in found.checks]
    rows = []
    for values, measured in found.sets.items():
        for kind, pattern in kinds:
            estimate = measured.estimates.get(pattern.key)
            value = estimate.value if estimate else math.nan
            interval = estimate.interval if estimate else (math.nan, math.nan)
            band, place, verdict = (math.nan, math.nan), math.nan, ""
            if kind == "pattern":
                band, place = pattern.band, pattern.place(value)
                verdict = NOT_YET if estimate is None else MET if pattern.met(value) else MISSED
            rows.append((
                values, kind, pattern.key, pattern.metric.label, pattern.metric.unit, pattern.low, pattern.high, *band,
                pattern.weight, value, *interval, place, verdict, pattern.metric.numerator, pattern.metric.denominator,
                pattern.source, pattern.sureness,
            ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(PATTERN_COLUMNS))


def parameters_table(found: DefaultsCalibration) -> pd.DataFrame:
    """One row for each free parameter; ``fits_from`` to ``fits_to`` fit the seeds of the search as well as the best."""
    rows = []
    for free in found.free:
        profile = found.profiles.get(free.name)
        rows.append((
            free.name, free.path, free.factor, free.low, free.high, free.log, free.default,
            found.values.get(free.name, math.nan),
            profile.low if profile else math.nan,
            profile.high if profile else math.nan,
            profile.flat if profile else None,
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(PARAMETER_COLUMNS))


def trials_table(found: DefaultsCalibration) -> pd.DataFrame:
    """One row for each trial on the seeds of the search: distance, estimates and values; refused ones have none."""
    keys = [pattern.key for pattern in found.patterns]
    rows = [
        {
            "trial": trial.number,
            "distance": trial.distance if math.isfinite(trial.distance) else math.nan,
            "distance_again": math.nan if trial.again is None else trial.again,
        }
        | {key: trial.estimates.get(key, math.nan) for key in keys}
        | dict(trial.values)
        for trial in found.trials
    ]
    return pd.DataFrame(
        rows, columns=["trial", "distance", "distance_again", *keys, *(free.name for free in found.free)]
    )


def conclusion(found: DefaultsCalibration, name: str) -> str:
    """Two plain sentences: how many published figures are met, and what they do not tell."""
    count = len(found.patterns)
    shown = found.found or found.defaults
    missed = [pattern for pattern in found.patterns if not pattern.met(shown.estimates[pattern.key].value)]
    before = sum(pattern.met(found.defaults.estimates[pattern.key].value) for pattern in found.patterns)
    listed = f"; missed: {_listed(missed)}" if missed else ""
    if found.found is None:
        untold = f"{_listed(found.missing)} cannot be computed yet" if found.missing else "every figure can be computed"
        return (
            f"With the present values the {name} meets {before} of {count} published figures{listed}. "
            f"Nothing was searched, and {untold}."
        )
    met = count - len(missed)
    flat = [free for free in found.free if free.name in found.profiles and found.profiles[free.name].flat]
    loose = f"{len(flat)} of {len(found.profiles)} free parameters may lie anywhere in their ranges" if flat else (
        "No free parameter may lie anywhere in its range" if found.profiles else "How loosely they hold was not tried"
    )  # fmt: skip
    tail = " while the others stay: the figures alone do not tell them" if flat else ""
    return (
        f"With the values found the {name} meets {met} of {count} published figures on runs that were not searched, "
        f"against {before} with the defaults{listed}. {loose}{tail}."
    )


def _listed(patterns: Sequence[Pattern]) -> str:
    return ", ".join(pattern.metric.label for pattern in patterns)
