"""What both lives of the same buyers tell: who flipped, where lives part and through what."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simulator.questions.frame.blocks import (
    Block,
    Cell,
    Column,
    Passage,
    Table,
    caption,
    estimate,
    filled,
    heading,
    note,
)
from simulator.questions.frame.coalitions import REST
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
from simulator.questions.frame.numbers import NOTHING as NO_NUMBER
from simulator.questions.frame.numbers import bracketed, scale_across, told, words
from simulator.questions.frame.question import Asked, Question
from simulator.questions.frame.tidy import with_interval
from simulator.questions.twins.stories import stories_table, stories_text
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
    REVENUE_BASELINE,
    REVENUE_CHALLENGER,
    SCOPES,
    Twins,
    twins,
)
from simulator.results.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

#: Share of the flips that even the least mechanism undoes, from which on it is said.
_MUCH = 0.1

#: Ways of parting that are printed; all are in ``divergences.csv``.
_WAYS = 12


class TwinsQuestion(Question[Twins]):
    """Which buyers flip between two organisations, and where do their lives part?"""

    study = "twins"
    files = ("twins.csv", "divergences.csv", "lives.csv", "stories.csv", "stories.md")

    def work(self, asked: Asked) -> Twins:
        return twins(asked.scenario, asked.tell, simulate=asked.simulate)

    def tables(self, twins: Twins) -> "Mapping[str, pd.DataFrame]":
        return {
            "twins.csv": twins_table(twins),
            "divergences.csv": divergences_table(twins),
            "lives.csv": twins.divergences.drop(columns="arrived_us"),
            "stories.csv": stories_table(twins),
        }

    def texts(self, twins: Twins) -> Mapping[str, str]:
        return {"stories.md": stories_text(twins)}

    def told(self, twins: Twins) -> list[Block]:
        blocks: list[Block] = [
            heading(f"Who flipped, {pair(twins)}"),
            _flip_table(twins),
            Passage(coupling(twins), apart=True),
        ]
        if twins.divergences["parted"].any():
            blocks += [heading("Through what lives part for the first time"), _mechanism_table(twins)]
            blocks += [heading("How they part, commonest first"), _way_table(twins)]
        return [*blocks, *map(note, notes(twins)), _caption(twins)]

    def conclusion(self, twins: Twins) -> list[str]:
        """Who flipped and what it is worth; where and through what most lives part."""
        return [_flips(twins), _parting(twins)]

    def arms(self, twins: Twins) -> tuple[Any, Sequence[str]]:
        return twins.scenario, (twins.baseline, twins.challenger)

    def metrics(self, twins: Twins) -> Sequence[str]:
        return "win_rate_inquiries", "revenue"

    def facts(self, twins: Twins) -> Mapping[str, Any]:
        return {
            "organisations": [twins.baseline, twins.challenger],
            "parts": [part.name for part in twins.parts],
            "detailed_replications": twins.detailed,
            "runs": twins.runs,
        }


QUESTION = TwinsQuestion()


# --- files ------------------------------------------------------------------------------------------------------------


def twins_table(twins: Twins) -> "pd.DataFrame":
    """Tidy table of who was won where, as ``twins.csv`` has it; buyers and usd are means per replication."""
    import pandas as pd

    rows = []
    for scope, segment, fate in itertools.product(SCOPES, twins.segments, FATES):
        buyers, baseline, challenger, single = (
            twins.mean(what, fate, scope=scope, segment=segment)
            for what in (BUYERS, REVENUE_BASELINE, REVENUE_CHALLENGER, CAME_TO_ONE)
        )
        rows.append({
            "scenario": twins.scenario.name, "baseline": twins.baseline, "challenger": twins.challenger, "of": scope,
            "segment": segment, "won_by": fate, **with_interval("buyers", buyers, "buyers_"),
            **with_interval("share", twins.share(fate, scope, segment), "share_"),
            "revenue_baseline_usd": baseline.value, "revenue_challenger_usd": challenger.value,
            **with_interval("revenue_difference_usd", challenger - baseline, "revenue_difference_"),
            "came_to_one_only": single.value, "replications": twins.replications,
        })  # fmt: skip
    return pd.DataFrame(rows)


def divergences_table(twins: Twins) -> "pd.DataFrame":
    """How many buyers part how, as ``divergences.csv`` has it."""
    table = divergence_kinds(twins.divergences)
    table.insert(0, "scenario", twins.scenario.name)
    table.insert(1, "baseline", twins.baseline)
    table.insert(2, "challenger", twins.challenger)
    return table.assign(replications=twins.detailed)


# --- tables -----------------------------------------------------------------------------------------------------------


def _columns(*heads: str) -> list[Column]:
    """Columns of numbers to the right; those of words, which may be broken, to the left."""
    wordy = {head: head in ("segment", "in", "after it", "through") or head.endswith(" it") for head in heads}
    return [Column(head, right=not wordy[head], wraps=wordy[head]) for head in heads]


def _flip_table(twins: Twins) -> Table:
    base, other = words(twins.baseline), words(twins.challenger)
    heads = {BOTH: "won by both", ONLY_CHALLENGER: f"only by {other}", ONLY_BASELINE: f"only by {base}",
             NEITHER: "by neither"}  # fmt: skip
    rows: list[list[Cell | str]] = []
    for segment in twins.segments:
        shares = [twins.share(fate, segment=segment) for fate in heads]
        scale = scale_across("share", shares[:3])
        inquiring = twins.mean(BUYERS, *FATES, scope=INQUIRIES, segment=segment).value
        rows.append([words(segment) or "all", f"{inquiring:,.0f}", *(estimate(scale, share) for share in shares),
                     _worth(twins.worth(ONLY_BASELINE, ONLY_CHALLENGER, segment=segment))])  # fmt: skip
    columns = _columns("segment", "inquire", *(f"{head}\n% of them" for head in heads.values()),
                       "flips are worth,\nusd a cohort")  # fmt: skip
    return Table(filled(columns, rows), ["" if segment else "strong" for segment in twins.segments])


def _worth(worth: Estimate) -> str:
    """An amount in thousands or millions of usd, as it is best read, under a head that says usd."""
    scale = scale_across("usd", [worth])
    unit = scale.unit.removesuffix("usd").strip()
    return " ".join(filter(None, (scale.text(worth.value, True), unit, bracketed(scale, worth.interval, True))))


def _mechanism_table(twins: Twins) -> Table:
    lives = twins.divergences
    parted, through, gained, lost = lives["parted"], lives["mechanism"], lives["flip"] == GAINED, lives["flip"] == LOST
    names = (*(part.name for part in twins.parts), EACH_NEEDED, NO_SINGLE)
    counts = {name: int((through == name).sum()) for name in names}
    rows: list[list[Cell | str]] = []
    for name in sorted(counts, key=lambda name: -counts[name]):
        share = twins.rate(through == name, parted)
        rows.append([
            at_work(name), f"{counts[name]:,}", estimate(scale_across("share", [share]), share),
            *(f"{((through == name) & flips).sum():,}" for flips in (gained, lost)),
            *(_percent(_undone(twins, name, flips)) if name not in (EACH_NEEDED, NO_SINGLE) else ""
              for flips in (gained, lost)),
        ])  # fmt: skip
    rows.append(["all that part", f"{parted.sum():,}", "", f"{gained.sum():,}", f"{lost.sum():,}", "", ""])
    columns = _columns("through", "buyers", "% of lives that part", "gained", "lost", "gains undone\n%",
                       "losses undone\n%")  # fmt: skip
    return Table(filled(columns, rows), [*[""] * len(counts), "strong"])


def _undone(twins: Twins, part: str, flips: "pd.Series") -> float:
    """Of these flips, the share that taking back a part alone turns around."""
    undone_by = twins.divergences["undone_by"][flips]
    return sum(part in names.split("+") for names in undone_by) / len(undone_by) if len(undone_by) else math.nan


def _percent(share: float) -> str:
    return NO_NUMBER if math.isnan(share) else f"{100 * share:.0f}"


def _way_table(twins: Twins) -> Table:
    """The commonest ways to part, and all others in one row."""
    ways = divergence_kinds(twins.divergences.assign(waiting=False))
    shown, others = ways.head(_WAYS), ways[_WAYS:]
    rows: list[list[str]] = [
        [f"{way['buyers']:,}", f"{100 * way['share']:.1f}", words(way["stage"]),
         *(_event(way[name]) for name in ("after", "event_baseline", "event_challenger")), at_work(way["mechanism"]),
         f"{way['gained']:,}", f"{way['lost']:,}"]
        for way in shown.to_dict("records")
    ]  # fmt: skip
    if len(others):
        buyers, share, gained, lost = (others[name].sum() for name in ("buyers", "share", "gained", "lost"))
        rows.append([f"{buyers:,}", f"{100 * share:.1f}", f"in {len(others):,} other ways", *[""] * 4, f"{gained:,}",
                     f"{lost:,}"])  # fmt: skip
    base, other = words(twins.baseline), words(twins.challenger)
    columns = _columns("buyers", "%", "in", "after it", f"in {base} it", f"in {other} it", "through", "gained", "lost")
    return Table(filled(columns, rows), [*[""] * len(shown), *["dim"] * bool(len(others))])


def _event(name: str) -> str:
    return NO_NUMBER if name == NOTHING else event(name)


# --- in sentences -----------------------------------------------------------------------------------------------------


def pair(twins: Twins) -> str:
    """Both organisations by name."""
    return f"{words(twins.baseline)} and {words(twins.challenger)}"


def _share(share: Estimate, unit: str = "%") -> str:
    scale = scale_across("share", [share])
    return f"{scale.text(share.value)}{unit} {bracketed(scale, share.interval)}".rstrip()


def _flips(twins: Twins) -> str:
    base, other = words(twins.baseline), words(twins.challenger)
    gained, lost, both = (twins.share(fate) for fate in (ONLY_CHALLENGER, ONLY_BASELINE, BOTH))
    if not math.isfinite(gained.value):
        return "No buyer inquired in either life: there is nothing to win or to lose."
    if not twins.sum(BUYERS, COHORT, ALL, ONLY_BASELINE, ONLY_CHALLENGER).any():
        return f"No buyer flips: {other} wins exactly those that {base} wins, {_share(both, '')} of 100 who inquire."
    worth = twins.worth(ONLY_BASELINE, ONLY_CHALLENGER)
    return (
        f"Of 100 buyers who inquire in either life, {other} wins {_share(gained, '')} that {base} does not, and does "
        f"not win {_share(lost, '')} that {base} wins ({_share(both, '')} are won by both); in revenue of a cohort the "
        f"flips are worth {told(scale_across('usd', [worth]), worth, sign=True)}."
    )


def _parting(twins: Twins) -> str:
    lives = twins.divergences
    parted = lives["parted"]
    if not parted.any():
        return f"No life parts: every event of every buyer is the same in {pair(twins)}."
    name = str(lives["mechanism"][parted].value_counts(sort=True).index[0])
    mine = lives["mechanism"] == name
    way = divergence_kinds(lives[mine]).iloc[0]
    when = "from the start" if way["after"] == ARRIVED else f"once the buyer {event(way['after'])}"
    left, right = (
        f"in {words(organisation)} {happens(way[f'event_{arm}'])}"
        for organisation, arm in ((twins.baseline, "baseline"), (twins.challenger, "challenger"))
    )
    what = {EACH_NEEDED: "through several mechanisms, each of which is needed",
            NO_SINGLE: "through no single mechanism"}.get(name, f"through {at_work(name)}")  # fmt: skip
    return (
        f"{_share(twins.rate(parted, parted | ~parted))} of the cohort's buyers live lives that part, most often "
        f"{what} ({_share(twins.rate(mine, parted))} of those that part), typically so: {when}, {left} and {right}."
    )


def coupling(twins: Twins) -> str:
    """The paired difference of the win rate, and what ties the lives of different buyers together."""
    gap = twins.gap()
    if not math.isfinite(gap.value):
        return "There is no win rate to compare."
    waiting, parted = twins.divergences["waiting"], twins.divergences["parted"]
    shown = ""
    if parted.any() and twins.crowd > 1:
        shown = (
            f" {_share(twins.rate(waiting, parted))} of the lives that part ({waiting.sum():,}) would not part there "
            "if nobody had to wait for a person who is busy with others."
        )
    return (
        f"The same buyers, paired: the win rate differs by {told(scale_across('share', [gap]), gap, apart=True)}. "
        "Buyers share people's time, content and reviews, so that one buyer's life moves another's: a flip shows what "
        f"became of a buyer, not the effect of treating this buyer alone.{shown}"
    )


def notes(twins: Twins) -> Iterator[str]:
    """What else the reader must know."""
    if twins.note:
        yield twins.note
    single = twins.mean(CAME_TO_ONE, *FATES).value
    if single > 0:
        won = twins.mean(CAME_TO_ONE, ONLY_BASELINE, ONLY_CHALLENGER).value
        yield (
            f"budgets bring other buyers: {single:,.0f} a replication came to one organisation only, and {won:,.1f} of "
            "the flips are among them"
        )
    rest = next((part for part in twins.parts if part.name == REST), None)
    if rest:
        keys = [f"{key} ({value(base)} and {value(other)})" for key, (base, other) in rest.values.items()]
        more = f" and {len(keys) - 5} more" if len(keys) > 5 else ""
        yield f"everything else, which no mechanism owns, is {', '.join(keys[:5])}{more}"
    flips = twins.divergences["flip"] != ""
    undone = {part.name: _undone(twins, part.name, flips) for part in twins.parts} if flips.any() else {}
    least = min(undone, key=lambda name: undone[name]) if len(undone) > 1 else ""
    if least and undone[least] >= _MUCH:
        yield (
            f"whether a single buyer is won hangs on small things: even taking back {at_work(least)}, which undoes the "
            f"fewest, turns {undone[least]:.0%} of the flips around"
        )


def _caption(twins: Twins) -> Passage:
    run = twins.scenario.run
    return caption(
        f"{twins.replications:,} replications (seed {run.seed}) of a cohort of {run.cohort_days:,} days; every event "
        f"recorded in {twins.detailed:,} of them; {twins.runs:,} runs.",
        "Through: taking back this alone to the baseline's values lets both lives agree where they part.",
        "Undone: of all flips, those that taking it back alone turns around, wherever their lives part.",
        "Gained: won by the challenger only. Lost: won by the baseline only. [ ]: 95% intervals over replications.",
    )
