"""The table and the sentences that an attribution ends with."""

import math
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator.questions.attribution.work import Attribution, Part
from simulator.questions.frame.cells import MARK, Parts, difference_cell, difference_parts, lined_up, width
from simulator.questions.frame.coalitions import REST
from simulator.questions.frame.numbers import Scale, began, scale_for, words
from simulator.questions.frame.stating import listed, stated
from simulator.results.metrics import Metric


def print_attribution(found: Attribution, console: Console) -> None:
    """A row per player, a column per metric, the gap below; then what the reader must know."""
    console.print(Text(f"\n{apart(found)}", style="bold underline"))
    metrics = list(found.metrics)
    while metrics:
        taken = len(metrics)
        while taken > 1 and width(_table(found, metrics[:taken]), console) > console.width:
            taken -= 1
        console.print(_table(found, metrics[:taken]))
        console.print()
        metrics = metrics[taken:]
    for note in found.notes:
        console.print(Text(f"Note: {note}.", style="yellow"))
    console.print(Text(caption(found), style="dim"))


def apart(found: Attribution) -> str:
    """The gap's name."""
    return f"{words(found.challenger)} - {words(found.baseline)}"


def gap_scale(found: Attribution, metric: Metric) -> Scale:
    """A scale for the gap and all its parts."""
    gap, parts = found.gap(metric), found.parts_of(metric)
    halves = [part.high - part.value for part in parts] + [gap.interval[1] - gap.value]
    return scale_for(metric.unit, [gap.value, *(part.value for part in parts)], halves)


def _table(found: Attribution, metrics: Sequence[Metric]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("\nwhat the gap is made of", no_wrap=True)
    columns = []
    for metric in metrics:
        scale = gap_scale(found, metric)
        table.add_column(", ".join(filter(None, (metric.label, scale.unit))) + "\n", no_wrap=True)
        by_player = {part.player: part for part in found.parts_of(metric)}
        rows = [_parts(metric, scale, by_player[name]) for name in _order(found)]
        gap = found.gap(metric)
        rows.append(difference_parts(metric, scale, gap.value, *gap.interval))
        columns.append(lined_up([[row] for row in rows], difference_cell)[0])
    for place, name in enumerate([*_order(found), "the whole gap"]):
        whole = place == len(found.players)
        table.add_row(Text(words(name), style="bold" if whole else ""), *(column[place] for column in columns))
    return table


def _parts(metric: Metric, scale: Scale, part: Part) -> Parts:
    return difference_parts(metric, scale, part.value, part.low, part.high)


def _order(found: Attribution) -> list[str]:
    """Players by what they add to the first metric."""
    return [part.player for part in found.parts_of(found.metrics[0])]


def caption(found: Attribution) -> str:
    """What the reader must know to read the table."""
    run, asked = found.scenario.run, found.scenario.study.attribution
    how = (
        f"all {found.coalitions:,} organisations between the two"
        if found.exact
        else f"{found.coalitions:,} organisations between the two, on {asked.orders - asked.orders % 2:,} drawn orders"
    )
    rest = [key.split(".")[0] for key in found.keys.get(REST, ())]
    left = f"Everything else: {', '.join(dict.fromkeys(map(words, rest)))}. " if rest else ""
    return (
        f"Each part is what a mechanism adds when it takes {words(found.challenger)}'s values, on average over all "
        "orders in which mechanisms can do so (Shapley value); parts add up to the gap.\n"
        f"{left}{run.replications:,} replications (seed {run.seed}) of {how}, the same buyers everywhere: "
        f"{found.runs:,} runs.\n"
        f"[ ]: 95% intervals over replications{'' if found.exact else ' and drawn orders'}. {MARK} marks one that "
        "excludes 0; one in 20 does so by chance. Differences of % are percentage points."
    )


# --- in sentences -----------------------------------------------------------------------------------------------------


def conclusion(found: Attribution) -> list[str]:
    """What most of the first metric's gap is made of, and what works against it."""
    metric = found.metrics[0]
    scale, gap = gap_scale(found, metric), found.gap(metric)
    if not math.isfinite(gap.value):
        return [f"{began(metric.label)}: there is no gap to take apart, as it cannot be estimated."]
    parts = [part for part in found.parts_of(metric) if part.player != REST]
    rest = next((part for part in found.parts_of(metric) if part.player == REST), None)
    up = [part for part in parts if part.low > 0]
    down = [part for part in reversed(parts) if part.high < 0]
    low, high = gap.interval
    sure = "" if low > 0 or high < 0 else ", which may be chance"
    size = stated(scale, gap.value, gap.interval, apart=True)
    first = (
        f"The {metric.label} of {words(found.challenger)} differs from that of {words(found.baseline)} by "
        f"{size}{sure}: {_list(scale, up, 'raised by') or 'no mechanism raises it'}"
        f"{_list(scale, down, '; lowered by') or ', none lowers it'} for sure."
    )
    unsure = [words(part.player) for part in parts if part not in up and part not in down]
    second = [f"{listed(unsure)} may add nothing" if unsure else ""]
    if rest is not None:
        second.append(f"everything else adds {stated(scale, rest.value, (rest.low, rest.high), apart=True)}")
    said = "; ".join(filter(None, second)) or "no part is in doubt"
    return [first, f"{began(said)}; all parts add up to the gap."]


def _list(scale: Scale, parts: Sequence[Part], verb: str) -> str:
    told = [f"{words(part.player)} ({stated(scale, part.value, (part.low, part.high), apart=True)})" for part in parts]
    return f"{verb} {listed(told)}" if told else ""
