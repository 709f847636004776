"""Numbers and names as people read them: units, scales, digits, intervals and lists."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

#: Printed where there is no number, in a table and in a sentence.
NOTHING, UNKNOWN = "-", "unknown"

#: Ends of an interval.
Interval = tuple[float, float]


class WithInterval(Protocol):
    """A number that knows how sure it is."""

    @property
    def value(self) -> float: ...

    @property
    def interval(self) -> Interval: ...


@dataclass(frozen=True)
class Span:
    """A number and the ends of its interval; NaN where there is none."""

    value: float
    low: float = math.nan
    high: float = math.nan

    @property
    def interval(self) -> Interval:
        """Both ends."""
        return self.low, self.high


@dataclass(frozen=True)
class Scale:
    """How the numbers of one row or one axis are printed: multiplied, rounded and named alike."""

    factor: float
    unit: str
    decimals: int = 0

    def text(self, value: float, sign: bool = False) -> str:
        """A value with thousands separators; a number that rounds to nothing has no sign."""
        if not math.isfinite(value):
            return NOTHING
        rounded = round(value * self.factor, self.decimals) or 0.0
        return f"{rounded:{'+' if sign and rounded else ''},.{self.decimals}f}"

    def telling_from_0(self, values: Iterable[float]) -> "Scale":
        """This scale, with more digits (three at most) if one of the values, none of which is 0, would read as 0."""
        smallest = min((abs(value * self.factor) for value in values), default=math.inf)
        decimals = self.decimals
        while round(smallest, decimals) == 0 and decimals < self.decimals + 3:
            decimals += 1
        return replace(self, decimals=decimals)

    def with_unit(self, value: float) -> str:
        """A value and its unit: 12.3%, 61.2 k usd."""
        text = self.text(value)
        return text if text == NOTHING or not self.unit else f"{text}{'' if self.unit == '%' else ' '}{self.unit}"

    @property
    def difference_unit(self) -> str:
        """The unit of a difference: shares differ by points."""
        return "points" if self.unit == "%" else self.unit

    @property
    def axis_unit(self) -> str:
        """The unit of an axis of differences."""
        return "percentage points" if self.unit == "%" else self.unit

    def headed(self, label: str) -> str:
        """A column's or an axis' label with the unit: win rate, %."""
        return ", ".join(filter(None, (label, self.unit)))


def scale_for(unit: str, values: Iterable[float], half_widths: Iterable[float] = ()) -> Scale:
    """A scale for values that stand beside each other.

    Digits follow the widest interval (two significant digits of it, and of the largest value); without intervals,
    three digits of the largest value. At most two decimals.
    """
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    factor, name = _factor(unit, largest)
    widest = max((width for width in half_widths if math.isfinite(width) and width > 0), default=0.0) * factor
    decimals = 0
    if largest > 0:
        decimals = (1 if widest > 0 else 2) - math.floor(math.log10(largest * factor))
    if widest > 0:
        decimals = max(decimals, 1 - math.floor(math.log10(widest)))
    return Scale(factor, name, min(max(decimals, 0), 2))


def scale_of(unit: str, estimates: Iterable[WithInterval]) -> Scale:
    """One scale for estimates that stand beside each other; no interval that excludes 0 reads as if it touched it."""
    known = list(estimates)
    ends = [end for one in known for end in one.interval if math.isfinite(end) and end and excludes_0(one.interval)]
    return scale_across(unit, known).telling_from_0(ends)


def scale_across(unit: str, estimates: Iterable[WithInterval]) -> Scale:
    """One scale for estimates that stand beside each other, by the widest of their intervals."""
    known = list(estimates)
    return scale_for(unit, [one.value for one in known], [one.interval[1] - one.value for one in known])


def excludes_0(interval: Interval) -> bool:
    """Whether both ends lie on one side of 0."""
    return interval[0] > 0 or interval[1] < 0


def stated(scale: Scale, value: float, interval: Interval, *, apart: bool = False, sign: bool | None = None) -> str:
    """A number with its unit and its interval: 4.8% [4.1, 5.5], +0.6 points [+0.2, +1.0].

    ``apart`` says that it is a difference: shares are then told in points, and everything has a sign unless ``sign``
    says otherwise.
    """
    if not math.isfinite(value):
        return UNKNOWN
    signed = apart if sign is None else sign
    unit = scale.difference_unit if apart else scale.unit
    text = scale.text(value, sign=signed) + ("%" if unit == "%" else f" {unit}".rstrip())
    return f"{text} {bracketed(scale, interval, signed)}".rstrip()


def told(scale: Scale, one: WithInterval, *, apart: bool = False, sign: bool | None = None) -> str:
    """An estimate as `stated` has it."""
    return stated(scale, one.value, one.interval, apart=apart, sign=sign)


def bracketed(scale: Scale, interval: Interval, sign: bool = False) -> str:
    """[4.1, 5.5]; "" where there is no interval."""
    low, high = interval
    return f"[{scale.text(low, sign=sign)}, {scale.text(high, sign=sign)}]" if math.isfinite(low) else ""


def usd(amount: float) -> str:
    """An amount of money: 1.33 M usd."""
    return scale_for("usd", [amount]).with_unit(amount)


def count(amount: float) -> str:
    """A count with thousands separators."""
    return f"{amount:,.0f}"


def times(ratio: float) -> str:
    """A factor with two digits at most: 2.4, 17."""
    return f"{ratio:.1f}" if ratio < 9.95 else f"{ratio:,.0f}"


def words(name: str) -> str:
    """A name of the scenario as a reader sees it."""
    return name.replace("_", " ")


def pay_in_words(payrolls: Mapping[str, float]) -> str:
    """What everybody is paid in a year."""
    low, high = min(payrolls.values()), max(payrolls.values())
    if high <= low * 1.005:
        return f"Equal payroll: {usd(next(iter(payrolls.values())))} a year each"
    return f"Payroll differs, usd a year: {amounts(payrolls)}"


def amounts(found: Mapping[str, float]) -> str:
    """An amount of money for each organisation, once if they are equal."""
    if len({round(amount) for amount in found.values()}) == 1:
        return f"{usd(next(iter(found.values())))}{' each' if len(found) > 1 else ''}"
    return ", ".join(f"{words(name)} {usd(amount)}" for name, amount in found.items())


def listed(names: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def gap_name(organisation: str, baseline: str) -> str:
    """The name of a difference between two organisations."""
    return f"{words(organisation)} - {words(baseline)}"


def began(sentence: str) -> str:
    """The sentence with a capital."""
    return sentence[:1].upper() + sentence[1:]


def _factor(unit: str, largest: float) -> tuple[float, str]:
    if unit == "share":
        return 100.0, "%"
    if unit == "usd":
        if largest >= 999_500:
            return 1e-6, "M usd"
        if largest >= 9_995:
            return 1e-3, "k usd"
        return 1.0, "usd"
    return 1.0, {"hours": "h", "days": "days", "count": ""}.get(unit, unit)
