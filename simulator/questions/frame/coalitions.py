"""Coalitions of mechanisms: organisations between a baseline and a challenger, and what each player adds.

A player is a mechanism; each takes the baseline's values or the challenger's. What no chosen mechanism owns is one
player more, so that nobody's share hides what was not asked for. The value of a coalition is a metric of the
organisation in which its players have the challenger's values. A player's Shapley value (Shapley 1953) is what it adds
on joining, on average over all orders in which the players can join; the values add up to the gap.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.questions.frame.differing import differing
from simulator.scenario.checked import Checked
from simulator.scenario.mechanisms import ORGANISATION_NEUTRAL
from simulator.scenario.paths import value_at
from simulator.scenario.schema import ScenarioError

#: The player for all that no chosen mechanism owns.
REST = "everything_else"

#: A coalition as a whole number: bit i says whether player i has the challenger's values.
Coalition = int


def keys_apart(scenario: Checked, baseline: str, challenger: str) -> list[str]:
    """Keys in which two organisations differ once the switches are applied."""
    lived = scenario.lived.organisations
    return [key for key, _, _ in differing(lived[baseline], lived[challenger])]


def players(scenario: Checked, baseline: str, challenger: str, asked: Sequence[str]) -> list[str]:
    """Mechanisms in which the two differ, of those asked for (all, if none); ``REST`` last if they differ besides."""
    apart = set(keys_apart(scenario, baseline, challenger))
    chosen = [name for name, keys in ORGANISATION_NEUTRAL.items() if apart & set(keys) and name in (asked or [name])]
    owned = {key for name in chosen for key in ORGANISATION_NEUTRAL[name]}
    return [*chosen, *([REST] if apart - owned else [])]


def between(
    scenario: Checked, baseline: str, challenger: str, joined: Sequence[str], all_players: Sequence[str]
) -> Checked:
    """The scenario with the organisation ``challenger`` as it is when only ``joined`` have the challenger's values.

    Raises
    ------
    ScenarioError
        If such an organisation cannot be.
    """
    one, other = scenario.organisations[baseline], scenario.organisations[challenger]
    where = f"organisations.{challenger}"
    changes: dict[str, Any] = {} if REST in joined or REST not in all_players else {where: one}
    for name in all_players:
        values_of = other if name in joined else one
        changes |= {f"{where}.{key}": value_at(values_of, key) for key in ORGANISATION_NEUTRAL.get(name, ())}
    try:
        return scenario.with_(changes)
    except ScenarioError as refused:
        with_ = ", ".join(joined) or "no mechanism"
        raise ScenarioError(f"{challenger} with only its {with_}, as in {baseline} otherwise: {refused}") from refused


def members(coalition: Coalition, all_players: Sequence[str]) -> list[str]:
    """Names of a coalition's players."""
    return [name for place, name in enumerate(all_players) if coalition >> place & 1]


def every_coalition(count: int) -> list[Coalition]:
    """All of them, nobody first and everybody last."""
    return list(range(1 << count))


def shapley(values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Shapley values from the values of all coalitions.

    Parameters
    ----------
    values : float64[2^count, ...], by coalition.
    count : how many players.

    Returns
    -------
    float64[count, ...]
    """
    sizes = np.array([coalition.bit_count() for coalition in range(1 << count)])
    weight = np.array(
        [1.0 / (count * math.comb(count - 1, size)) if size < count else 0.0 for size in range(count + 1)]
    )
    found = np.empty((count, *values.shape[1:]))
    for player in range(count):
        without = np.array([c for c in range(1 << count) if not c >> player & 1])
        added = values[without | 1 << player] - values[without]
        found[player] = np.tensordot(weight[sizes[without]], added, axes=1)
    return found


def draw_orders(count: int, orders: int, seed: int) -> list[tuple[int, ...]]:
    """Orders in which players join; every second one is the one before backwards, which makes their mean surer."""
    generator = np.random.default_rng(seed)
    found: list[tuple[int, ...]] = []
    while len(found) < orders:
        order = tuple(int(player) for player in generator.permutation(count))
        found += [order, order[::-1]]
    return found[: orders - orders % 2]


def on_the_way(order: Sequence[int]) -> Iterator[Coalition]:
    """The coalitions that an order passes through, nobody first."""
    coalition = 0
    yield coalition
    for player in order:
        coalition |= 1 << player
        yield coalition


def sampled_shapley(
    values: Mapping[Coalition, NDArray[np.float64]], orders: Sequence[Sequence[int]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What each player adds, on average over the orders, and the variance of that mean over pairs of orders.

    Parameters
    ----------
    values : by coalition, float64[columns]; the first column is the estimate itself.
    orders : in pairs.

    Returns
    -------
    float64[players, columns] and float64[players] (Castro et al. 2009; Mitchell et al. 2022 on pairs).
    """
    added = []
    for order in orders:
        way = [values[coalition] for coalition in on_the_way(order)]
        one = np.empty((len(order), *way[0].shape))
        for player, before, after in zip(order, way[:-1], way[1:], strict=True):
            one[player] = after - before
        added.append(one)
    each = np.array(added)
    pairs = (each[0::2] + each[1::2])[..., 0] / 2
    return each.mean(axis=0), pairs.var(axis=0, ddof=1) / len(pairs)
