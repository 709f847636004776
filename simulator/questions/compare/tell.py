"""What a comparison tells: estimates of every organisation and paired differences, and who wins by how much."""

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simulator.questions.compare.precision import Reached
from simulator.questions.compare.work import Comparison, compare
from simulator.questions.frame.blocks import (
    MARK,
    Block,
    Column,
    Passage,
    Table,
    caption,
    difference,
    half_width,
    text,
)
from simulator.questions.frame.numbers import (
    Scale,
    amounts,
    began,
    bracketed,
    count,
    excludes_0,
    gap_name,
    listed,
    pay_in_words,
    scale_for,
    times,
    words,
)
from simulator.questions.frame.question import Asked, Question
from simulator.questions.frame.runs import Simulate, in_turn
from simulator.questions.transition.work import in_words, path_table, paths
from simulator.results.channels import channels_table
from simulator.results.estimate import variance_ratio
from simulator.results.folder import Folder
from simulator.results.groups import groups_table
from simulator.results.load import PeriodLoad, load_table, period_load
from simulator.results.metric import GROUPS, Metric
from simulator.results.metrics import BY_KEY, METRICS
from simulator.results.months import months_table
from simulator.results.replications import replications_table
from simulator.results.summary import Result
from simulator.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from simulator.questions.compare.crm_export import CrmExport
    from simulator.questions.compare.recording import Recorder

#: What the two sentences are about: who wins, then how soon and at what cost.
WINS, DAYS, COST = "win_rate_inquiries", "project_cycle_median", "cost_per_won"

_HEADLINES = tuple(metric for metric in METRICS if metric.headline)
_COUNTS = ("events", "buyers", "cohort", "inquiries", "opportunities", "won")


class ComparisonQuestion(Question[Comparison]):
    """Who wins, by how much, how sure?"""

    study = "compare"
    files = ("metrics.csv", "comparisons.csv", "replications.csv", "channels.csv", "buy_chance_by_group_size.csv",
             "cohorts.csv", "load.csv",
             "journeys.parquet", "assets.parquet")  # fmt: skip
    first_figure = "cycle_time"  # who buys, and when

    def work(self, asked: Asked) -> Comparison:
        """Every run's rows go to Parquet as it ends, so that memory holds a few runs only; the load of each is kept."""
        scenario, results, simulate = asked.scenario, asked.results, asked.simulate
        exported = _exporter(asked) if scenario.run.export == "crm" else None
        simulate = exported.simulate if exported else simulate
        if scenario.run.record == "touches":
            simulate = _recorder(results, scenario, simulate).simulate
        journeys, assets = results.table("journeys.parquet"), results.table("assets.parquet")
        loads: dict[str, list[PeriodLoad]] = {}

        def keep(result: Result) -> None:
            journeys.append(result.journeys)
            assets.append(result.assets)
            loads.setdefault(result.organisation, []).append(period_load(result))
            if exported is not None:
                exported.keep(result)

        comparison = compare(scenario, progress=asked.tell, simulate=simulate, keep=keep)
        return dataclasses.replace(comparison, loads=loads)

    def tables(self, comparison: Comparison) -> "Mapping[str, pd.DataFrame]":
        name, summaries = comparison.scenario.name, comparison.summaries
        tables = {
            "metrics.csv": comparison.metrics,
            "comparisons.csv": comparison.differences,
            "replications.csv": replications_table(name, summaries),
            "channels.csv": channels_table(name, summaries),
            "buy_chance_by_group_size.csv": groups_table(name, summaries),
            "cohorts.csv": months_table(name, summaries),
            "load.csv": load_table(name, comparison.loads),
        }
        return {**tables, "transition.csv": path_table(comparison)} if paths(comparison) else tables

    def told(self, comparison: Comparison) -> list[Block]:
        changes = [Passage(in_words(path)) for path in paths(comparison)]
        return [metrics_table(comparison, _HEADLINES), caption(*_caption(comparison)), *changes]

    def conclusion(self, comparison: Comparison) -> list[str]:
        """Who wins more and by how much; then what it takes in time and money. With 95% intervals."""
        if len(comparison.organisations) < 2:
            return [f"{began(words(comparison.baseline))} was run alone: there is nothing to compare it with."]
        reached = [precision(comparison.reached)] if comparison.reached else []
        return [_wins(comparison), _days_and_cost(comparison), *reached]

    def facts(self, comparison: Comparison) -> Mapping[str, Any]:
        """How large it was."""
        return {
            "replications": comparison.replications,
            "payroll_usd_per_year": comparison.payrolls(),
            "counts": {
                name: {what: round(comparison.total(name, what)) for what in _COUNTS}
                for name in comparison.organisations
            },
        }

    def arms(self, comparison: Comparison) -> tuple[Any, Sequence[str]]:
        return comparison.scenario, comparison.organisations

    def metrics(self, comparison: Comparison) -> Sequence[str]:
        return [metric.key for metric in _HEADLINES]

    def headline(self, comparison: Comparison) -> list[Block]:
        """What the conclusion is about, in a few rows."""
        return [metrics_table(comparison, [BY_KEY[key] for key in (WINS, DAYS, COST)])]

    def sure(self, comparison: Comparison) -> list[str]:
        return list(sureness(comparison))

    def alike(self, comparison: Comparison) -> str:
        return pay_and_spend(comparison)


QUESTION = ComparisonQuestion()


def _exporter(asked: Asked) -> "CrmExport":
    """What writes the folder ``crm``."""
    from simulator.questions.compare.crm_export import CrmExport  # brings numba: only when it is needed

    return CrmExport(asked.results, asked.scenario.compared(), asked.simulate)


def _recorder(results: Folder, scenario: Scenario, simulate: Simulate | None) -> "Recorder":
    """What writes ``touches.parquet``."""
    from simulator.questions.compare.recording import Recorder  # brings numba: only when it is needed

    turns = in_turn(scenario.compared())
    return results.written("touches.parquet", lambda path, final: Recorder(path, final, turns, simulate))


# --- tables -----------------------------------------------------------------------------------------------------------


def metric_scale(comparison: Comparison, metric: Metric) -> Scale:
    """One scale for the estimates and the differences of a metric."""
    estimates = [comparison.found[name][metric.key] for name in comparison.organisations]
    differences = [comparison.difference(name, metric.key) for name in comparison.organisations[1:]]
    halves = [(high - low) / 2 for low, high in (each.interval for each in (*estimates, *differences))]
    return _telling(scale_for(metric.unit, [each.value for each in estimates], halves), comparison, metric.key)


def metrics_table(comparison: Comparison, metrics: Sequence[Metric]) -> Table:
    """Estimates of each organisation, and differences to the baseline: two parts of a table if it is too wide."""
    baseline, *others = comparison.organisations
    metrics = sorted(metrics, key=lambda metric: GROUPS.index(metric.group))
    groups = [metric.group for metric in metrics]
    scales = [(metric, metric_scale(comparison, metric)) for metric in metrics]
    columns = [
        Column("", [metric.label for metric in metrics]),
        Column("", [text(scale.unit, "dim") for _, scale in scales]),
    ]
    for name in comparison.organisations:
        found = comparison.found[name]
        cells = [half_width(scale, found[metric.key]) for metric, scale in scales]
        columns.append(Column(words(name), cells, joined=name != baseline))
    for name in others:
        cells = [difference(metric, scale, comparison.difference(name, metric.key)) for metric, scale in scales]
        columns.append(Column(f"{words(name)}\n- {words(baseline)}", cells, joined=name != others[0]))
    return Table(columns, groups={groups.index(group): group for group in groups}, fixed=2, spaced=True)


def _caption(comparison: Comparison) -> Iterator[str]:
    """What the reader must know to read the table."""
    scenario, run, runs = comparison.scenario, comparison.scenario.run, comparison.replications
    buyers, inquiries = (comparison.total(comparison.baseline, name) / runs for name in ("cohort", "inquiries"))
    yield (
        f"{runs:,} replication{'s' if runs > 1 else ''} (seed {run.seed}) of a cohort of {run.cohort_days:,} days: "
        f"{count(buyers)} buyers and {count(inquiries)} inquiries in {words(comparison.baseline)}, followed for "
        f"{run.follow_up_days:,} days more."
    )
    yield pay_and_spend(comparison)
    if runs > 1:
        yield (
            f"± and [ ]: 95% intervals over replications. {MARK} marks a difference whose interval excludes 0; one row "
            "in 20 does so by chance. Differences of % are percentage points."
        )
        yield from _pairing(comparison)
    else:
        yield "One replication has no intervals (-): set run.replications to 2 or more."
    if comparison.note:
        yield f"{began(comparison.note)}."
    if scenario.provenance:
        yield scenario.provenance
    yield f"{len(METRICS) - len(_HEADLINES)} more metrics are in metrics.csv."


def pay_and_spend(comparison: Comparison) -> str:
    """What all arms have alike, or not: payroll and channel spend."""
    spends = {name: comparison.total(name, "spend") / comparison.replications for name in comparison.organisations}
    return f"{pay_in_words(comparison.payrolls())}; channel spend on the cohort: {amounts(spends)}."


def _pairing(comparison: Comparison) -> Iterator[str]:
    """What it is worth that the same buyers come to all."""
    metric, found = METRICS[0], comparison.found
    ratios = {name: variance_ratio(found[name][metric.key], found[comparison.baseline][metric.key])
              for name in comparison.organisations[1:]}  # fmt: skip
    shown = ", ".join(f"{words(name)} {times(ratio)}" for name, ratio in ratios.items() if math.isfinite(ratio))
    if shown:
        yield (
            f"Who comes to several organisations is the same buyer in each; without that, the {metric.label} would "
            f"need this many times the replications for the same interval: {shown}."
        )


# --- in sentences -----------------------------------------------------------------------------------------------------


def _wins(comparison: Comparison) -> str:
    """The baseline's share of wins, then every challenger's difference to it."""
    scale = _scale(comparison, WINS)
    base = scale.with_unit(comparison.found[comparison.baseline][WINS].value)
    said = _each(comparison, lambda name: _more(comparison, WINS, name, scale))
    return f"{began(words(comparison.baseline))} wins {base} of the inquiries; {said}."


def _days_and_cost(comparison: Comparison) -> str:
    """Time and cost of a win."""
    days, cost = _scale(comparison, DAYS), _scale(comparison, COST)
    base = comparison.found[comparison.baseline]
    said = _each(comparison, lambda name: f"{_more(comparison, DAYS, name, days, ('later', 'sooner'))} and "
                                          f"{_more(comparison, COST, name, cost)} per win")  # fmt: skip
    return (
        f"Half of its wins take {days.with_unit(base[DAYS].value)} or less, and a win costs "
        f"{cost.with_unit(base[COST].value)}; {said}."
    )


def _each(comparison: Comparison, say: Callable[[str], str]) -> str:
    return "; ".join(f"{words(name)} {say(name)}" for name in comparison.organisations[1:])


def _more(comparison: Comparison, key: str, name: str, scale: Scale, ways: tuple[str, str] = ("more", "less")) -> str:
    """By how much more or less, and how sure."""
    gap = comparison.difference(name, key)
    if not math.isfinite(gap.value):
        return "cannot be compared"
    ends = f" {bracketed(scale, gap.interval, sign=True)}".rstrip()
    amount = f"{scale.text(abs(gap.value))} {scale.difference_unit}".rstrip() + f" {ways[gap.value < 0]}"
    return f"{amount}{ends}" if excludes_0(gap.interval) or not ends else f"no different for sure ({amount}{ends})"


def _scale(comparison: Comparison, key: str) -> Scale:
    """Digits that the intervals of the differences support."""
    values = [comparison.found[name][key].value for name in comparison.organisations]
    ends = [comparison.difference(name, key).interval for name in comparison.organisations[1:]]
    scale = scale_for(BY_KEY[key].unit, values, [(high - low) / 2 for low, high in ends])
    return _telling(scale, comparison, key)


def _telling(scale: Scale, comparison: Comparison, key: str) -> Scale:
    """With enough digits that no interval that excludes 0 seems to touch it."""
    ends = [comparison.difference(name, key).interval for name in comparison.organisations[1:]]
    return scale.telling_from_0(low if low > 0 else high for low, high in ends if excludes_0((low, high)))


def precision(reached: Reached) -> str:
    """Whether intervals became as narrow as asked, or what was reached within the budget."""
    whose = gap_name(reached.organisation, reached.baseline) if reached.baseline else words(reached.organisation)
    if reached.met:
        return (
            f"After {reached.replications:,} replications every headline interval reaches at most {reached.asked:.1%} "
            f"of its estimate to either side; the widest is {reached.metric.label}, {whose}, with {reached.width:.1%}."
        )
    return (
        f"The precision of {reached.asked:.1%} was not met within {reached.replications:,} replications: "
        f"{reached.metric.label}, {whose}, has {reached.width:.1%}, which would take about {reached.needed:,} "
        "(study.compare.most_replications)."
    )


def sureness(comparison: Comparison) -> Iterator[str]:
    """How many differences of the table have an interval that excludes 0, and which of those in the conclusion."""
    others = comparison.organisations[1:]
    if not others or comparison.replications < 2:
        return
    shown = [(name, metric.key) for name in others for metric in _HEADLINES]
    sure = {each for each in shown if excludes_0(comparison.difference(*each).interval)}
    yield (
        f"Of {len(shown):,} differences in the table of all headline metrics, {len(sure):,} "
        "have an interval that excludes 0; about one in 20 would by chance alone."
    )
    for name in others:
        yes, no = ([f"“{BY_KEY[key].label}”" for key in (WINS, DAYS, COST) if ((name, key) in sure) is way]
                   for way in (True, False))  # fmt: skip
        said = (f"the interval excludes 0 for {listed(yes)}" if yes else "",
                f"the interval holds 0 for {listed(no)}" if no else "")  # fmt: skip
        yield f"{began(words(name))} less {words(comparison.baseline)}: {'; '.join(filter(None, said))}."
