"""The tables that a calibration ends with: published figures beside the model's, and what the search made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator.questions.calibrate_defaults.tables import (
    MET,
    MISSED,
    NOT_YET,
    conclusion,
    parameters_table,
    patterns_table,
)
from simulator.questions.calibrate_defaults.work import FLAT_AMOUNT, FLAT_SHARE, DefaultsCalibration
from simulator.questions.frame.numbers import NOTHING, Scale, scale_for, words

#: What a published figure has two ends of.
_ENDS = ("target", "band")

_STYLES = {MET: "green", MISSED: "bold red", NOT_YET: "yellow"}


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


def lines(patterns: pd.DataFrame, kind: str) -> list[Line]:
    """The rows of a kind of a table of patterns, formatted; digits follow the widest interval."""
    found = []
    for _, group in patterns[patterns["kind"] == kind].groupby("pattern", sort=False):
        rows: dict[str, Any] = {str(row.values): row for row in group.itertuples()}
        about = next(iter(rows.values()))
        numbers = [*(row.estimate for row in rows.values()), about.target_low, about.target_high]
        scale = scale_for(about.unit, numbers, [(row.ci_high - row.ci_low) / 2 for row in rows.values()])
        given = Scale(scale.factor, scale.unit, _decimals(about, scale.factor))
        target, band = (_range(given, getattr(about, f"{n}_low"), getattr(about, f"{n}_high")) for n in _ENDS)
        found.append(
            Line(about.label, scale.unit, target, band, {name: _cell(row, scale) for name, row in rows.items()}, rows)
        )
    return found


def _decimals(row: Any, factor: float) -> int:
    """Digits after the point that the published figure has."""
    ends = [end * factor for end in (row.target_low, row.target_high)]
    return 0 if all(abs(end - round(end)) < 1e-6 for end in ends) else 1


def _range(scale: Scale, low: float, high: float) -> str:
    one, other = scale.text(low), scale.text(high)
    return one if one == other else f"{one}-{other}"


def _cell(row: Any, scale: Scale) -> tuple[str, str, str]:
    return scale.text(row.estimate), scale.text((row.ci_high - row.ci_low) / 2), row.verdict


def print_calibration(found: DefaultsCalibration, console: Console) -> None:
    """Print the patterns, the checks, the free parameters, what they show, and what the reader must know."""
    scenario, name = found.scenario, words(found.organisation)
    console.print(Text(f"{scenario.name}: which values let the {name} meet the published figures?", style="bold"))
    table, sets = patterns_table(found), list(found.sets)
    patterns, checks = lines(table, "pattern"), lines(table, "check")
    sources = list(dict.fromkeys(line.source for line in (*patterns, *checks)))
    console.print(_patterns(patterns, sets, "published figure", sources))
    console.print(_patterns(checks, sets, "beside it, not fitted", sources))
    if found.found is not None:
        console.print(_parameters(parameters_table(found)))
    console.print(Text(f"{conclusion(found, name)}\n"))
    console.print(Text(_caption(found), style="dim"))
    listed = "; ".join(f"[{number}] {source}" for number, source in enumerate(sources, start=1))
    console.print(Text(f"Sources: {listed}.", style="dim"))


def _patterns(found: Sequence[Line], sets: Sequence[str], head: str, sources: Sequence[str]) -> Table:
    widths = {name: max(len(line.cells[name][1]) for line in found) for name in sets}
    with_band = any(line.about.verdict for line in found)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(head, no_wrap=True)
    table.add_column("", no_wrap=True, style="dim")
    table.add_column("target", justify="right", no_wrap=True)
    if with_band:
        table.add_column("met within", justify="right", no_wrap=True)
    for name in sets:
        table.add_column(name, justify="right", no_wrap=True)
        if with_band:
            table.add_column("", no_wrap=True)
    table.add_column("source", style="dim")
    for line in found:
        cells: list[Text | str] = [line.label, line.unit, line.target]
        if with_band:
            cells.append(line.band)
        for name in sets:
            estimate, half, verdict = line.cells[name]
            cells.append(Text(estimate).append(f" ±{half:>{widths[name]}}" if half != NOTHING else "", style="dim"))
            if with_band:
                cells.append(Text(verdict, style=_STYLES[verdict]))
        table.add_row(*cells, f"[{sources.index(line.source) + 1}]")
    table.add_row()
    return table


def _parameters(rows: pd.DataFrame) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name, justify in (("free parameter", "left"), ("default", "right"), ("tried", "right"), ("found", "right"),
                          ("fits as well", "right"), ("key", "left")):  # fmt: skip
        table.add_column(name, justify=justify, no_wrap=name != "key")  # type: ignore[arg-type]
    for row in rows.itertuples():
        fits: Any = NOTHING
        if row.flat is not None:
            fits = Text("all of it", style="yellow") if row.flat else _between(row.fits_from, row.fits_to)
        key = f"{row.path}{' (factor)' if row.factor else ''}"
        table.add_row(words(str(row.parameter)), _short(row.default), _between(row.low, row.high), _short(row.found),
                      fits, key)  # fmt: skip
    table.add_row()
    return table


def _between(low: Any, high: Any) -> str:
    one, other = _short(low), _short(high)
    return one if one == other else f"{one} to {other}"


def _short(value: Any) -> str:
    return f"{value:.4g}"


def _caption(found: DefaultsCalibration) -> str:
    run, settings = found.scenario.run, found.scenario.study.calibration
    said = [
        f"{run.replications:,} replications (seed {run.seed}); ±: 95% intervals over replications. Met: the estimate "
        "lies within the band; not yet: the model has nothing to compute it from. The readings are ours "
        "(docs/evidence.md).",
        f"Distance to the figures on these runs: {found.defaults.distance:.2f} with the defaults"
        + (f", {found.found.distance:.2f} with the values found." if found.found else "."),
    ]
    best = found.best
    if best is not None:
        stopped = f" (interrupted, of {settings.trials:,})" if found.interrupted else ""
        again = ""
        if best.again is not None:
            again = f" ({best.again:.2f} in {settings.finalist_replications:,}, the best of the finalists)"
        said.append(
            f"Search: {len(found.trials):,} parameter sets{stopped} of {settings.replications:,} replications (seed "
            f"{settings.seed}); distance there, averaged over resamples of the replications: "
            f"{found.trials[0].distance:.2f} with the defaults, {best.distance:.2f} with the values found{again}."
        )
    if found.profiles:
        said.append(
            f"Fits as well: the distance there grows by at most {FLAT_AMOUNT:g} or {FLAT_SHARE:.0%} while this "
            f"parameter alone moves; {settings.profile_points:,} values over the range were tried."
        )
    return "\n".join(said)
