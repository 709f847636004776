"""What an ablation tells: what each mechanism does to the gap between organisations, and which of them carry it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simulator.questions.ablation.work import ALL_OFF, ALL_ON, ALONE, LEFT_OUT, MECHANISMS, Ablation, ablate
from simulator.questions.frame.blocks import (
    MARK,
    Block,
    Cell,
    Column,
    Passage,
    Table,
    caption,
    difference,
    heading,
    note,
    text,
)
from simulator.questions.frame.numbers import Scale, began, gap_name, listed, scale_for, stated, words
from simulator.questions.frame.question import Asked, Question
from simulator.questions.frame.tidy import with_interval
from simulator.results.estimate import Estimate
from simulator.results.metric import Metric

if TYPE_CHECKING:
    import pandas as pd


class AblationQuestion(Question[Ablation]):
    """What does each mechanism alone, and each one left out, do to the gap between organisations?"""

    study = "ablation"
    files = ("ablation.csv",)

    def work(self, asked: Asked) -> Ablation:
        return ablate(asked.scenario, asked.tell, simulate=asked.simulate)

    def tables(self, ablation: Ablation) -> "Mapping[str, pd.DataFrame]":
        return {"ablation.csv": ablation_table(ablation)}

    def told(self, ablation: Ablation) -> list[Block]:
        parts = (block for name in ablation.challengers for block in _challenger(ablation, name))
        return [*parts, *map(note, ablation.notes), _caption(ablation)]

    def conclusion(self, ablation: Ablation) -> list[str]:
        """What carries the gap of the first metric of each challenger, and what is left without mechanisms."""
        first = [f"{gap_name(name, ablation.baseline)}: {_carried(ablation, name, ablation.metrics[0])}"
                 for name in ablation.challengers]  # fmt: skip
        return [*first, _all_off(ablation)]

    def arms(self, ablation: Ablation) -> tuple[Any, Sequence[str]]:
        return ablation.scenario, ablation.organisations

    def metrics(self, ablation: Ablation) -> Sequence[str]:
        return ablation.scenario.study.ablation.metrics

    def facts(self, ablation: Ablation) -> Mapping[str, Any]:
        return {
            "mechanisms": list(ablation.mechanisms),
            "runs": ablation.runs,
            "no_gap_with_all_off": not ablation.remaining,
        }


QUESTION = AblationQuestion()


def gap_scale(ablation: Ablation, challengers: Sequence[str], metric: Metric) -> Scale:
    """A scale for all gaps and contributions of a metric that stand beside each other."""
    shown = [
        estimate for effect in ablation.effects if effect.organisation in challengers and effect.metric == metric
        for estimate in (effect.gap, effect.contribution) if estimate is not None
    ]  # fmt: skip
    return scale_for(metric.unit, [each.value for each in shown], [each.interval[1] - each.value for each in shown])


# --- tables -----------------------------------------------------------------------------------------------------------


def ablation_table(ablation: Ablation) -> "pd.DataFrame":
    """Tidy table, a row for each setting, mechanism, challenger and metric, as ``ablation.csv`` has it."""
    import pandas as pd

    return pd.DataFrame(
        {
            "scenario": ablation.scenario.name, "setting": effect.setting, "mechanism": effect.mechanism,
            "baseline": ablation.baseline, "organisation": effect.organisation, "metric": effect.metric.key,
            "unit": effect.metric.unit, **with_interval("gap", effect.gap),
            **with_interval("contribution", effect.contribution, "contribution_"),
            "replications": ablation.scenario.run.replications,
        }
        for effect in ablation.effects
    )  # fmt: skip


def _challenger(ablation: Ablation, challenger: str) -> Iterator[Block]:
    """A row for each mechanism, two columns for each metric; below, the gaps that this starts from."""
    yield heading(gap_name(challenger, ablation.baseline))
    rows: list[Cell | str] = [
        *map(words, ablation.mechanisms),
        *(text(f"gap, {how}", "strong") for how in ("all on", "all off")),
    ]
    columns = [column for metric in ablation.metrics for column in _columns(ablation, challenger, metric)]
    yield Table([Column("\nmechanism", rows), *columns], fixed=1, spaced=True)
    for sentence in conclusions(ablation, challenger):
        yield Passage(sentence)


def _columns(ablation: Ablation, challenger: str, metric: Metric) -> Iterator[Column]:
    """What a metric's mechanisms contribute alone, and left out."""
    scale = gap_scale(ablation, [challenger], metric)

    def cell(estimate: Estimate) -> Cell:
        return difference(metric, scale, estimate)

    for how, said, whole in ((ALONE, "alone", ALL_OFF), (LEFT_OUT, "left out", ALL_ON)):
        own = [cell(_contribution(ablation, how, challenger, metric, name)) for name in ablation.mechanisms]
        gap = cell(ablation.effect(whole, challenger, metric.key).gap)
        yield Column(f"{scale.headed(metric.label)}\n{said}", [*own, *(("", gap) if whole == ALL_OFF else (gap, ""))],
                     joined=how == LEFT_OUT)  # fmt: skip


def _caption(ablation: Ablation) -> Passage:
    run = ablation.scenario.run
    return caption(
        f"{run.replications:,} replications (seed {run.seed}) of each organisation in each setting, the same buyers "
        f"everywhere; {ablation.runs:,} runs.",
        "Alone: what the gap gains when only this mechanism is on. Left out: what the gap loses when only this "
        "mechanism is off.",
        f"[ ]: 95% intervals over replications. {MARK} marks one that excludes 0; one in 20 does so by chance. "
        "Differences of % are percentage points. The conclusions go by left out.",
    )


# --- in sentences -----------------------------------------------------------------------------------------------------


def conclusions(ablation: Ablation, challenger: str) -> Iterator[str]:
    """Which mechanisms carry each gap and which work against it; and that contributions need not add up."""
    for metric in ablation.metrics:
        yield _carried(ablation, challenger, metric)
    metric = ablation.metrics[0]
    said = "Mechanisms interact, so that contributions need not add up to the gap"
    on = [name for name in MECHANISMS if getattr(ablation.scenario.mechanisms, name)]
    scale = gap_scale(ablation, [challenger], metric)
    sums = {
        how: math.fsum(_contribution(ablation, how, challenger, metric, name).value for name in ablation.mechanisms)
        for how in (ALONE, LEFT_OUT)
    }
    if set(on) == set(ablation.mechanisms) and all(map(math.isfinite, sums.values())):
        gap = _signed(scale, ablation.effect(ALL_ON, challenger, metric.key).gap.value)
        said += (
            f": those to the {metric.label} sum to {_signed(scale, sums[ALONE])} alone and "
            f"{_signed(scale, sums[LEFT_OUT])} left out, the gap is {gap}"
        )
    yield f"{said}."


def _carried(ablation: Ablation, challenger: str, metric: Metric) -> str:
    """One sentence on one metric, by what leaving a mechanism out does to the gap."""
    scale = gap_scale(ablation, [challenger], metric)
    gap = ablation.effect(ALL_ON, challenger, metric.key).gap
    label = began(metric.label)
    if not math.isfinite(gap.value):
        return f"{label}: there is no gap to take apart, as it cannot be estimated."
    parts = {name: _contribution(ablation, LEFT_OUT, challenger, metric, name) for name in ablation.mechanisms}
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


def _all_off(ablation: Ablation) -> str:
    """Whether organisations differ without mechanisms, and if so, in what."""
    if not ablation.remaining:
        return "With every mechanism off, every gap is exactly 0: mechanisms alone set the organisations apart."
    said = []
    for name, keys in ablation.remaining.items():
        why = f"they also differ in {', '.join(keys)}" if keys else "though no key of theirs differs: a fault of ours"
        said.append(f"{gap_name(name, ablation.baseline)} keeps a gap: {why}")
    return f"With every mechanism off, NOT every gap is 0. {'; '.join(said)}."


def _contribution(ablation: Ablation, how: str, challenger: str, metric: Metric, mechanism: str) -> Estimate:
    contribution = ablation.effect(how, challenger, metric.key, mechanism).contribution
    assert contribution is not None
    return contribution


def _side(estimate: Estimate) -> int:
    """1 or -1 where the interval lies above or below 0; 0 where it holds 0 or there is none."""
    low, high = estimate.interval
    return int(low > 0) - int(high < 0)


def _signed(scale: Scale, value: float) -> str:
    return stated(scale, value, (math.nan, math.nan), apart=True)
