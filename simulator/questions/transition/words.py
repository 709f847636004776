"""What is printed of the way from one organisation to another, and its conclusion."""

import math
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator.questions.frame.numbers import NOTHING, Scale, began, scale_for, words
from simulator.questions.transition.path import Measured
from simulator.questions.transition.work import YEAR_DAYS, Transition


def print_transition(found: Transition, console: Console) -> None:
    """Print what the way costs and brings, and what the reader must know."""
    console.print(Text(f"\n{way(found)}", style="bold underline"))
    console.print(_table(found))
    if found.note:
        console.print(Text(f"Note: {found.note}.", style="yellow"))
    console.print(Text(caption(found), style="dim"))


def way(found: Transition) -> str:
    """The way's name."""
    return f"{words(found.plan.before)} that becomes {words(found.plan.after)} on day {found.plan.change_day:g}"


# --- in sentences -----------------------------------------------------------------------------------------------------


def conclusion(found: Transition) -> list[str]:
    """The dip and the payback; what it has brought by then, beside having always been so."""
    return [_dip(found), _value(found)]


def _dip(found: Transition) -> str:
    name = way(found)
    name = f"{began(name)}"
    depth, day = found.dip
    if not found.changed.any():
        return f"{name} earns to the cent what one that stays earns: the way costs nothing and brings nothing."
    ended = (
        f"{_percent(found.pays_back)} of the replications are not behind when the run ends, "
        f"{found.days[-1]:,.0f} days after the change"
    )
    if depth.value >= 0.0:
        return f"{name} is never behind one that stays, on average; {ended}."
    sure = "" if found.dips_for_sure else ", as chance alone may do somewhere on a path"
    dip = f"{name} falls up to {_usd(depth, flip=True)} behind one that stays, on day {_number(day)}{sure}"
    if math.isinf(found.payback.value):
        back = f", and has not caught up within the {found.days[-1]:,.0f} days of the run that are left"
        share = found.mean_pays_back
        back += f" ({share:.0%} of resamples have)" if found.payback.low < math.inf and share > 0 else ""
    else:
        back = f", and has caught up for good after {_number(found.payback)} days"
    return f"{dip}{back}; {ended}."


def _value(found: Transition) -> str:
    year = found.after_days(YEAR_DAYS)
    by = "A year after the change" if math.isfinite(year.value) else f"{found.days[-1]:,.0f} days after the change"
    value = year if math.isfinite(year.value) else found.after_days(float(found.days[-1]))
    gap, cost = found.steady_gap, found.way_costs
    less = gap.value < 0.0
    if cost.low <= 0.0 <= cost.high:
        beside = f"and what the way costs beside that by the end of the run, {_usd(cost, sign=True)}, may be chance"
    elif cost.value > 0:
        beside = f"and the way costs {_usd(cost)} beside that by the end of the run"
    else:
        beside = f"and the one that changes is {_usd(cost, flip=True)} ahead even of that by the end of the run"
    return (
        f"{by} it has brought {_usd(value, sign=True)} in all; one that has always been {words(found.plan.after)} "
        f"earns {_usd(gap, flip=less)} a year {'less' if less else 'more'} than {words(found.plan.before)}, {beside}."
    )


def caption(found: Transition) -> str:
    """How to read the table."""
    run = found.scenario.run
    return (
        f"{found.replications:,} replications (seed {run.seed}) of each of three arms: one that stays, one that "
        "changes, one that has always been the other;\nthe same buyers in each. All customers of the run count, by the "
        "day on which they decide. Payroll and spend are the same in all arms.\n[ ]: 95% intervals: Student's for "
        "means and for the depth of the dip, resamples of the replications for days, Wilson's for shares of "
        "replications."
    )


# --- in a table -------------------------------------------------------------------------------------------------------


def _table(found: Transition) -> Table:
    depth, day = found.dip
    end = f"{found.days[-1]:,.0f} days after the change"
    paid = found.scenario.study.transition.cost_usd
    rows = [
        ("lowest point, against one that stays", *_money(depth)),
        ("on day, since the change", "days", _number(day)),
        ("caught up for good after", "days", _number(found.payback)),
        (f"replications not behind {end}", "%", _percent(found.pays_back, unit="")),
        ("difference a year after the change", *_money(found.after_days(YEAR_DAYS))),
        (f"difference {end}", *_money(found.after_days(float(found.days[-1])))),
        (f"always {words(found.plan.after)}, against one that stays", *_money(found.steady_gap, "/year")),
        ("changed, in the last half year", *_money(found.last_gap, "/year")),
        (f"cost of the way, {end}", *_money(found.way_costs)),
        *([("of which paid once at the change", *_money(Measured(paid, math.nan, math.nan)))] if paid else []),
    ]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for row in rows:
        table.add_row(*row)
    return table


# --- numbers ----------------------------------------------------------------------------------------------------------


def _scale(values: Sequence[Measured]) -> Scale:
    finite = [one for one in values if math.isfinite(one.value)]
    return scale_for("usd", [one.value for one in finite], [(one.high - one.low) / 2 for one in finite])


def _money(one: Measured, per: str = "") -> tuple[str, str]:
    """Unit and amount with its interval."""
    scale = _scale([one])
    if not math.isfinite(one.value):
        return f"{scale.unit}{per}", NOTHING
    ends = ", ".join(scale.text(end, sign=True) for end in (one.low, one.high)) if math.isfinite(one.low) else ""
    return f"{scale.unit}{per}", f"{scale.text(one.value, sign=True)}{f' [{ends}]' if ends else ''}"


def _usd(one: Measured, sign: bool = False, flip: bool = False) -> str:
    """An amount with its interval; ``flip`` tells a loss as an amount."""
    value, low, high = (-one.value, -one.high, -one.low) if flip else (one.value, one.low, one.high)
    scale = _scale([one])
    ends = f" [{scale.text(low, sign=sign)}, {scale.text(high, sign=sign)}]" if math.isfinite(low) else ""
    return f"{scale.text(value, sign=sign)} {scale.unit}{ends}"


def _number(one: Measured) -> str:
    """Days with their interval, of which an end may lie beyond the run."""
    ends = "" if math.isnan(one.low) else f" [{_days(one.low)}, {_days(one.high)}]"
    return f"{_days(one.value)}{ends}"


def _days(value: float) -> str:
    return "beyond the run" if math.isinf(value) else f"{value:,.0f}"


def _percent(one: Measured, unit: str = "%") -> str:
    return f"{100 * one.value:.0f}{unit} [{100 * one.low:.0f}, {100 * one.high:.0f}]"
