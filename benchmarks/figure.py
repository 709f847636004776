"""What a figure is: a question with a goal, and what was measured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from benchmarks.sizes import Sizes

#: What became of a figure.
Verdict = Literal["met", "missed", "no goal", "not measured", "failed"]


class NotMeasured(Exception):
    """A figure that cannot be measured here; the message says why."""


@dataclass(frozen=True)
class Measured:
    """One figure, measured.

    Attributes
    ----------
    value, low, high : the median, the least and the most of ``runs``, in the unit of the figure.
    runs : how many, in words where the contestants differ ("5, reference 1").
    beside : the floor that was measured, and what each contestant took: what one needs to judge the value.
    reason : why a goal must be missed here, if what was measured beside it says so.
    """

    value: float
    low: float
    high: float
    runs: str
    beside: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Figure:
    """A question of cost, its goal, and how it is answered.

    Attributes
    ----------
    name : how it is asked for.
    sentence : what is measured, for a reader who knows the simulator but not this code.
    goal : in words.
    limit : the number that the goal is about, in ``unit``; None if the figure is published without a goal.
    least : whether the limit is the least that is good enough, and not the most.
    unit : of the value; "times" for a ratio.
    measure : sizes and a number of runs to what was measured.
    reason : why the goal is missed, as far as it is known and not measured beside it; shown with a miss only.
    timed : whether time is what is measured, so that nothing else may run meanwhile.
    """

    name: str
    sentence: str
    goal: str
    limit: float | None
    least: bool
    unit: str
    measure: Callable[[Sizes, int], Measured]
    reason: str = ""
    timed: bool = True

    def verdict(self, value: float) -> Verdict:
        """Whether a value meets the goal; the limit itself does."""
        if self.limit is None:
            return "no goal"
        good = value >= self.limit if self.least else value <= self.limit
        return "met" if good else "missed"


@dataclass(frozen=True)
class Row:
    """A line of the table: a figure and what became of it. ``why`` says so where there is no value."""

    figure: Figure
    measured: Measured | None
    verdict: Verdict
    seconds: float
    why: str = ""
