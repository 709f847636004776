"""Numbers as people read them: units, scales and digits."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

#: Printed where there is no number.
NOTHING = "-"


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
