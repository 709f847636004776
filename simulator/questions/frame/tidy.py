"""Tidy tables: columns of an estimate and its interval, named alike in every file."""

import math
from typing import Any

from simulator.questions.frame.numbers import Measured


def with_interval(name: str, estimate: Measured | None, ends: str = "") -> dict[str, Any]:
    """Columns of an estimate: ``name``, and ``ci_low`` and ``ci_high`` with ``ends`` before them; NaN if there is none."""
    value, (low, high) = (estimate.value, estimate.interval) if estimate else (math.nan, (math.nan, math.nan))
    return {name: value, f"{ends}ci_low": low, f"{ends}ci_high": high}
