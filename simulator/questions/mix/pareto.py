"""Points of several objectives, all of which shall be small: which no other one beats, and how spread they are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def dominates(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Whether a point is at least as good in every objective, and better in one."""
    return bool((one <= other).all() and (one < other).any())


def fronts(points: NDArray[np.float64]) -> list[list[int]]:
    """Numbers of the points (n by objectives), front by front: what nothing beats, then what only those beat, ..."""
    left, found = list(range(len(points))), []
    while left:
        front = [i for i in left if not any(dominates(points[j], points[i]) for j in left)]
        found.append(front)
        left = [i for i in left if i not in front]
    return found


def by_spread(points: NDArray[np.float64], front: Sequence[int]) -> list[int]:
    """A front in the order of its crowding distances, the loneliest first (Deb et al. 2002); ends come before all."""
    distance = dict.fromkeys(front, 0.0)
    for objective in range(points.shape[1]):
        order = sorted(front, key=lambda i: points[i, objective])
        low, high = points[order[0], objective], points[order[-1], objective]
        distance[order[0]] = distance[order[-1]] = np.inf
        for before, here, after in zip(order, order[1:], order[2:], strict=False):
            if high > low:
                distance[here] += (points[after, objective] - points[before, objective]) / (high - low)
    return sorted(front, key=lambda i: -distance[i])
