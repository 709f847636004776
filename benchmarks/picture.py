"""Cost against size, as a picture: time per event against buyers, and against people.

    python -m benchmarks picture [--buyers N] [--runs 5]

With the usual sizes it is the README's, ``docs/figures/cost_against_size.png``; with ``--buyers``, the most buyers, it
goes to ``outputs/benchmarks/``.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from benchmarks.cases import CORE, WHOLE, ready, sized, staffed, warm_up
from benchmarks.measuring import FOLDER, machine, pinned, show, timed
from simulator.engines.compiled.loop import run as run_compiled
from simulator.questions.frame.style import PALETTE, PNG_DPI, styled
from simulator.scenario.scenario import Scenario

README_PICTURE = Path("docs/figures/cost_against_size.png")
BUYERS = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
PEOPLE = (5, 15, 50, 150, 500)
#: Buyers of every run whose people are changed, and the size from which on fewer runs are enough.
FIXED_BUYERS, LARGE, LARGE_RUNS = 30_000, 500_000, 3
#: Scenario -> what it is called in the picture, its colour, and on which side of the line its labels stand.
LINES = {
    WHOLE: ("the whole model", PALETTE[1], 1),
    CORE: ("the core journey alone", PALETTE[2], -1),
}
_INCHES = (10.0, 5.3)


@dataclass(frozen=True)
class Point:
    """One size: ``buyers`` as asked for, ``came`` as they came; medians over ``runs``, with the least and the most."""

    against: str
    scenario: str
    buyers: int
    came: int
    people: int
    runs: int
    seconds: float
    ns_per_event: float
    low: float
    high: float


def point(against: str, name: str, scenario: Scenario, buyers: int, runs: int) -> Point:
    """Measure one size, arrivals drawn before."""
    one = ready(scenario)
    seconds, came, events = [], 0, 0

    def job() -> None:
        nonlocal came, events
        report = run_compiled(one)
        came, events = len(report.rows), report.events

    for _ in range(runs):
        seconds.append(timed(job))
    each = [1e9 * value / events for value in seconds]
    return Point(against, name, buyers, came, len(one.person_role), runs, statistics.median(seconds),
                 statistics.median(each), min(each), max(each))  # fmt: skip


def points(buyers: int, runs: int) -> list[Point]:
    """All that the picture shows, with at most so many buyers."""
    warm_up()
    found = []
    sizes = [size for size in BUYERS if size < buyers] + [buyers]
    with pinned():
        for name in LINES:
            run_compiled(ready(sized(name, sizes[0])))
            for size in sizes:
                times = runs if size < LARGE else min(runs, LARGE_RUNS)
                found.append(point("buyers", name, sized(name, size), size, times))
            for people in PEOPLE:
                fixed = min(buyers, FIXED_BUYERS)
                found.append(point("people", name, staffed(name, fixed, people), fixed, runs))
    return found


def drawn(found: Sequence[Point], note: str) -> Figure:
    """The picture; call it in the project's style."""
    figure = Figure(figsize=_INCHES)
    FigureCanvasAgg(figure)
    figure.text(0.02, 0.93, "What does a simulation cost as it grows?", fontsize=15, fontweight="bold")
    subtitle = (
        "time per decision step of a buyer or a person, in nanoseconds (billionths of a second), on one core;\n"
        "a flat line: twice the buyers take twice as long"
    )
    figure.text(0.02, 0.905, subtitle, color="#444444", va="top", linespacing=1.35)
    figure.text(0.02, 0.025, note, fontsize=8.5, color="#555555", va="bottom", linespacing=1.4)
    fixed = max((one.buyers for one in found if one.against == "people"), default=0)
    panels = (
        ("buyers", "More buyers", "buyers in a run, with people in proportion", (0.075, 0.235, 0.5, 0.5)),
        ("people", "More people", f"people who serve {fixed:,} buyers", (0.66, 0.235, 0.32, 0.5)),
    )
    top = 1.28 * max(one.high for one in found)
    for against, heading, label, place in panels:
        axes = figure.add_axes(place)
        axes.set_title(heading, loc="left", fontsize=11, fontweight="bold")
        for name, (called, tint, side) in LINES.items():
            own = [one for one in found if one.against == against and one.scenario == name]
            _line(axes, own, against, tint)
            _labels(axes, own, against, tint, side, called if against == "buyers" else "")
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
        ticks = sorted({getattr(one, against) for one in found if one.against == against and one.scenario == CORE})
        shown = ticks[::2] if against == "buyers" else ticks
        axes.set_xticks(shown, [f"{tick:,}" for tick in shown])
        axes.set_xlim(ticks[0] / 2.2, ticks[-1] * 2.0)
        axes.set_ylim(0, top)
        axes.set_xlabel(label)
        axes.grid(axis="y")
        axes.tick_params(length=0)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f} ns"))
    return figure


def _line(axes: Axes, own: Sequence[Point], against: str, tint: str) -> None:
    x = [getattr(one, against) for one in own]
    axes.plot(x, [one.ns_per_event for one in own], color=tint, linewidth=2.2, marker="o", markersize=6)
    axes.fill_between(x, [one.low for one in own], [one.high for one in own], color=tint, alpha=0.16, linewidth=0)


def _labels(axes: Axes, own: Sequence[Point], against: str, tint: str, side: int, called: str) -> None:
    """Seconds of a run at every other point, from the last one back, and the name of the line at the first."""
    for position, one in enumerate(own):
        if (len(own) - 1 - position) % 2 == 0:
            x, y = getattr(one, against), one.high if side > 0 else one.low
            axes.annotate(_seconds(one.seconds), (x, y), xytext=(0, 7 * side), textcoords="offset points", ha="center",
                          va="bottom" if side > 0 else "top", color=tint, fontsize=9.5)  # fmt: skip
    if called and own:
        above = side > 0
        one = own[-2] if above else own[len(own) // 3]
        axes.annotate(called, (one.buyers, one.high if above else one.low), xytext=(0, 28 if above else -24),
                      textcoords="offset points", ha="right" if above else "center", va="bottom" if above else "top",
                      color=tint, fontweight="bold")  # fmt: skip


def _seconds(seconds: float) -> str:
    if seconds >= 0.95:
        return f"{seconds:.0f} s" if seconds >= 9.95 else f"{seconds:.1f} s"
    return f"{seconds:.2g} s" if seconds >= 0.095 else f"{seconds:.1g} s"


def noted(found: Sequence[Point], runs: int, about: Mapping[str, str]) -> str:
    """The footnote: what the labels are, n, and the machine."""
    few = "" if max(one.buyers for one in found) < LARGE else f" (n = {min(runs, LARGE_RUNS)} above {LARGE:,} buyers)"
    return (
        f"Labels: seconds of a whole run, of about two years. Medians of n = {runs} runs{few}; "
        "shaded: the least to the most.\nSizes are on logarithmic scales. "
        f"Compiled engine, CPU time. {about['processor'].rpartition(', load')[0]}; {about['system']}."
    )


def main(buyers: int | None = None, runs: int = 5) -> None:
    """Measure, print what was found, and draw it."""
    found = points(buyers or BUYERS[-1], runs)
    about = machine()
    show("cost_against_size", "Cost against size", [vars(one) for one in found], ["CPU seconds on one core, medians."])
    path = FOLDER / README_PICTURE.name if buyers else README_PICTURE
    path.parent.mkdir(parents=True, exist_ok=True)
    with styled():
        drawn(found, noted(found, runs, about)).savefig(path, format="png", dpi=PNG_DPI, metadata={"Software": None})
    print(f"drawn in {path}")
