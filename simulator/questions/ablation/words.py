"""The tables and sentences that an ablation ends with: what each mechanism does to the gap between organisations."""

import math
from collections.abc import Iterator, Sequence
from itertools import chain

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator.questions.ablation.work import ALL_OFF, ALL_ON, ALONE, LEFT_OUT, MECHANISMS, Ablation
from simulator.questions.frame.cells import MARK, Parts, difference_cell, difference_parts, lined_up, width
from simulator.questions.frame.numbers import Scale, began, scale_for, words
from simulator.questions.frame.stating import listed
from simulator.results.estimate import Estimate
from simulator.results.metrics import Metric

#: Heading of a column, and its cells.
_Column = tuple[str, list[Text]]

_EMPTY: Parts = ("", "", "", "")


def print_ablation(found: Ablation, console: Console) -> None:
    """Print a table and a conclusion for each challenger, and what the reader must know."""
    for name in found.challengers:
        console.print(Text(f"\n{apart(found, name)}", style="bold underline"))
        for table in _tables(found, name, console):
            console.print(table)
            console.print()
        for sentence in conclusions(found, name):
            console.print(Text(sentence))
    for note in found.notes:
        console.print(Text(f"Note: {note}.", style="yellow"))
    console.print(Text(caption(found), style="dim"))


def apart(found: Ablation, challenger: str) -> str:
    """The gap's name."""
    return f"{words(challenger)} - {words(found.baseline)}"


def gap_scale(found: Ablation, challengers: Sequence[str], metric: Metric) -> Scale:
    """A scale for all gaps and contributions of a metric that stand beside each other."""
    shown = [
        one for effect in found.effects if effect.organisation in challengers and effect.metric == metric
        for one in (effect.gap, effect.contribution) if one is not None
    ]  # fmt: skip
    return scale_for(metric.unit, [one.value for one in shown], [one.interval[1] - one.value for one in shown])


# --- in sentences -----------------------------------------------------------------------------------------------------


def conclusion(found: Ablation) -> list[str]:
    """What carries the gap of the first metric of each challenger, and what is left without mechanisms."""
    first = [f"{apart(found, name)}: {_carried(found, name, found.metrics[0])}" for name in found.challengers]
    return [*first, all_off_in_words(found)]


def conclusions(found: Ablation, challenger: str) -> Iterator[str]:
    """Which mechanisms carry each gap and which work against it; and that contributions need not add up."""
    for metric in found.metrics:
        yield _carried(found, challenger, metric)
    metric = found.metrics[0]
    said = "Mechanisms interact, so that contributions need not add up to the gap"
    on = [name for name in MECHANISMS if getattr(found.scenario.mechanisms, name)]
    scale = gap_scale(found, [challenger], metric)
    sums = {how: math.fsum(_contribution(found, how, challenger, metric, name).value for name in found.mechanisms)
            for how in (ALONE, LEFT_OUT)}  # fmt: skip
    if set(on) == set(found.mechanisms) and all(map(math.isfinite, sums.values())):
        alone, left_out = (_signed(scale, sums[how]) for how in (ALONE, LEFT_OUT))
        gap = _signed(scale, found.effect(ALL_ON, challenger, metric.key).gap.value)
        said += f": those to the {metric.label} sum to {alone} alone and {left_out} left out, the gap is {gap}"
    yield f"{said}."


def _carried(found: Ablation, challenger: str, metric: Metric) -> str:
    """One sentence on one metric, by what leaving a mechanism out does to the gap."""
    scale = gap_scale(found, [challenger], metric)
    gap = found.effect(ALL_ON, challenger, metric.key).gap
    label = began(metric.label)
    if not math.isfinite(gap.value):
        return f"{label}: there is no gap to take apart, as it cannot be estimated."
    parts = {name: _contribution(found, LEFT_OUT, challenger, metric, name) for name in found.mechanisms}
    sure = sorted((name for name in parts if _side(parts[name])), key=lambda name: -abs(parts[name].value))
    sides = {side: [f"{words(name)} ({_signed(scale, parts[name].value)})" for name in sure
                    if _side(parts[name]) == side] for side in (1, -1)}  # fmt: skip
    size = _signed(scale, gap.value)
    if not _side(gap):
        moved = [f"{way} by {listed(sides[side])}" for side, way in ((1, "up"), (-1, "down")) if sides[side]]
        pushed = f"pushed {', '.join(moved)}" if moved else "no mechanism moves it for sure"
        return f"{label}: the gap of {size} may be chance; {pushed}."
    carry, against = listed(sides[_side(gap)]), listed(sides[-_side(gap)])
    carried = f"is carried by {carry}" if carry else "is carried by no single mechanism for sure"
    pulling = f"pulling the other way: {against}" if against else "nothing pulls the other way for sure"
    return f"{label}: the gap of {size} {carried}; {pulling}."


def all_off_in_words(found: Ablation) -> str:
    """Whether organisations differ without mechanisms, and if so, in what."""
    if not found.remaining:
        return "With every mechanism off, every gap is exactly 0: mechanisms alone set the organisations apart."
    said = []
    for name, keys in found.remaining.items():
        why = f"they also differ in {', '.join(keys)}" if keys else "though no key of theirs differs: a fault of ours"
        said.append(f"{apart(found, name)} keeps a gap: {why}")
    return f"With every mechanism off, NOT every gap is 0. {'; '.join(said)}."


def caption(found: Ablation) -> str:
    """What the reader must know to read the tables."""
    run = found.scenario.run
    return (
        f"{run.replications:,} replications (seed {run.seed}) of each organisation in each setting, the same buyers "
        f"everywhere; {found.runs:,} runs.\n"
        "Alone: what the gap gains when only this mechanism is on. Left out: what the gap loses when only this "
        "mechanism is off.\n"
        f"[ ]: 95% intervals over replications. {MARK} marks one that excludes 0; one in 20 does so by chance. "
        "Differences of % are percentage points. The conclusions go by left out."
    )


def _contribution(found: Ablation, how: str, challenger: str, metric: Metric, mechanism: str) -> Estimate:
    contribution = found.effect(how, challenger, metric.key, mechanism).contribution
    assert contribution is not None
    return contribution


def _side(one: Estimate) -> int:
    """1 or -1 where the interval lies above or below 0; 0 where it holds 0 or there is none."""
    low, high = one.interval
    return int(low > 0) - int(high < 0)


def _signed(scale: Scale, value: float) -> str:
    return f"{scale.text(value, sign=True)} {'points' if scale.unit == '%' else scale.unit}".rstrip()


def _tables(found: Ablation, challenger: str, console: Console) -> list[Table]:
    """As few tables as fit the console; the two columns of a metric stay together where they can."""
    heads = [*(words(name) for name in found.mechanisms), "all on", "all off"]
    tables: list[Table] = []
    metrics = [_columns(found, challenger, metric) for metric in found.metrics]
    while metrics:
        taken = len(metrics)
        while width(table := _table(heads, list(chain(*metrics[:taken]))), console) > console.width and taken > 1:
            taken -= 1
        narrow = width(table, console) > console.width
        tables += [_table(heads, [column]) for column in metrics[0]] if narrow else [table]
        metrics = metrics[taken:]
    return tables


def _columns(found: Ablation, challenger: str, metric: Metric) -> list[_Column]:
    """What a metric's mechanisms contribute alone, and left out; below, the gaps that this starts from."""
    scale = gap_scale(found, [challenger], metric)

    def parts(one: Estimate) -> Parts:
        return difference_parts(metric, scale, one.value, *one.interval)

    rows: list[list[Parts]] = [
        [parts(_contribution(found, how, challenger, metric, name)) for how in (ALONE, LEFT_OUT)]
        for name in found.mechanisms
    ]
    rows.append([_EMPTY, parts(found.effect(ALL_ON, challenger, metric.key).gap)])
    rows.append([parts(found.effect(ALL_OFF, challenger, metric.key).gap), _EMPTY])
    label = ", ".join(filter(None, (metric.label, scale.unit)))
    return list(zip((f"{label}\nalone", f"{label}\nleft out"), lined_up(rows, _cell), strict=True))


def _cell(parts: Parts, widths: list[int]) -> Text:
    return difference_cell(parts, widths) if parts != _EMPTY else Text()


def _table(heads: Sequence[str], columns: Sequence[_Column]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for head in ("\nmechanism", *(head for head, _ in columns)):
        table.add_column(head, no_wrap=True)
    for i, head in enumerate(heads):
        whole = i >= len(heads) - 2
        table.add_row(Text(f"gap, {head}" if whole else head, style="bold" if whole else ""),
                      *(cells[i] for _, cells in columns))  # fmt: skip
    return table
