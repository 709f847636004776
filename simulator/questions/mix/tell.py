"""What a search for the best team tells: the finalists, what each is better at than today, and how much was luck."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simulator.questions.frame.blocks import (
    MARK,
    Block,
    Column,
    caption,
    estimate,
    heading,
    listing,
    marked,
    note,
)
from simulator.questions.frame.numbers import (
    Scale,
    Span,
    began,
    excludes_0,
    listed,
    scale_for,
    scale_of,
    stated,
    told,
    usd,
    words,
)
from simulator.questions.frame.question import Asked, Question
from simulator.questions.frame.tidy import with_interval
from simulator.questions.frame.typed_settings import as_scenario
from simulator.questions.mix.candidates import Candidate
from simulator.questions.mix.work import Finalist, TeamSearch, mix
from simulator.results.metric import Metric
from simulator.scenario.scenario import payroll_usd_per_year

if TYPE_CHECKING:
    import pandas as pd


class MixQuestion(Question[TeamSearch]):
    """What is the best team for this payroll?"""

    study = "mix"
    files = ("trials.csv", "front.csv", "team.yaml")

    def work(self, asked: Asked) -> TeamSearch:
        return mix(asked.scenario, asked.tell, simulate=asked.simulate)

    def tables(self, search: TeamSearch) -> "Mapping[str, pd.DataFrame]":
        return {"trials.csv": trials_table(search), "front.csv": front_table(search)}

    def texts(self, search: TeamSearch) -> Mapping[str, str]:
        return {"team.yaml": team_yaml(search)}

    def told(self, search: TeamSearch) -> list[Block]:
        return [*_teams(search), *_luck_of_all(search), *map(note, notes(search)), caption(*_caption(search))]

    def conclusion(self, search: TeamSearch) -> list[str]:
        """Which team, by how much better than today, and how much of what the search promised was luck."""
        return [_recommended(search), _luck(search)]

    def metrics(self, search: TeamSearch) -> Sequence[str]:
        return search.scenario.study.mix.objectives

    def facts(self, search: TeamSearch) -> Mapping[str, Any]:
        return {
            "organisation": search.organisation,
            "recommended": search.settings(),
            "trials": len(search.candidates),
            "stopped": search.stopped,
            "runs": search.runs,
        }


QUESTION = MixQuestion()


def difference_scale(search: TeamSearch, metric: Metric) -> Scale:
    """A scale for differences of one objective that stand beside each other."""
    return scale_of(metric.unit, [search.difference(finalist, metric.key) for finalist in search.finalists])


# --- files ------------------------------------------------------------------------------------------------------------


def trials_table(search: TeamSearch) -> "pd.DataFrame":
    """One row per team that was tried, with its objectives on the seeds of the search."""
    import pandas as pd

    letters = {finalist.candidate.number: finalist.letter for finalist in search.finalists}
    rows = []
    for candidate in search.candidates:
        row = {"trial": candidate.number, **_team(search, candidate)}
        for metric in search.objectives:
            row |= with_interval(metric.key, candidate.found.get(metric.key), f"{metric.key}_")
        rows.append(row | {"finalist": letters.get(candidate.number, ""), "refused": candidate.refused})
    return pd.DataFrame(rows)


def front_table(search: TeamSearch) -> "pd.DataFrame":
    """One row per finalist and objective, on the seeds of the check; differences are to the present team."""
    import pandas as pd

    front = search.front
    rows = []
    for finalist in search.finalists:
        for metric in search.objectives:
            apart, luck = search.difference(finalist, metric.key), search.luck(finalist, metric.key)
            wide = apart.interval_at(search.level)
            rows.append({
                "finalist": finalist.letter, "trial": finalist.candidate.number, **_team(search, finalist.candidate),
                "metric": metric.key, "unit": metric.unit, **with_interval("estimate", finalist.checked[metric.key]),
                **with_interval("difference", apart, "difference_"),
                "together_ci_low": wide[0], "together_ci_high": wide[1],
                "promised": search.promised(finalist, metric.key).value, **with_interval("luck", Span(*luck), "luck_"),
                "on_front": finalist in front, "may_be_best": search.may_be_best(finalist),
                "recommended": finalist is search.recommended,
                "replications": search.scenario.study.mix.check_replications,
            })  # fmt: skip
    return pd.DataFrame(rows)


def _team(search: TeamSearch, candidate: Candidate) -> Mapping[str, Any]:
    return {
        "scenario": search.scenario.name,
        "organisation": search.organisation,
        **candidate.heads._asdict(),
        "payroll_usd_per_year": search.pay(candidate),
        **candidate.values,
    }


def team_yaml(search: TeamSearch) -> str:
    """The recommended team as a scenario: what was asked about, with these people and policies on top."""
    scenario, settings = search.scenario, dict[str, Any](search.settings())
    pays = [payroll_usd_per_year(scenario.organisations[name]) for name in scenario.compared()]
    pays.append(search.pay(search.recommended.candidate))
    if max(pays) > 1.005 * min(pays):  # what a comparison refuses unless it is meant
        settings["compare.equal_payroll"] = False
    return as_scenario(
        scenario, settings, "team",
        f"The scenario {scenario.name} with the team that a search recommends for {search.organisation}.",
    )  # fmt: skip


# --- tables -----------------------------------------------------------------------------------------------------------


def _teams(search: TeamSearch) -> Iterator[Block]:
    """Who they are, and what they came to in the check."""
    finalists = search.finalists
    names = Column("team", [_name(search, finalist) for finalist in finalists])
    where = f"Teams of {words(search.organisation)} for {usd(search.payroll_usd)} a year, checked on other seeds"
    yield heading(where, apart=False)
    heads = zip(*(finalist.candidate.heads for finalist in finalists), strict=True)
    yield listing(
        names,
        *(Column(role, list(map(str, own))) for role, own in zip(("marketers", "SDRs", "reps"), heads, strict=True)),
        Column("payroll", [usd(search.pay(finalist.candidate)) for finalist in finalists]),
        *(Column(words(free.name), [f"{finalist.candidate.values[free.name]:.3g}" for finalist in finalists])
          for free in search.free),
    )  # fmt: skip
    columns = []
    for metric in search.objectives:
        scale = scale_of(metric.unit, [finalist.checked[metric.key] for finalist in finalists])
        apart = difference_scale(search, metric)
        columns += [
            Column(f"{metric.label},\n{scale.unit or 'number'}",
                   [estimate(scale, finalist.checked[metric.key]) for finalist in finalists]),
            Column(f"- today,\n{_unit(apart)}",
                   [marked(metric, apart, search.difference(finalist, metric.key)) for finalist in finalists]),
        ]  # fmt: skip
    front = search.front
    columns.append(Column("no other\nbeats it", ["yes" if finalist in front else "" for finalist in finalists]))
    best = ["yes" if search.may_be_best(finalist) else "" for finalist in finalists]
    yield listing(names, *columns, Column("may be\nthe best", best))


def _luck_of_all(search: TeamSearch) -> Iterator[Block]:
    """What the search promised, and how much of it did not come back."""
    others = search.finalists[1:]
    if not others:
        return
    yield heading("What the search promised over today, and how much of it was luck", apart=False)
    columns = []
    for metric in search.objectives:
        lucks = [Span(*search.luck(finalist, metric.key)) for finalist in others]
        promised = [search.promised(finalist, metric.key).value for finalist in others]
        shown, halves = [*promised, *(luck.value for luck in lucks)], [luck.high - luck.value for luck in lucks]
        scale = scale_for(metric.unit, shown, halves)
        mean = scale.text(sum(promised) / len(promised), sign=True)
        columns += [
            Column(f"{metric.label}\npromised, {_unit(scale)}",
                   [*(scale.text(value, sign=True) for value in promised), mean]),
            Column("luck", [*(estimate(scale, luck, sign=True) for luck in lucks),
                            scale.text(search.mean_luck(metric.key), sign=True)]),
        ]  # fmt: skip
    yield listing(Column("team", [*(_name(search, finalist) for finalist in others), "on average"]), *columns)


def _name(search: TeamSearch, finalist: Finalist) -> str:
    """A finalist in a table, and whether it is recommended."""
    return finalist.letter + (" (recommended)" if finalist is search.recommended else "")


def _unit(scale: Scale) -> str:
    return scale.difference_unit or "number"


# --- in sentences -----------------------------------------------------------------------------------------------------


def in_words(finalist: Finalist) -> str:
    """4 marketers, 1 SDR and 4 reps."""
    counts = zip(finalist.candidate.heads, ("marketer", "SDR", "rep"), strict=True)
    return listed([f"{count} {role}{'' if count == 1 else 's'}" for count, role in counts])


def _recommended(search: TeamSearch) -> str:
    best, before, who = search.recommended, search.present, words(search.organisation)
    pay = f"for {usd(search.pay(best.candidate))} a year"
    if best is before:
        tried = f"{len(search.candidates):,} teams and policies tried"
        if len(search.finalists) == 1:
            return (
                f"Of {tried}, none besides today's could be checked, so that {who} stays with {in_words(best)} {pay}."
            )
        leader, first = _leader(search), search.objectives[0].label
        policies = _policies(search, leader).rstrip(",")
        rest = " and no worse in the others" if len(search.objectives) > 1 else ""
        return (
            f"None of {tried} is surely better for {who} in {first}{rest} than today's {in_words(best)} {pay}; the "
            f"best in {first}, {in_words(leader)}{policies}, comes to {_gains(search, leader)}."
        )
    among = f"Among teams that are worse in no objective, {who}" if len(search.objectives) > 1 else began(who)
    return (
        f"{among} does best with {in_words(best)}{_policies(search, best)} {pay}, against today's {in_words(before)} "
        f"for {usd(search.pay(before.candidate))}: {_gains(search, best)}, on seeds that the search never saw."
    )


def _leader(search: TeamSearch) -> Finalist:
    """The best of the first objective besides the present team."""
    metric = search.objectives[0]
    sign = -1.0 if metric.better == "higher" else 1.0
    return min(search.finalists[1:], key=lambda finalist: sign * finalist.checked[metric.key].value)


def _policies(search: TeamSearch, finalist: Finalist) -> str:
    """Policies that differ from today's."""
    values = finalist.candidate.values
    changed = [
        f"{words(free.name)} times {values[free.name]:.3g}" if free.factor
        else f"{words(free.name)} {values[free.name]:.3g} (today {free.default:g})"
        for free in search.free if values[free.name] != free.default
    ]  # fmt: skip
    return f", {listed(changed)}," if changed else ""


def _gains(search: TeamSearch, finalist: Finalist) -> str:
    """Differences to the present team, with intervals that hold all together."""
    gains = []
    for metric in search.objectives:
        apart = search.difference(finalist, metric.key)
        size = stated(scale_of(metric.unit, [apart]), apart.value, apart.interval_at(search.level), apart=True)
        gains.append(f"{metric.label} {size}")
    return listed(gains)


def _luck(search: TeamSearch) -> str:
    if len(search.finalists) == 1:
        return "The search promised nothing that could be luck."
    finalist = search.recommended if search.recommended is not search.present else _leader(search)
    metric = search.objectives[0]
    promised, luck = search.promised(finalist, metric.key), Span(*search.luck(finalist, metric.key))
    scale = scale_of(metric.unit, [promised, search.difference(finalist, metric.key)])
    size = told(scale, luck, apart=True)
    amount = f"{scale.text(promised.value, sign=True)} {scale.difference_unit}".rstrip()
    said = f"The search had promised {amount} of {metric.label}"
    sign = 1.0 if metric.better == "higher" else -1.0
    if sign * luck.value <= 0:
        return f"{said}, and fresh seeds confirm all of it (luck, which is promised less found: {size})."
    sure = "" if excludes_0(luck.interval) else ", itself within chance"
    return f"{said}; fresh seeds do not confirm {size} of that, which was luck{sure}."


def notes(search: TeamSearch) -> Iterator[str]:
    """What the reader must know besides."""
    asked = search.scenario.study.mix
    if search.stopped:
        yield f"the search was {search.stopped} after {len(search.candidates):,} of {asked.trials:,} trials"
    elif len(search.candidates) < asked.trials:
        yield f"every team that the payroll allows was tried: {len(search.candidates):,} of {asked.trials:,} trials"
    present = search.pay(search.present.candidate)
    if abs(present - search.payroll_usd) > asked.payroll_tolerance * search.payroll_usd:
        yield f"today's team costs {usd(present)} a year, so that differences to it are not at equal pay"
    refused = sum(bool(candidate.refused) for candidate in search.candidates)
    if refused:
        yield f"{refused:,} of the teams could not be run (refused in trials.csv)"
    if search.note:
        yield search.note


def _caption(search: TeamSearch) -> Iterator[str]:
    asked, run = search.scenario.study.mix, search.scenario.run
    policies = f" and {len(search.free):,} policies" if search.free else ""
    yield (
        f"Search: {len(search.candidates):,} trials over {search.teams:,} teams within {asked.payroll_tolerance:.1%} "
        f"of {usd(search.payroll_usd)}{policies}, {asked.replications:,} replications each (seed {run.seed}). Check: "
        f"{asked.check_replications:,} replications (seed {asked.check_seed}); {search.runs:,} runs, the same buyers "
        "for all."
    )
    yield (
        f"[ ]: 95% intervals over replications; {MARK}: it excludes 0. Intervals of the conclusion hold for all "
        f"finalists and objectives together ({search.level:.1%} each)."
    )
    first = search.objectives[0].label
    yield (
        f"Recommended: the best {first} among those surely better in it (all intervals together) and worse in no other "
        f"objective (its own 95% interval). May be the best: its {first} cannot be told from the best one's."
    )
