"""Which mechanism is the gap between two organisations made of? Shapley values, which add up to it.

Every coalition of mechanisms is an organisation that can be run (`coalitions`), on the same buyers as the baseline. Up
to eight mechanisms all coalitions are run, and the only error is that of the replications; beyond, orders in which
mechanisms join are drawn, and intervals have the error of drawing too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.questions.attribution.settings import EXACT_UP_TO
from simulator.questions.frame.arms import Arms, Tell, estimated
from simulator.questions.frame.checks import check_arms, check_metrics, check_names, check_replications, pair
from simulator.questions.frame.coalitions import (
    REST,
    Coalition,
    between,
    draw_orders,
    every_coalition,
    keys_apart,
    members,
    on_the_way,
    players,
    sampled_shapley,
    shapley,
)
from simulator.questions.frame.runs import Simulate, check_leads, resolved
from simulator.results.estimate import CONFIDENCE, Estimate, half_widths
from simulator.results.metric import Metric
from simulator.results.metrics import BY_KEY
from simulator.scenario.checked import Checked
from simulator.scenario.mechanisms import MARKET_NEUTRAL, ORGANISATION_NEUTRAL
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError


@dataclass(frozen=True)
class Part:
    """What one player adds to the gap of one metric, with a 95% interval; NaN where there is nothing to estimate."""

    player: str
    metric: Metric
    value: float
    low: float
    high: float

    @property
    def interval(self) -> tuple[float, float]:
        """Both ends."""
        return self.low, self.high


@dataclass(frozen=True)
class Attribution:
    """What an attribution found.

    Attributes
    ----------
    baseline, challenger : the gap is the second's metric less the first's.
    players : mechanisms, and `coalitions.REST` last if the two differ in more.
    parts : of every metric and player.
    whole : estimates of both, by metric: baseline, challenger.
    exact : whether every coalition was run.
    coalitions : how many were.
    keys : of each player, those in which the two differ.
    notes : what the reader must know besides.
    """

    scenario: Checked
    baseline: str
    challenger: str
    players: tuple[str, ...]
    parts: tuple[Part, ...]
    whole: Mapping[str, tuple[Estimate, Estimate]]
    exact: bool
    coalitions: int
    keys: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...] = ()

    @property
    def metrics(self) -> list[Metric]:
        """What the gaps are of, in the order of the scenario."""
        return [BY_KEY[key] for key in self.whole]

    @property
    def runs(self) -> int:
        """How many simulations it took."""
        return self.coalitions * self.scenario.run.replications

    def gap(self, metric: Metric) -> Estimate:
        """Challenger less baseline."""
        baseline, challenger = self.whole[metric.key]
        return challenger - baseline

    def parts_of(self, metric: Metric) -> list[Part]:
        """What each player adds to a metric, what adds most first; the rest last."""
        own = [part for part in self.parts if part.metric == metric]
        return sorted(own, key=lambda part: (part.player == REST, -part.value))


def refuse(scenario: Checked) -> None:
    """Refuse, before anything runs, a gap that cannot be taken apart as asked.

    Raises
    ------
    ScenarioError
        One line naming the field, the rule and the value.
    """
    settings = scenario.study.attribution
    check_metrics("study.attribution.metrics", settings.metrics)
    market = [name for name in settings.mechanisms if name in MARKET_NEUTRAL]
    if market:
        raise ScenarioError(
            f"study.attribution.mechanisms must name mechanisms of organisations ({', '.join(ORGANISATION_NEUTRAL)}), "
            f"got {market[0]!r}, which is the market's and the same for both"
        )
    check_names("study.attribution.mechanisms", settings.mechanisms, "mechanism", tuple(ORGANISATION_NEUTRAL))
    check_arms(scenario, "attribution")
    check_replications(scenario, "attribution")
    baseline, challenger = _pair(scenario)
    own = _players(scenario)
    if not own:
        raise ScenarioError(
            f"study.attribution.challenger must differ from {baseline} in something, got {challenger!r}"
        )
    chosen = [name for name in own if name != REST]
    if settings.method == "exact" and len(chosen) > EXACT_UP_TO:
        raise ScenarioError(
            f"study.attribution.method=exact takes at most {EXACT_UP_TO} mechanisms, got {len(chosen)}, which are "
            f"{1 << len(own):,} organisations to run: name fewer in study.attribution.mechanisms, or say method=sampled"
        )


def attribute(scenario: Scenario, progress: Tell | None = None, *, simulate: Simulate | None = None) -> Attribution:
    """Take the gap between two organisations apart into what each mechanism adds.

    Memory holds the summaries of one coalition, and estimates of those before.

    Parameters
    ----------
    scenario : the question; left as it is.
    progress : called with the runs done and the runs in all, once at the start and after each run.
    simulate : in place of `simulator.run.simulate`.

    Raises
    ------
    ScenarioError
        Before anything runs, as `refuse` says, and when an organisation between the two cannot be.
    """
    scenario = resolved(scenario)
    refuse(scenario)
    leads = check_leads(scenario)
    settings, (baseline, challenger) = scenario.study.attribution, _pair(scenario)
    own = _players(scenario)
    everybody = (1 << len(own)) - 1
    exact = _is_exact(scenario, own)
    orders = [] if exact else draw_orders(len(own), settings.orders, scenario.run.seed)
    needed = every_coalition(len(own)) if exact else sorted({c for order in orders for c in on_the_way(order)})
    arms = Arms()
    places = {c: arms.add(between(scenario, baseline, challenger, members(c, own), own), challenger) for c in needed}
    metrics = [BY_KEY[key] for key in settings.metrics]
    estimates = list(estimated(arms.arms, scenario.run, metrics, progress, simulate))
    at = {coalition: estimates[place] for coalition, place in places.items()}
    parts: list[Part] = []
    for metric in metrics:
        values = {
            c: np.append(by_metric[metric.key].value, by_metric[metric.key].left_out) for c, by_metric in at.items()
        }
        parts += _parts(metric, own, values, orders)
    return Attribution(
        scenario, baseline, challenger, tuple(own), tuple(parts),
        {metric.key: (at[0][metric.key], at[everybody][metric.key]) for metric in metrics},
        exact, len(arms.arms), _keys(scenario, own), (*_notes(scenario, own), *([leads] if leads else [])),
    )  # fmt: skip


def _parts(
    metric: Metric, own: Sequence[str], values: Mapping[Coalition, NDArray[np.float64]], orders: Sequence[Sequence[int]]
) -> Iterator[Part]:
    """Shapley values with intervals: of the replications, and of the drawn orders if not every coalition was run."""
    from scipy.special import stdtrit

    if orders:
        shares, drawn = sampled_shapley(values, orders)
    else:
        shares, drawn = shapley(np.array([values[c] for c in range(1 << len(own))]), len(own)), np.zeros(len(own))
    halves = half_widths(shares[:, 1:].T)
    if orders:
        reach = stdtrit(len(orders) // 2 - 1, (1 + CONFIDENCE) / 2) * np.sqrt(drawn)
        halves = np.hypot(halves, reach)
    for player, value, half in zip(own, shares[:, 0], halves, strict=True):
        yield Part(player, metric, float(value), float(value - half), float(value + half))


def _pair(scenario: Checked) -> tuple[str, str]:
    """Between whom the gap is."""
    return pair(scenario, "study.attribution", scenario.study.attribution.challenger)


def _players(scenario: Checked) -> list[str]:
    return players(scenario, *_pair(scenario), scenario.study.attribution.mechanisms)


def _is_exact(scenario: Checked, own: Sequence[str]) -> bool:
    method = scenario.study.attribution.method
    return method == "exact" or (method == "auto" and sum(name != REST for name in own) <= EXACT_UP_TO)


def _keys(scenario: Checked, own: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The keys in which the two differ, by the player that has them."""
    apart = keys_apart(scenario, *_pair(scenario))
    keys = {name: tuple(key for key in apart if key in ORGANISATION_NEUTRAL.get(name, ())) for name in own}
    owned = {key for keys_of_one in keys.values() for key in keys_of_one}
    return {**keys, **({REST: tuple(key for key in apart if key not in owned)} if REST in own else {})}


def _notes(scenario: Checked, own: Sequence[str]) -> Iterator[str]:
    same = [name for name in scenario.study.attribution.mechanisms if name not in own]
    if same:
        yield f"the same in both, so without a part: {', '.join(same)}"
