"""What a calibration of the defaults tells: published figures beside the model's, and what a search made of them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.questions.calibrate_defaults.patterns import Pattern
from simulator.questions.calibrate_defaults.work import (
    FLAT_AMOUNT,
    FLAT_SHARE,
    DefaultsCalibration,
    calibrate_defaults,
)
from simulator.questions.frame.blocks import Block, Cell, Column, Passage, Piece, Table, caption, text
from simulator.questions.frame.numbers import NOTHING, Scale, scale_for, words
from simulator.questions.frame.question import Asked, Question
from simulator.questions.frame.tidy import with_interval
from simulator.questions.frame.typed_settings import as_scenario
from simulator.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

#: Verdicts on a pattern, and how they look.
MET, MISSED, NOT_YET = "met", "missed", "not yet"
_STYLES = {MET: "better", MISSED: "strong worse", NOT_YET: "note", "": ""}


class DefaultsQuestion(Question[DefaultsCalibration]):
    """Which values of what the sources leave open let one organisation meet the published figures?"""

    study = "calibrate_defaults"
    files = ("patterns.csv", "parameters.csv", "trials.csv", "fitted.yaml")
    units = "parameter sets"
    tells_conclusion = True

    def work(self, asked: Asked) -> DefaultsCalibration:
        def tell(done: int, total: int, least: float) -> None:
            asked.tell(done, total, f"(distance {least:.3f})" if done else "")

        return calibrate_defaults(asked.scenario, tell, simulate=asked.simulate)

    def tables(self, calibration: DefaultsCalibration) -> "Mapping[str, pd.DataFrame]":
        made = {"patterns.csv": patterns_table(calibration), "parameters.csv": parameters_table(calibration)}
        return made | ({"trials.csv": trials_table(calibration)} if calibration.found else {})

    def texts(self, calibration: DefaultsCalibration) -> Mapping[str, str]:
        return {"fitted.yaml": fitted_yaml(calibration)} if calibration.found else {}

    def title(self, calibration: DefaultsCalibration, scenario: Scenario) -> str:
        name = words(calibration.organisation)
        return f"{scenario.name}: which values let the {name} meet the published figures?"

    def told(self, calibration: DefaultsCalibration) -> list[Block]:
        """The patterns, the checks, the free parameters, what they show, and what the reader must know."""
        table = patterns_table(calibration)
        patterns, checks = lines(table, "pattern"), lines(table, "check")
        sources = list(dict.fromkeys(line.source for line in (*patterns, *checks)))
        blocks: list[Block] = [
            _figures(patterns, [*calibration.sets], "published figure", sources),
            _figures(checks, [*calibration.sets], "beside it, not fitted", sources),
        ]
        if calibration.found:
            blocks.append(_parameters(parameters_table(calibration)))
        blocks.append(Passage(f"{_met(calibration)} {_not_told(calibration)}\n"))
        named = "; ".join(f"[{number}] {source}" for number, source in enumerate(sources, start=1))
        return [*blocks, caption(*_caption(calibration)), caption(f"Sources: {named}.")]

    def conclusion(self, calibration: DefaultsCalibration) -> list[str]:
        """How many published figures are met, and what they do not tell."""
        return [_met(calibration), _not_told(calibration)]

    def facts(self, calibration: DefaultsCalibration) -> Mapping[str, Any]:
        return {
            "organisation": calibration.organisation,
            "distance": {name: measured.distance for name, measured in calibration.sets.items()},
            "trials": len(calibration.trials),
            "interrupted": calibration.interrupted,
        }


QUESTION = DefaultsQuestion()


# --- files ------------------------------------------------------------------------------------------------------------


def patterns_table(calibration: DefaultsCalibration) -> "pd.DataFrame":
    """One row for each published figure and each measured set of values, on the seeds of the report.

    ``values`` is ``defaults`` or ``found``. ``place`` is 0 in the middle of the band, -1 and 1 at its ends. A pattern
    that the model cannot speak of yet has no estimate; checks have no band, place or verdict.
    """
    import pandas as pd

    kinds = [("pattern", pattern) for pattern in (*calibration.patterns, *calibration.missing)]
    kinds += [("check", pattern) for pattern in calibration.checks]
    rows = []
    for values, measured in calibration.sets.items():
        for kind, pattern in kinds:
            estimate = measured.estimates.get(pattern.key)
            value = estimate.value if estimate else math.nan
            band, place, verdict = (math.nan, math.nan), math.nan, ""
            if kind == "pattern":
                band, place = pattern.band, pattern.place(value)
                verdict = NOT_YET if estimate is None else MET if pattern.met(value) else MISSED
            rows.append({
                "values": values, "kind": kind, "pattern": pattern.key, "label": pattern.metric.label,
                "unit": pattern.metric.unit, "target_low": pattern.low, "target_high": pattern.high,
                "band_low": band[0], "band_high": band[1], "weight": pattern.weight,
                **with_interval("estimate", estimate), "place": place, "verdict": verdict,
                "numerator": pattern.metric.numerator, "denominator": pattern.metric.denominator,
                "source": pattern.source, "sureness": pattern.sureness,
            })  # fmt: skip
    return pd.DataFrame(rows)


def parameters_table(calibration: DefaultsCalibration) -> "pd.DataFrame":
    """One row for each free parameter; ``fits_from`` to ``fits_to`` fit the seeds of the search as well as the best."""
    import pandas as pd

    columns = ("parameter", "path", "factor", "low", "high", "log", "default", "found", "fits_from", "fits_to", "flat")
    rows = []
    for free in calibration.free:
        profile = calibration.profiles.get(free.name)
        fits = (profile.low, profile.high, profile.flat) if profile else (math.nan, math.nan, None)
        rows.append((free.name, free.path, free.factor, free.low, free.high, free.log, free.default,
                     calibration.values.get(free.name, math.nan), *fits))  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns))


def trials_table(calibration: DefaultsCalibration) -> "pd.DataFrame":
    """One row for each trial on the seeds of the search: distance, estimates and values; refused ones have none."""
    import pandas as pd

    keys = [pattern.key for pattern in calibration.patterns]
    return pd.DataFrame(
        {
            "trial": trial.number,
            "distance": trial.distance if math.isfinite(trial.distance) else math.nan,
            "distance_again": math.nan if trial.again is None else trial.again,
            **{key: trial.estimates.get(key, math.nan) for key in keys},
            **{free.name: trial.values.get(free.name, math.nan) for free in calibration.free},
        }
        for trial in calibration.trials
    )


def fitted_yaml(calibration: DefaultsCalibration) -> str:
    """The values found as a scenario: what was calibrated, with these settings on top."""
    scenario = calibration.scenario
    about = f"The scenario {scenario.name} with the values that a calibration of {calibration.organisation} found."
    return as_scenario(scenario, calibration.settings(), "fitted", about)


# --- tables -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One published figure as it is shown.

    Attributes
    ----------
    cells : (estimate, half width of its interval, verdict) of each set of values.
    rows : the table's row of each set of values.
    """

    label: str
    unit: str
    target: str
    band: str
    cells: dict[str, tuple[str, str, str]]
    rows: dict[str, Any]

    @property
    def about(self) -> Any:
        """A row, for what is the same in all."""
        return next(iter(self.rows.values()))

    @property
    def source(self) -> str:
        """Where the figure is from, and how sure that is."""
        return f"{self.about.source}, {self.about.sureness}"


def lines(patterns: "pd.DataFrame", kind: str) -> list[Line]:
    """The rows of a kind of a table of patterns, formatted; digits follow the widest interval."""
    made = []
    for _, group in patterns[patterns["kind"] == kind].groupby("pattern", sort=False):
        rows: dict[str, Any] = {str(row.values): row for row in group.itertuples()}
        about = next(iter(rows.values()))
        halves = {name: (row.ci_high - row.ci_low) / 2 for name, row in rows.items()}
        numbers = [*(row.estimate for row in rows.values()), about.target_low, about.target_high]
        scale = scale_for(about.unit, numbers, halves.values())
        whole = all(abs(end - round(end)) < 1e-6 for end in (scale.factor * about.target_low,
                                                             scale.factor * about.target_high))  # fmt: skip
        given = Scale(scale.factor, scale.unit, 0 if whole else 1)  # digits of the published figure
        target = _between(given.text(about.target_low), given.text(about.target_high), "-")
        band = _between(given.text(about.band_low), given.text(about.band_high), "-")
        cells = {name: (scale.text(row.estimate), scale.text(halves[name]), row.verdict) for name, row in rows.items()}
        made.append(Line(about.label, scale.unit, target, band, cells, rows))
    return made


def _between(low: str, high: str, to: str) -> str:
    return low if low == high else f"{low}{to}{high}"


def _figures(some: Sequence[Line], sets: Sequence[str], head: str, sources: Sequence[str]) -> Table:
    with_band = any(line.about.verdict for line in some)
    columns = [
        Column(head, [line.label for line in some]),
        Column("", [line.unit for line in some], style="dim"),
        Column("target", [line.target for line in some], right=True),
    ]
    if with_band:
        columns.append(Column("met within", [line.band for line in some], right=True))
    for name in sets:
        columns.append(Column(name, [_with_half(*line.cells[name][:2]) for line in some], right=True))
        if with_band:
            verdicts = [line.cells[name][2] for line in some]
            columns.append(Column("", [text(verdict, _STYLES[verdict]) for verdict in verdicts]))
    numbers = [f"[{sources.index(line.source) + 1}]" for line in some]
    return Table([*columns, Column("source", numbers, wraps=True, style="dim")], spaced=True)


def _with_half(estimate: str, half: str) -> Cell:
    known = (Piece(" ±", "dim"), Piece(half, "dim", 0)) if half != NOTHING else ()
    return Cell((Piece(estimate), *known))


def _parameters(table: "pd.DataFrame") -> Table:
    rows: list[Any] = list(table.itertuples())

    def range_of(low: float, high: float) -> str:
        return _between(f"{low:.4g}", f"{high:.4g}", " to ")

    fits = [
        NOTHING if row.flat is None else text("all of it", "note") if row.flat else range_of(row.fits_from, row.fits_to)
        for row in rows
    ]
    return Table(
        [
            Column("free parameter", [words(str(row.parameter)) for row in rows]),
            Column("default", [f"{row.default:.4g}" for row in rows], right=True),
            Column("tried", [range_of(row.low, row.high) for row in rows], right=True),
            Column("found", [f"{row.found:.4g}" for row in rows], right=True),
            Column("fits as well", fits, right=True),
            Column("key", [f"{row.path}{' (factor)' if row.factor else ''}" for row in rows], wraps=True),
        ],
        spaced=True,
    )


def _caption(calibration: DefaultsCalibration) -> Iterator[str]:
    run, settings = calibration.scenario.run, calibration.scenario.study.calibration
    yield (
        f"{run.replications:,} replications (seed {run.seed}); ±: 95% intervals over replications. Met: the estimate "
        "lies within the band; not yet: the model has nothing to compute it from. The readings are ours "
        "(docs/evidence.md)."
    )
    distance = f"Distance to the figures on these runs: {calibration.defaults.distance:.2f} with the defaults"
    found = f", {calibration.found.distance:.2f} with the values found." if calibration.found else "."
    yield distance + found
    best = calibration.best
    if best is not None:
        stopped = f" (interrupted, of {settings.trials:,})" if calibration.interrupted else ""
        again = ""
        if best.again is not None:
            again = f" ({best.again:.2f} in {settings.finalist_replications:,}, the best of the finalists)"
        yield (
            f"Search: {len(calibration.trials):,} parameter sets{stopped} of {settings.replications:,} replications "
            f"(seed {settings.seed}); distance there, averaged over resamples of the replications: "
            f"{calibration.trials[0].distance:.2f} with the defaults, {best.distance:.2f} with the values found{again}."
        )
    if calibration.profiles:
        yield (
            f"Fits as well: the distance there grows by at most {FLAT_AMOUNT:g} or {FLAT_SHARE:.0%} while this "
            f"parameter alone moves; {settings.profile_points:,} values over the range were tried."
        )


# --- in sentences -----------------------------------------------------------------------------------------------------


def _met(calibration: DefaultsCalibration) -> str:
    """How many published figures the values meet, and which they miss."""
    patterns, name = calibration.patterns, words(calibration.organisation)

    def missed(measured: Any) -> list[Pattern]:
        return [pattern for pattern in patterns if not pattern.met(measured.estimates[pattern.key].value)]

    shown = missed(calibration.found or calibration.defaults)
    before = len(patterns) - len(missed(calibration.defaults))
    others = f"; missed: {_labels(shown)}" if shown else ""
    if calibration.found is None:
        return f"With the present values the {name} meets {before} of {len(patterns)} published figures{others}."
    return (
        f"With the values found the {name} meets {len(patterns) - len(shown)} of {len(patterns)} published figures on "
        f"runs that were not searched, against {before} with the defaults{others}."
    )


def _not_told(calibration: DefaultsCalibration) -> str:
    """What the figures do not tell."""
    if calibration.found is None:
        missing = calibration.missing
        untold = f"{_labels(missing)} cannot be computed yet" if missing else "every figure can be computed"
        return f"Nothing was searched, and {untold}."
    profiles = calibration.profiles
    flat = sum(profiles[free.name].flat for free in calibration.free if free.name in profiles)
    if flat:
        return (
            f"{flat} of {len(profiles)} free parameters may lie anywhere in their ranges while the others stay: the "
            "figures alone do not tell them."
        )
    return "No free parameter may lie anywhere in its range." if profiles else "How loosely they hold was not tried."


def _labels(patterns: Sequence[Pattern]) -> str:
    return ", ".join(pattern.metric.label for pattern in patterns)
