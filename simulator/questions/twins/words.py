"""What is printed of both lives of the same buyers: who flipped, where lives part, through what; and the conclusion."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator.questions.frame.divergence import (
    ARRIVED,
    EACH_NEEDED,
    GAINED,
    LOST,
    NO_SINGLE,
    NOTHING,
    divergence_kinds,
)
from simulator.questions.frame.event_words import at_work, event, happens, value
from simulator.questions.frame.numbers import Scale, scale_for, words
from simulator.questions.twins.work import (
    ALL,
    BOTH,
    BUYERS,
    CAME_TO_ONE,
    COHORT,
    FATES,
    INQUIRIES,
    NEITHER,
    ONLY_BASELINE,
    ONLY_CHALLENGER,
    Twins,
)
from simulator.results.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

#: Share of the flips that even the least mechanism undoes, from which on it is said.
_MUCH = 0.1

#: Ways of parting that are printed; all are in ``divergences.csv``.
_WAYS = 12


def print_twins(found: Twins, console: Console) -> None:
    """Print who flipped, through what lives part and how, and what the reader must know."""
    console.print(Text(f"\nWho flipped, {pair(found)}", style="bold underline"))
    console.print(_fates(found))
    console.print(Text(f"\n{coupling(found)}"))
    if found.divergences["parted"].any():
        console.print(Text("\nThrough what lives part for the first time", style="bold underline"))
        console.print(_parts(found))
        console.print(Text("\nHow they part, commonest first", style="bold underline"))
        console.print(_ways(found))
    for note in notes(found):
        console.print(Text(f"Note: {note}.", style="yellow"))
    console.print(Text(caption(found), style="dim"))


def pair(found: Twins) -> str:
    """Both organisations by name."""
    return f"{words(found.baseline)} and {words(found.challenger)}"


# --- in sentences -----------------------------------------------------------------------------------------------------


def conclusion(found: Twins) -> list[str]:
    """Who flipped and what it is worth; where and through what most lives part."""
    return [_flips(found), _parting(found)]


def _flips(found: Twins) -> str:
    base, other = words(found.baseline), words(found.challenger)
    gained, lost, both = (found.share(fate) for fate in (ONLY_CHALLENGER, ONLY_BASELINE, BOTH))
    if not math.isfinite(gained.value):
        return "No buyer inquired in either life: there is nothing to win or to lose."
    if not found.sum(BUYERS, COHORT, ALL, ONLY_BASELINE, ONLY_CHALLENGER).any():
        return f"No buyer flips: {other} wins exactly those that {base} wins, {_share(both)} of 100 who inquire."
    worth = found.worth(ONLY_BASELINE, ONLY_CHALLENGER)
    return (
        f"Of 100 buyers who inquire in either life, {other} wins {_share(gained)} that {base} does not, and does not "
        f"win {_share(lost)} that {base} wins ({_share(both)} are won by both); in revenue of a cohort the flips "
        f"are worth {_usd(worth)}."
    )


def _parting(found: Twins) -> str:
    rows = found.divergences
    parted = rows["parted"]
    if not parted.any():
        return f"No life parts: every event of every buyer is the same in {pair(found)}."
    share = found.rate(parted, parted | ~parted)
    name = str(rows["mechanism"][parted].value_counts(sort=True).index[0])
    through = found.rate(rows["mechanism"] == name, parted)
    way = divergence_kinds(rows[rows["mechanism"] == name]).iloc[0]
    how = _way(found, str(way["after"]), str(way["event_baseline"]), str(way["event_challenger"]))
    what = {EACH_NEEDED: "through several mechanisms, each of which is needed",
            NO_SINGLE: "through no single mechanism"}.get(name, f"through {at_work(name)}")  # fmt: skip
    return (
        f"{_share(share, '%')} of the cohort's buyers live lives that part, most often {what} "
        f"({_share(through, '%')} of those that part), typically so: {how}."
    )


def _way(found: Twins, after: str, left: str, right: str) -> str:
    when = "from the start" if after == ARRIVED else f"once the buyer {event(after)}"
    told = []
    for name, what in ((found.baseline, left), (found.challenger, right)):
        told.append(f"in {words(name)} {happens(what)}")
    return f"{when}, {told[0]} and {told[1]}"


def coupling(found: Twins) -> str:
    """The paired difference of the win rate, and what ties the lives of different buyers together."""
    gap = found.gap()
    if not math.isfinite(gap.value):
        return "There is no win rate to compare."
    scale = _scale([gap])
    waiting = found.divergences["waiting"].sum()
    parted = found.divergences["parted"]
    shown = ""
    if parted.any() and found.crowd > 1:
        share = found.rate(found.divergences["waiting"], parted)
        shown = (
            f" {_share(share, '%')} of the lives that part ({waiting:,}) would not part there if nobody had to wait "
            "for a person who is busy with others."
        )
    return (
        f"The same buyers, paired: the win rate differs by {scale.text(gap.value, sign=True)} points "
        f"[{', '.join(scale.text(end, sign=True) for end in gap.interval)}]. Buyers share people's time, content and "
        f"reviews, so that one buyer's life moves another's: a flip shows what became of a buyer, not the effect of "
        f"treating this buyer alone.{shown}"
    )


def notes(found: Twins) -> list[str]:
    """What else the reader must know."""
    said = [found.note] if found.note else []
    single = found.mean(CAME_TO_ONE, *FATES)
    if single.value > 0:
        won = found.mean(CAME_TO_ONE, ONLY_BASELINE, ONLY_CHALLENGER).value
        said.append(
            f"budgets bring other buyers: {single.value:,.0f} a replication came to one organisation only, and "
            f"{won:,.1f} of the flips are among them"
        )
    other = [part for part in found.parts if part.name == "everything_else"]
    if other:
        keys = [f"{key} ({value(one)} and {value(two)})" for key, (one, two) in other[0].values.items()]
        more = f" and {len(keys) - 5} more" if len(keys) > 5 else ""
        said.append(f"everything else, which no mechanism owns, is {', '.join(keys[:5])}{more}")
    flips = found.divergences["flip"] != ""
    undone = {part.name: _undone(found, part.name, flips) for part in found.parts} if flips.any() else {}
    least = min(undone, key=lambda name: undone[name]) if len(undone) > 1 else ""
    if least and undone[least] >= _MUCH:
        said.append(
            f"whether a single buyer is won hangs on small things: even taking back {at_work(least)}, which undoes the "
            f"fewest, turns {undone[least]:.0%} of the flips around"
        )
    return said


def caption(found: Twins) -> str:
    """How to read the tables."""
    run = found.scenario.run
    return (
        f"{found.replications:,} replications (seed {run.seed}) of a cohort of {run.cohort_days:,} days; every event "
        f"recorded in {found.detailed:,} of them; {found.runs:,} runs.\n"
        "Through: taking back this alone to the baseline's values lets both lives agree where they part.\nUndone: of "
        "all flips, those that taking it back alone turns around, wherever their lives part.\nGained: won by the "
        "challenger only. Lost: won by the baseline only. [ ]: 95% intervals over replications."
    )


# --- in tables --------------------------------------------------------------------------------------------------------


def _fates(found: Twins) -> Table:
    base, other = words(found.baseline), words(found.challenger)
    heads = {BOTH: "won by both", ONLY_CHALLENGER: f"only by {other}", ONLY_BASELINE: f"only by {base}",
             NEITHER: "by neither"}  # fmt: skip
    table = _table(
        ["segment", "inquire", *(f"{head}\n% of them" for head in heads.values()), "flips are worth,\nusd a cohort"]
    )
    for segment in found.segments:
        values = [found.share(fate, segment=segment) for fate in heads]
        scale = _scale(values[:3])
        worth = found.worth(ONLY_BASELINE, ONLY_CHALLENGER, segment=segment)
        count = found.mean(BUYERS, *FATES, scope=INQUIRIES, segment=segment).value
        table.add_row(words(segment) or "all", f"{count:,.0f}", *(_interval(scale, one) for one in values),
                      _interval(scale_for("usd", [worth.value], [_half(worth)]), worth, unit=True, sign=True),
                      style="" if segment else "bold")  # fmt: skip
    return table


def _parts(found: Twins) -> Table:
    rows = found.divergences
    parted = rows["parted"]
    names = [*(part.name for part in found.parts), EACH_NEEDED, NO_SINGLE]
    counts = {name: int((rows["mechanism"] == name).sum()) for name in names}
    table = _table(
        ["through", "buyers", "% of lives that part", "gained", "lost", "gains undone\n%", "losses undone\n%"]
    )
    for name in sorted(names, key=lambda name: -counts[name]):
        mine = rows["mechanism"] == name
        share = found.rate(mine, parted)
        undone = [
            "" if name in (EACH_NEEDED, NO_SINGLE) else _percent(_undone(found, name, rows["flip"] == way))
            for way in (GAINED, LOST)
        ]
        flips = [f"{int((mine & (rows['flip'] == way)).sum()):,}" for way in (GAINED, LOST)]
        table.add_row(at_work(name), f"{counts[name]:,}", _interval(_scale([share]), share), *flips, *undone)
    total = [f"{int((rows['flip'] == way).sum()):,}" for way in (GAINED, LOST)]
    table.add_row("all that part", f"{int(parted.sum()):,}", "", *total, style="bold")
    return table


def _ways(found: Twins) -> Table:
    base, other = words(found.baseline), words(found.challenger)
    table = _table(["buyers", "%", "in", "after it", f"in {base} it", f"in {other} it", "through", "gained", "lost"])
    found_ways = divergence_kinds(found.divergences.assign(waiting=False))
    for row in found_ways.head(_WAYS).to_dict("records"):
        table.add_row(f"{row['buyers']:,}", f"{100 * row['share']:.1f}", words(row["stage"]), event(row["after"]),
                      *(_cell(row[name]) for name in ("event_baseline", "event_challenger")),
                      at_work(row["mechanism"]), f"{row['gained']:,}", f"{row['lost']:,}")  # fmt: skip
    if len(found_ways) > _WAYS:
        rest = found_ways[_WAYS:]
        table.add_row(f"{rest['buyers'].sum():,}", f"{100 * rest['share'].sum():.1f}", f"in {len(rest):,} other ways",
                      "", "", "", "", f"{rest['gained'].sum():,}", f"{rest['lost'].sum():,}", style="dim")  # fmt: skip
    return table


def _cell(name: str) -> str:
    return "-" if name == NOTHING else event(name)


def _undone(found: Twins, part: str, flips: "pd.Series") -> float:
    rows = found.divergences[flips]
    if not len(rows):
        return math.nan
    return float(sum(part in names.split("+") for names in rows["undone_by"])) / len(rows)


def _table(heads: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for head in heads:
        text = head.split("\n")[0] in ("segment", "in", "after it", "through") or head.endswith(" it")
        table.add_column(head, justify="left" if text else "right", no_wrap=not text, vertical="top")
    return table


# --- numbers ----------------------------------------------------------------------------------------------------------


def _half(one: Estimate) -> float:
    return one.interval[1] - one.value


def _scale(values: Sequence[Estimate]) -> Scale:
    return scale_for("share", [one.value for one in values], [_half(one) for one in values])


def _interval(scale: Scale, one: Estimate, unit: bool = False, sign: bool = False) -> str:
    value = scale.text(one.value, sign=sign)
    if unit and scale.unit:
        value = f"{value} {scale.unit.removesuffix('usd').strip()}".rstrip()
    low, high = one.interval
    return f"{value} [{scale.text(low, sign=sign)}, {scale.text(high, sign=sign)}]" if math.isfinite(low) else value


def _share(one: Estimate, unit: str = "") -> str:
    scale = _scale([one])
    low, high = one.interval
    ends = f" [{scale.text(low)}, {scale.text(high)}]" if math.isfinite(low) else ""
    return f"{scale.text(one.value)}{unit}{ends}"


def _usd(one: Estimate) -> str:
    scale = scale_for("usd", [one.value], [_half(one)])
    low, high = (scale.text(end, sign=True) for end in one.interval)
    return f"{scale.text(one.value, sign=True)} {scale.unit} [{low}, {high}]"


def _percent(value: float) -> str:
    return "-" if math.isnan(value) else f"{100 * value:.0f}"
