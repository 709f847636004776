"""What a search for the best team prints: the finalists, what each is better at than today, how much was luck."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from simulator.questions.frame.cells import MARK, verdict
from simulator.questions.frame.numbers import Scale, began, scale_for, usd, words
from simulator.questions.frame.stating import cell, heading, listed, print_table, scale_of, stated
from simulator.questions.mix.work import Finalist, TeamSearch
from simulator.results.metrics import Metric

_STYLES = {"better": "green", "worse": "red"}


def print_mix(found: TeamSearch, console: Console) -> None:
    """Print the tables, and what a reader must know."""
    heading(
        console, f"Teams of {words(found.organisation)} for {usd(found.payroll_usd)} a year, checked on other seeds"
    )
    policies = [words(one.name) for one in found.free]
    rows: list[Sequence[str | Text]] = [
        (name(found, one), *map(str, one.candidate.heads), usd(found.pay(one.candidate)),
         *(f"{one.candidate.values[free.name]:.3g}" for free in found.free))
        for one in found.finalists
    ]  # fmt: skip
    print_table(console, ("team", "marketers", "SDRs", "reps", "payroll", *policies), rows)
    _print_checked(found, console)
    _print_luck(found, console)
    for note in notes(found):
        console.print(Text(f"Note: {note}.", style="yellow"))
    console.print(Text("\n".join(_caption(found)), style="dim"))


def name(found: TeamSearch, one: Finalist) -> str:
    """A finalist in a table, and whether it is recommended."""
    return one.letter + (" (recommended)" if one is found.recommended else "")


def in_words(one: Finalist) -> str:
    """4 marketers, 1 SDR and 4 reps."""
    counts = zip(one.candidate.heads, ("marketer", "SDR", "rep"), strict=True)
    return listed([f"{count} {role}{'' if count == 1 else 's'}" for count, role in counts])


def difference_scale(found: TeamSearch, metric: Metric) -> Scale:
    """A scale for differences of one objective that stand beside each other."""
    return scale_of(metric.unit, [found.difference(one, metric.key) for one in found.finalists])


def _print_checked(found: TeamSearch, console: Console) -> None:
    heads, columns = ["team"], [[Text(name(found, one)) for one in found.finalists]]
    for metric in found.objectives:
        scale = scale_of(metric.unit, [one.checked[metric.key] for one in found.finalists])
        apart = difference_scale(found, metric)
        heads += [f"{metric.label},\n{scale.unit or 'number'}", f"- today,\n{_unit(apart)}"]
        columns.append([cell(scale, one.checked[metric.key]) for one in found.finalists])
        differences = []
        for one in found.finalists:
            difference = found.difference(one, metric.key)
            kind = verdict(metric, *difference.interval)
            text = cell(apart, difference, sign=True, style=_STYLES.get(kind, ""))
            differences.append(text.append(f" {MARK if kind else ' '}"))
        columns.append(differences)
    front = found.front
    heads.append("no other\nbeats it")
    columns.append([Text("yes" if one in front else "") for one in found.finalists])
    heads.append("may be\nthe best")
    columns.append([Text("yes" if found.may_be_best(one) else "") for one in found.finalists])
    print_table(console, heads, list(zip(*columns, strict=True)))


def _print_luck(found: TeamSearch, console: Console) -> None:
    """What the search promised, and how much of it did not come back."""
    others = found.finalists[1:]
    if not others:
        return
    heading(console, "What the search promised over today, and how much of it was luck")
    heads, columns = ["team"], [[Text(name(found, one)) for one in others] + [Text("on average")]]
    for metric in found.objectives:
        lucks = [found.luck(one, metric.key) for one in others]
        promised = [found.promised(one, metric.key).value for one in others]
        scale = scale_for(metric.unit, [*promised, *(luck[0] for luck in lucks)], [luck[2] - luck[0] for luck in lucks])
        heads += [f"{metric.label}\npromised, {_unit(scale)}", "luck"]
        mean = sum(promised) / len(promised)
        columns.append([Text(scale.text(value, sign=True)) for value in [*promised, mean]])
        texts = []
        for value, low, high in lucks:
            text = Text(scale.text(value, sign=True))
            texts.append(text.append(f" [{scale.text(low, sign=True)}, {scale.text(high, sign=True)}]", style="dim"))
        columns.append([*texts, Text(scale.text(found.mean_luck(metric.key), sign=True))])
    print_table(console, heads, list(zip(*columns, strict=True)))


def _unit(scale: Scale) -> str:
    return "points" if scale.unit == "%" else scale.unit or "number"


# --- in sentences -----------------------------------------------------------------------------------------------------


def conclusion(found: TeamSearch) -> list[str]:
    """Which team, by how much better than today, and how much of what the search promised was luck."""
    return [_team(found), _luck(found)]


def _team(found: TeamSearch) -> str:
    best = found.recommended
    pay = f"for {usd(found.pay(best.candidate))} a year"
    who = words(found.organisation)
    if best is found.present:
        tried = f"{len(found.candidates):,} teams and policies tried"
        if len(found.finalists) == 1:
            return (
                f"Of {tried}, none besides today's could be checked, so that {who} stays with {in_words(best)} {pay}."
            )
        leader, first = _leader(found), found.objectives[0].label
        policies = _policies(found, leader).rstrip(",")
        rest = " and no worse in the others" if len(found.objectives) > 1 else ""
        return (
            f"None of {tried} is surely better for {who} in {first}{rest} than today's {in_words(best)} {pay}; the "
            f"best in {first}, {in_words(leader)}{policies}, comes to {_gains(found, leader)}."
        )
    before = found.present
    among = f"Among teams that are worse in no objective, {who}" if len(found.objectives) > 1 else began(who)
    return (
        f"{among} does best with {in_words(best)}{_policies(found, best)} {pay}, against today's {in_words(before)} "
        f"for {usd(found.pay(before.candidate))}: {_gains(found, best)}, on seeds that the search never saw."
    )


def _leader(found: TeamSearch) -> Finalist:
    """The best of the first objective besides the present team."""
    metric = found.objectives[0]
    sign = -1.0 if metric.better == "higher" else 1.0
    return min(found.finalists[1:], key=lambda one: sign * one.checked[metric.key].value)


def _policies(found: TeamSearch, one: Finalist) -> str:
    """Policies that differ from today's."""
    changed = [free for free in found.free if one.candidate.values[free.name] != free.default]
    told = [
        f"{words(free.name)} {one.candidate.values[free.name]:.3g} (today {free.default:g})"
        if not free.factor
        else f"{words(free.name)} times {one.candidate.values[free.name]:.3g}"
        for free in changed
    ]
    return f", {listed(told)}," if told else ""


def _gains(found: TeamSearch, one: Finalist) -> str:
    """Differences to the present team, with intervals that hold all together."""
    told = []
    for metric in found.objectives:
        apart = found.difference(one, metric.key)
        scale = scale_of(metric.unit, [apart])
        told.append(f"{metric.label} {stated(scale, apart.value, apart.interval_at(found.level), apart=True)}")
    return listed(told)


def _luck(found: TeamSearch) -> str:
    others = found.finalists[1:]
    if not others:
        return "The search promised nothing that could be luck."
    one = found.recommended if found.recommended is not found.present else _leader(found)
    metric = found.objectives[0]
    promised, luck = found.promised(one, metric.key), found.luck(one, metric.key)
    kept = found.difference(one, metric.key)
    scale = scale_of(metric.unit, [promised, kept])
    unit = _unit(scale) if scale.unit else ""
    size = stated(scale, luck[0], luck[1:], apart=True)
    said = f"The search had promised {scale.text(promised.value, sign=True)} {unit}".rstrip() + f" of {metric.label}"
    sign = 1.0 if metric.better == "higher" else -1.0
    if sign * luck[0] <= 0:
        return f"{said}, and fresh seeds confirm all of it (luck, which is promised less found: {size})."
    sure = "" if luck[1] > 0 or luck[2] < 0 else ", itself within chance"
    return f"{said}; fresh seeds do not confirm {size} of that, which was luck{sure}."


def notes(found: TeamSearch) -> Iterator[str]:
    """What the reader must know besides."""
    asked = found.scenario.study.mix
    if found.stopped:
        yield f"the search was {found.stopped} after {len(found.candidates):,} of {asked.trials:,} trials"
    elif len(found.candidates) < asked.trials:
        yield f"every team that the payroll allows was tried: {len(found.candidates):,} of {asked.trials:,} trials"
    present = found.pay(found.present.candidate)
    if abs(present - found.payroll_usd) > asked.payroll_tolerance * found.payroll_usd:
        yield f"today's team costs {usd(present)} a year, so that differences to it are not at equal pay"
    refused = sum(bool(one.refused) for one in found.candidates)
    if refused:
        yield f"{refused:,} of the teams could not be run (refused in trials.csv)"
    if found.note:
        yield found.note


def _caption(found: TeamSearch) -> Iterator[str]:
    asked, run = found.scenario.study.mix, found.scenario.run
    policies = f" and {len(found.free):,} policies" if found.free else ""
    yield (
        f"Search: {len(found.candidates):,} trials over {found.teams:,} teams within {asked.payroll_tolerance:.1%} of "
        f"{usd(found.payroll_usd)}{policies}, {asked.replications:,} replications each (seed {run.seed}). Check: "
        f"{asked.check_replications:,} replications (seed {asked.check_seed}); {found.runs:,} runs, the same buyers "
        "for all."
    )
    yield (
        f"[ ]: 95% intervals over replications; {MARK}: it excludes 0. Intervals of the conclusion hold for all "
        f"finalists and objectives together ({found.level:.1%} each)."
    )
    first = found.objectives[0].label
    yield (
        f"Recommended: the best {first} among those surely better in it (all intervals together) and worse in no other "
        f"objective (its own 95% interval). May be the best: its {first} cannot be told from the best one's."
    )
