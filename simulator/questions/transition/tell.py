"""What a transition tells: what the way from one organisation to another costs and brings."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simulator.questions.frame.blocks import Block, Column, Passage, Table, caption, heading, note
from simulator.questions.frame.numbers import NOTHING, Scale, Span, began, bracketed, scale_for, told, words
from simulator.questions.frame.question import Asked, Question
from simulator.questions.transition.work import YEAR_DAYS, Transition, transition

if TYPE_CHECKING:
    import pandas as pd


class TransitionQuestion(Question[Transition]):
    """What does it cost to get there?"""

    study = "transition"
    files = ("path.csv", "transition_summary.csv")

    def work(self, asked: Asked) -> Transition:
        return transition(asked.scenario, asked.tell, simulate=asked.simulate)

    def tables(self, change: Transition) -> "Mapping[str, pd.DataFrame]":
        return {"path.csv": change.path_table(), "transition_summary.csv": change.summary_table()}

    def told(self, change: Transition) -> list[Block]:
        notes = [note(change.note)] if change.note else []
        return [heading(way(change)), _costs(change), *notes, _caption(change)]

    def conclusion(self, change: Transition) -> list[str]:
        """The dip and the payback; what it has brought by then, beside having always been so."""
        return [_dip(change), _value(change)]

    def arms(self, change: Transition) -> tuple[Any, Sequence[str]]:
        return change.plan.scenario, tuple(change.plan.names.values())

    def metrics(self, change: Transition) -> Sequence[str]:
        return ("revenue", "net")

    def facts(self, change: Transition) -> Mapping[str, Any]:
        return {
            "organisations": dict(change.plan.names),
            "change_day": change.plan.change_day,
            "runs": 3 * change.replications,
        }


QUESTION = TransitionQuestion()


def way(change: Transition) -> str:
    """The way's name."""
    return f"{words(change.plan.before)} that becomes {words(change.plan.after)} on day {change.plan.change_day:g}"


# --- the table --------------------------------------------------------------------------------------------------------


def _costs(change: Transition) -> Table:
    depth, day = change.dip
    end = f"{change.days[-1]:,.0f} days after the change"
    paid = change.scenario.study.transition.cost_usd
    rows = [
        ("lowest point, against one that stays", *_money(depth)),
        ("on day, since the change", "days", _number(day)),
        ("caught up for good after", "days", _number(change.payback)),
        (f"replications not behind {end}", "%", _percent(change.pays_back, unit="")),
        ("difference a year after the change", *_money(change.after_days(YEAR_DAYS))),
        (f"difference {end}", *_money(change.after_days(float(change.days[-1])))),
        (f"always {words(change.plan.after)}, against one that stays", *_money(change.steady_gap, "/year")),
        ("changed, in the last half year", *_money(change.last_gap, "/year")),
        (f"cost of the way, {end}", *_money(change.way_costs)),
        *([("of which paid once at the change", *_money(Span(paid)))] if paid else []),
    ]
    return Table([Column("", cells, wraps=True) for cells in zip(*rows, strict=True)], headed=False)


def _caption(change: Transition) -> Passage:
    run = change.scenario.run
    return caption(
        f"{change.replications:,} replications (seed {run.seed}) of each of three arms: one that stays, one that "
        "changes, one that has always been the other;\nthe same buyers in each. All customers of the run count, by the "
        "day on which they decide. Payroll and spend are the same in all arms.\n[ ]: 95% intervals: Student's for "
        "means and for the depth of the dip, resamples of the replications for days, Wilson's for shares of "
        "replications."
    )


# --- in sentences -----------------------------------------------------------------------------------------------------


def _dip(change: Transition) -> str:
    name = began(way(change))
    depth, day = change.dip
    if not change.changed.any():
        return f"{name} earns to the cent what one that stays earns: the way costs nothing and brings nothing."
    ended = (
        f"{_percent(change.pays_back)} of the replications are not behind when the run ends, "
        f"{change.days[-1]:,.0f} days after the change"
    )
    if depth.value >= 0.0:
        return f"{name} is never behind one that stays, on average; {ended}."
    sure = "" if change.dips_for_sure else ", as chance alone may do somewhere on a path"
    dip = f"{name} falls up to {_usd(depth, flip=True)} behind one that stays, on day {_number(day)}{sure}"
    if math.isinf(change.payback.value):
        back = f", and has not caught up within the {change.days[-1]:,.0f} days of the run that are left"
        share = change.mean_pays_back
        back += f" ({share:.0%} of resamples have)" if change.payback.low < math.inf and share > 0 else ""
    else:
        back = f", and has caught up for good after {_number(change.payback)} days"
    return f"{dip}{back}; {ended}."


def _value(change: Transition) -> str:
    year = change.after_days(YEAR_DAYS)
    by = "A year after the change" if math.isfinite(year.value) else f"{change.days[-1]:,.0f} days after the change"
    value = year if math.isfinite(year.value) else change.after_days(float(change.days[-1]))
    gap, cost = change.steady_gap, change.way_costs
    less = gap.value < 0.0
    if cost.low <= 0.0 <= cost.high:
        beside = f"and what the way costs beside that by the end of the run, {_usd(cost, sign=True)}, may be chance"
    elif cost.value > 0:
        beside = f"and the way costs {_usd(cost)} beside that by the end of the run"
    else:
        beside = f"and the one that changes is {_usd(cost, flip=True)} ahead even of that by the end of the run"
    return (
        f"{by} it has brought {_usd(value, sign=True)} in all; one that has always been {words(change.plan.after)} "
        f"earns {_usd(gap, flip=less)} a year {'less' if less else 'more'} than {words(change.plan.before)}, {beside}."
    )


# --- numbers ----------------------------------------------------------------------------------------------------------


def _scale(amount: Span) -> Scale:
    values = [amount.value] if math.isfinite(amount.value) else []
    return scale_for("usd", values, [(amount.high - amount.low) / 2])


def _money(amount: Span, per: str = "") -> tuple[str, str]:
    """Unit and amount with its interval."""
    scale = _scale(amount)
    if not math.isfinite(amount.value):
        return f"{scale.unit}{per}", NOTHING
    return (
        f"{scale.unit}{per}",
        f"{scale.text(amount.value, sign=True)} {bracketed(scale, amount.interval, True)}".rstrip(),
    )


def _usd(amount: Span, sign: bool = False, flip: bool = False) -> str:
    """An amount with its interval; ``flip`` tells a loss as an amount."""
    return told(_scale(amount), Span(-amount.value, -amount.high, -amount.low) if flip else amount, sign=sign)


def _number(days: Span) -> str:
    """Days with their interval, of which an end may lie beyond the run."""
    ends = "" if math.isnan(days.low) else f" [{_days(days.low)}, {_days(days.high)}]"
    return f"{_days(days.value)}{ends}"


def _days(value: float) -> str:
    return "beyond the run" if math.isinf(value) else f"{value:,.0f}"


def _percent(share: Span, unit: str = "%") -> str:
    return f"{100 * share.value:.0f}{unit} [{100 * share.low:.0f}, {100 * share.high:.0f}]"
