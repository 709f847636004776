"""Tidy tables: columns of an estimate and its interval, named alike in every file."""

import math
from typing import Any

from simulator.questions.frame.numbers import WithInterval


def with_interval(name: str, estimate: WithInterval | None, ends: str = "") -> dict[str, Any]:
    """``name``, and ``ci_low`` and ``ci_high`` with ``ends`` before them, of an estimate; NaN where there is none."""
    value, (low, high) = (estimate.value, estimate.interval) if estimate else (math.nan, (math.nan, math.nan))
    return {name: value, f"{ends}ci_low": low, f"{ends}ci_high": high}
