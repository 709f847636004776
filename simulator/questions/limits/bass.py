"""Bass: a finite market in which customers' reviews are all that makes anybody buy.

All buyers are there at instant 0. One good review clears everything, and nothing else clears anything, so that a buyer
buys at its first review: at a rate of (base chance + imitation F) / mean gap, after a first reading at instant 0.
"""

import math

import numpy as np

from simulator.engines.lowering import Arrivals, who
from simulator.engines.lowering.arrivals import FIRST_OF_GROWTH
from simulator.model.numerics import DAY_US
from simulator.model.words import Outcome
from simulator.questions.limits.assumptions import Assumed, assumed, departures, plain_segments
from simulator.questions.limits.finding import Finding, Row, estimated, estimated_share, verdict
from simulator.questions.limits.runs import Progress, column, each_run
from simulator.questions.limits.theory import bass_peak, bass_share, bass_share_as_counted
from simulator.run import simulate
from simulator.scenario.checked import Checked
from simulator.scenario.schema import ScenarioError

YEAR_DAYS = 365.0

#: The share is looked at so often over the run.
_LOOKS = 5

#: In a small market the few who begin are as many as chance has it, which lowers the mean share by up to about 2 / N.
_SMALL = 2.0

#: What counting customers at reviews only may move the share by before a note says so.
_UNNOTICED = 0.001

#: The top of a curve is flat, and where it seems to lie is mostly chance; when the share of the peak is reached is not.
PEAK, AROUND = "peak, at F = (1 - p/q) / 2", "adopted in the year around it"


def rates(scenario: Checked) -> tuple[float, float, float]:
    """p and q, a year, and the share that adopts at instant 0."""
    word, step_days = scenario.market.word_of_mouth, scenario.market.journey.step_days
    share = scenario.market.journey.third_party_share > 0.0
    per_year = YEAR_DAYS / step_days * share
    return word.base_chance * per_year, word.imitation * per_year, word.base_chance * share


def buyers(scenario: Checked) -> int:
    """The whole market.

    Raises
    ------
    ScenarioError
        If it is more than a channel can bring.
    """
    most = scenario.market.word_of_mouth.customers_needed
    if most >= FIRST_OF_GROWTH:
        raise ScenarioError(
            f"market.word_of_mouth.customers_needed must be below {FIRST_OF_GROWTH:,} where it is the market, "
            f"got {most:,.0f}"
        )
    return round(most)


def all_at_once(count: int, channels: list[str]) -> Arrivals:
    """A stream that brings everybody at instant 0, through the first channel."""
    return Arrivals(np.zeros(count, np.int64), who(0, np.arange(count)), channels)


def adoption(scenario: Checked, organisation: str, replication: int) -> dict[str, float]:
    """When the buyers of one run bought: shares and years."""
    everybody = all_at_once(buyers(scenario), list(scenario.market.channels))
    history = simulate(scenario, organisation, replication=replication, arrivals=everybody).report.history
    came = np.sort(history["ended_at"][history["outcome"] == Outcome.WON]) / (YEAR_DAYS * DAY_US)
    count = len(everybody.at_us)

    def share(years: float) -> float:
        return float(np.searchsorted(came, years, side="right")) / count

    p, q, at_start = rates(scenario)
    peak = bass_peak(p, q, at_start)
    half = math.ceil(count * 0.5 * (1.0 - p / q)) if q > p else 0
    return {
        **{f"{years:g}": share(years) for years in looks(scenario)},
        PEAK: float(came[half - 1]) if 0 < half <= len(came) else math.nan,
        AROUND: share(peak + 0.5) - share(peak - 0.5) if math.isfinite(peak) else math.nan,
    }


def looks(scenario: Checked) -> list[float]:
    """Years after the start at which the share is compared."""
    end = scenario.horizon_days() / YEAR_DAYS
    return [end * look / _LOOKS for look in range(1, _LOOKS + 1)]


def bass_limit(scenario: Checked, progress: Progress | None = None) -> Finding:
    """The share of adopters over time, and the peak of adoption."""
    p, q, at_start = rates(scenario)
    size = buyers(scenario)
    runs_by_name = each_run(scenario, adoption, progress)
    counted = size * scenario.run.replications
    peak, end = bass_peak(p, q, at_start), scenario.horizon_days() / YEAR_DAYS
    rows: list[Row] = []
    notes = list(departures(_assumed(scenario)))
    for name, runs in runs_by_name.items():
        for years in looks(scenario):
            theory, adopted = bass_share(years, p, q, at_start), column(runs, f"{years:g}")
            rows.append(estimated_share(name, f"adopted by year {years:.3g}", theory, adopted, counted))
        if 0.5 < peak < end - 0.5:
            around = bass_share(peak + 0.5, p, q, at_start) - bass_share(peak - 0.5, p, q, at_start)
            if np.isnan(column(runs, PEAK)).any():
                notes.append(f"some runs of {name} never come to F = (1 - p/q) / 2, and none is compared there")
            else:
                rows.append(estimated(name, PEAK, "years", peak, column(runs, PEAK)))
            rows.append(estimated_share(name, AROUND, around, column(runs, AROUND), counted))
        notes += _of_cadence(scenario, name)
    if not 0.5 < peak < end - 0.5:
        notes.append("theory has no peak within the run, with half a year before and after it: no row compares it")
    if any(row.ci_low < row.ci_high and row.bound < 2.0 * _SMALL / size for row in rows):
        notes.append(
            f"a market of {size:,} is so small that chance among the first customers lowers the mean share by up to "
            f"about {_SMALL / size:.2g}, which so many replications show: the formula is that of a large market"
        )
    last = rows[_LOOKS - 1]
    sentence = (
        f"At p = {p:.3g} and q = {q:.3g} a year {last.simulated:.1%} of {size:,} buyers have adopted after "
        f"{end:.3g} years, where theory says {last.theory:.1%}; {verdict(rows)}."
    )
    return Finding(scenario, tuple(rows), sentence, tuple(notes))


def _of_cadence(scenario: Checked, name: str) -> list[str]:
    """What it makes that customers are counted at reviews only, if it is worth a note."""
    p, q, at_start = rates(scenario)
    days = scenario.organisations[name].review_days
    late = max(
        bass_share(years, p, q, at_start) - bass_share_as_counted(years, p, q, at_start, days / YEAR_DAYS)
        for years in looks(scenario)
    )
    if late <= _UNNOTICED:
        return []
    return [
        f"organisations.{name}.review_days is {days:g}: customers are counted only then, which by itself lowers "
        f"the share by up to {late:.3f}"
    ]


def _assumed(scenario: Checked) -> Assumed:
    """What the formula assumes."""
    lived = scenario.lived
    journey, word = lived.market.journey, lived.market.word_of_mouth
    chance = word.base_chance + word.imitation
    return {
        **assumed(lived, "mechanisms", word_of_mouth=True),
        **assumed(lived, "market", **{"rivals.count": 0, "group.size_simple": 1, "trust.third_party": 1.0}),
        **assumed(lived, "market.journey", our_content_share=0.0, content_gain=0.0, prior_knowledge=0.0,
                  ready_share=0.0, fit_drag=0.0, distraction_chance=0.0, self_serve_max_complexity=1.0),
        **assumed(lived, "market.word_of_mouth", customers_at_start=0.0, review_gain=1.0, good_at_start=1.0,
                  pleased_fit=-10.0),
        **plain_segments(scenario, rep_free_share=1.0),
        **(assumed(lived, "market.journey", clear_level="less than 1") if journey.clear_level >= 1.0 else {}),
        **({"market.word_of_mouth.base_chance + imitation": (chance, "1 at most")} if chance > 1.0 else {}),
    }  # fmt: skip
