"""What an attribution tells: what each mechanism adds to the gap between two organisations."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simulator.questions.attribution.work import Attribution, Part, attribute
from simulator.questions.frame.blocks import (
    MARK,
    Block,
    Column,
    Passage,
    Table,
    caption,
    difference,
    heading,
    note,
    text,
)
from simulator.questions.frame.coalitions import REST
from simulator.questions.frame.numbers import (
    Scale,
    WithInterval,
    began,
    excludes_0,
    gap_name,
    listed,
    scale_for,
    told,
    words,
)
from simulator.questions.frame.question import Asked, Question
from simulator.questions.frame.tidy import with_interval
from simulator.results.metric import Metric

if TYPE_CHECKING:
    import pandas as pd


class AttributionQuestion(Question[Attribution]):
    """Which mechanism is the gap made of?"""

    study = "attribution"
    files = ("attribution.csv",)

    def work(self, asked: Asked) -> Attribution:
        return attribute(asked.scenario, asked.tell, simulate=asked.simulate)

    def tables(self, attribution: Attribution) -> "Mapping[str, pd.DataFrame]":
        return {"attribution.csv": attribution_table(attribution)}

    def told(self, attribution: Attribution) -> list[Block]:
        """A row per player, a column per metric, the gap below; then what the reader must know."""
        gap = heading(gap_name(attribution.challenger, attribution.baseline))
        return [gap, _parts(attribution), *map(note, attribution.notes), _caption(attribution)]

    def conclusion(self, attribution: Attribution) -> list[str]:
        return conclusion(attribution)

    def arms(self, attribution: Attribution) -> tuple[Any, Sequence[str]]:
        return attribution.scenario, (attribution.baseline, attribution.challenger)

    def metrics(self, attribution: Attribution) -> Sequence[str]:
        return attribution.scenario.study.attribution.metrics

    def facts(self, attribution: Attribution) -> Mapping[str, Any]:
        return {
            "baseline": attribution.baseline,
            "challenger": attribution.challenger,
            "players": list(attribution.players),
            "exact": attribution.exact,
            "coalitions": attribution.coalitions,
            "runs": attribution.runs,
        }


QUESTION = AttributionQuestion()


def gap_scale(attribution: Attribution, metric: Metric) -> Scale:
    """A scale for the gap and all its parts."""
    shown: list[WithInterval] = [attribution.gap(metric), *attribution.parts_of(metric)]
    return scale_for(metric.unit, [each.value for each in shown], [each.interval[1] - each.value for each in shown])


# --- tables -----------------------------------------------------------------------------------------------------------


def attribution_table(attribution: Attribution) -> "pd.DataFrame":
    """Tidy table, a row for each metric and player, as ``attribution.csv`` has it."""
    import pandas as pd

    rows = []
    for part in attribution.parts:
        gap = attribution.gap(part.metric).value
        rows.append({
            "scenario": attribution.scenario.name, "baseline": attribution.baseline,
            "organisation": attribution.challenger, "metric": part.metric.key, "unit": part.metric.unit,
            "player": part.player, "keys": " ".join(attribution.keys[part.player]), **with_interval("value", part),
            "share_of_gap": part.value / gap if gap else math.nan,
            "replications": attribution.scenario.run.replications,
            "method": "exact" if attribution.exact else "sampled", "coalitions": attribution.coalitions,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _parts(attribution: Attribution) -> Table:
    """Players by what they add to the first metric, and the whole gap."""
    order = [part.player for part in attribution.parts_of(attribution.metrics[0])]
    columns = [Column("\nwhat the gap is made of", [*map(words, order), text("the whole gap", "strong")])]
    for metric in attribution.metrics:
        scale = gap_scale(attribution, metric)
        by_player = {part.player: part for part in attribution.parts_of(metric)}
        shown: list[WithInterval] = [*(by_player[name] for name in order), attribution.gap(metric)]
        cells = [difference(metric, scale, each) for each in shown]
        columns.append(Column(f"{scale.headed(metric.label)}\n", cells))
    return Table(columns, fixed=1, spaced=True)


def _caption(attribution: Attribution) -> Passage:
    run, asked = attribution.scenario.run, attribution.scenario.study.attribution
    how = f"{attribution.coalitions:,} organisations between the two"
    how = f"all {how}" if attribution.exact else f"{how}, on {asked.orders - asked.orders % 2:,} drawn orders"
    rest = [key.split(".")[0] for key in attribution.keys.get(REST, ())]
    left = f"Everything else: {', '.join(dict.fromkeys(map(words, rest)))}. " if rest else ""
    return caption(
        f"Each part is what a mechanism adds when it takes {words(attribution.challenger)}'s values, on average over "
        "all orders in which mechanisms can do so (Shapley value); parts add up to the gap.",
        f"{left}{run.replications:,} replications (seed {run.seed}) of {how}, the same buyers everywhere: "
        f"{attribution.runs:,} runs.",
        f"[ ]: 95% intervals over replications{'' if attribution.exact else ' and drawn orders'}. {MARK} marks one "
        "that excludes 0; one in 20 does so by chance. Differences of % are percentage points.",
    )


# --- in sentences -----------------------------------------------------------------------------------------------------


def conclusion(attribution: Attribution) -> list[str]:
    """What most of the first metric's gap is made of, and what works against it."""
    metric = attribution.metrics[0]
    scale, gap = gap_scale(attribution, metric), attribution.gap(metric)
    if not math.isfinite(gap.value):
        return [f"{began(metric.label)}: there is no gap to take apart, as it cannot be estimated."]
    parts = [part for part in attribution.parts_of(metric) if part.player != REST]
    rest = next((part for part in attribution.parts_of(metric) if part.player == REST), None)
    up = [part for part in parts if part.low > 0]
    down = [part for part in reversed(parts) if part.high < 0]
    sure = "" if excludes_0(gap.interval) else ", which may be chance"
    first = (
        f"The {metric.label} of {words(attribution.challenger)} differs from that of {words(attribution.baseline)} by "
        f"{told(scale, gap, apart=True)}{sure}: {_list(scale, up, 'raised by') or 'no mechanism raises it'}"
        f"{_list(scale, down, '; lowered by') or ', none lowers it'} for sure."
    )
    unsure = [words(part.player) for part in parts if part not in up and part not in down]
    second = [f"{listed(unsure)} may add nothing" if unsure else ""]
    if rest is not None:
        second.append(f"everything else adds {told(scale, rest, apart=True)}")
    said = "; ".join(filter(None, second)) or "no part is in doubt"
    return [first, f"{began(said)}; all parts add up to the gap."]


def _list(scale: Scale, parts: Sequence[Part], verb: str) -> str:
    said = [f"{words(part.player)} ({told(scale, part, apart=True)})" for part in parts]
    return f"{verb} {listed(said)}" if said else ""
