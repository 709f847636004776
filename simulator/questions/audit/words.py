"""What an audit prints: how well the score tells, what each threshold does, what each channel is credited with."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from simulator.questions.audit.credit import BY_CLOSING, BY_MQLS, LAST_TOUCH, Credit, remainder
from simulator.questions.audit.inquiries import TOUCHES
from simulator.questions.audit.work import FITS, LABELS, SCORE, TRUE_FIT, WINNABLE, WON, Audit
from simulator.questions.frame.cells import MARK, verdict
from simulator.questions.frame.numbers import Scale, count, words
from simulator.questions.frame.stating import cell, heading, print_table, scale_of, stated
from simulator.results.estimate import Estimate, of_sums, together
from simulator.results.metrics import BY_KEY
from simulator.scenario.collaboration import Handoff

#: Metrics of the table of thresholds, besides the objective's difference to today.
_SHOWN = ("inquiry_to_mql", "response_median", "win_rate_inquiries", "net")

#: Rules of credit as a reader knows them.
RULE_NAMES = {BY_MQLS: "share of MQLs", LAST_TOUCH: "last touch", BY_CLOSING: "lost if closed"}


def label_name(found: Audit, label: str) -> str:
    """When a lead is good, in words."""
    return {
        FITS: f"fits us (from {found.good_fit:g})",
        WON: "was won today",
        WINNABLE: "could be won",
    }[label]


def print_audit(found: Audit, console: Console) -> None:
    """Print the tables, and what a reader must know."""
    _print_scoring(found, console)
    _print_thresholds(found, console)
    _print_credits(found, console)
    for note in found.notes:
        console.print(Text(f"Note: {note}.", style="yellow"))
    console.print(Text(f"\n{caption(found)}", style="dim"))


# --- scoring ----------------------------------------------------------------------------------------------------------


def _print_scoring(found: Audit, console: Console) -> None:
    heading(console, f"Does the lead score of {words(found.organisation)} tell good leads from others?")
    areas = scale_of("", [one.area for one in found.rankings])
    shares = scale_of("share", [one for each in found.decisions for one in _passes(found, each.label)])
    rows: list[Sequence[str | Text]] = []
    for label in LABELS:
        true = cell(areas, found.ranking(TRUE_FIT, label).area) if label != FITS else Text("1 by definition", "dim")
        parts = [cell(shares, one) for one in _passes(found, label)]
        rows.append((label_name(found, label), cell(areas, found.ranking(SCORE, label).area), true, *parts))
    heads = (
        "a lead is good if it",
        "AUC of\nthe score",
        "AUC of true\nfit itself",
        "reach threshold\nat first look, %",
        "others\ndo, %",
        "passed on\nin the end, %",
        "others\nare, %",
    )
    print_table(console, heads, rows)
    missed = found.screening_errors
    counts = scale_of("count", [missed.good, missed.held])
    part = scale_of("share", [missed.held_share, missed.never_share, missed.wrong_share, missed.wrong_hours_share])
    money = scale_of("usd", [missed.with_same_people, missed.with_ample_people, missed.others, missed.whole])
    each = scale_of("usd", [missed.each_with_same_people, missed.each_with_ample_people])
    lines: list[tuple[str, str]] = [
        ("good leads (they fit), per replication", stated(counts, missed.good.value, missed.good.interval)),
        ("  held back: score too low at first look", _plain(counts, missed.held)),
        ("  as a share of the good ones", _plain(part, missed.held_share)),
        ("  never passed on, share of the good ones", _plain(part, missed.never_share)),
        ("all passed on at once: revenue of those held back",
         _more(money, missed.with_same_people)),
        ("  each of them: the cost of a false negative", _more(each, missed.each_with_same_people)),
        ("  revenue of all other buyers", _more(money, missed.others)),
        ("  revenue in all", _more(money, missed.whole)),
        ("the same with people for all: of those held back", _more(money, missed.with_ample_people)),
        ("  each of them: the cost of a false negative", _more(each, missed.each_with_ample_people)),
        ("passed on though they do not fit, share", _plain(part, missed.wrong_share)),
        ("  hours of SDRs and reps that go to them", _plain(part, missed.wrong_hours_share)),
    ]  # fmt: skip
    print_table(console, ("good leads held back; others passed on", ""), lines)


def _passes(found: Audit, label: str) -> tuple[Estimate, ...]:
    decision = found.decision(label)
    return decision.first_look.true_positive, decision.first_look.false_positive, *decision.in_the_end


def _plain(scale: Scale, one: Estimate) -> str:
    return stated(scale, one.value, one.interval)


def _more(scale: Scale, one: Estimate) -> str:
    return stated(scale, one.value, one.interval, apart=True)


# --- thresholds -------------------------------------------------------------------------------------------------------


def _print_thresholds(found: Audit, console: Console) -> None:
    own = found.scenario.organisations[found.organisation]
    roles, sla = own.roles, own.handoff.sla_hours
    heading(
        console,
        f"Which threshold is best with {count(roles.marketer.headcount)} marketers, {count(roles.sdr.headcount)} SDRs, "
        f"{count(roles.rep.headcount)} reps and {f'an SLA of {sla:,g} h' if sla < Handoff().sla_hours else 'no SLA'}?",
    )
    metrics = [BY_KEY[key] for key in dict.fromkeys((*_SHOWN, found.objective.key))]
    scales = {one.key: scale_of(one.unit, [each[one.key] for each in found.thresholds.values()]) for one in metrics}
    apart = scale_of(found.objective.unit, [found.difference(at, found.objective.key) for at in found.thresholds])
    rows: list[Sequence[str | Text]] = []
    for at, each in found.thresholds.items():
        name = f"{at:g}" + (" (today)" if at == found.threshold else "") + (" best" if at == found.best else "")
        difference = found.difference(at, found.objective.key)
        kind = verdict(found.objective, *difference.interval)
        last = cell(apart, difference, sign=True, style={"better": "green", "worse": "red"}.get(kind, ""))
        rows.append((name, *(cell(scales[one.key], each[one.key]) for one in metrics),
                     last.append(f" {MARK if kind else ' '}")))  # fmt: skip
    heads = [f"{one.label},\n{scales[one.key].unit or 'number'}" for one in metrics]
    points = "points" if apart.unit == "%" else apart.unit
    print_table(console, ("threshold", *heads, f"{found.objective.label}\n- today, {points}"), rows)


# --- credit -----------------------------------------------------------------------------------------------------------


def _print_credits(found: Audit, console: Console) -> None:
    heading(console, "What is each channel credited with, and what would be lost without it?")
    wins = [one for one in found.credits if one.measure == "wins"]
    revenue = {(one.channel, one.rule): one for one in found.credits if one.measure == "revenue"}
    amounts, back = scale_of("count", [one.amount for one in wins]), scale_of("", [r.per_usd for r in revenue.values()])
    rows: list[Sequence[str | Text]] = []
    for channel in found.channels:
        mine = {one.rule: one for one in wins if one.channel == channel}
        rows.append((
            words(channel),
            *(cell(amounts, mine[rule].amount) for rule in RULE_NAMES),
            *(cell(back, revenue[channel, rule].per_usd) for rule in (BY_MQLS, BY_CLOSING)),
        ))  # fmt: skip
    left = [remainder(found.credits, "wins", rule, found.totals) for rule in RULE_NAMES]
    rows.append(("credited to no channel", *(cell(amounts, one) for one in left), "", ""))
    rows.append(("all wins", *(cell(amounts, all_wins(found)) for _ in RULE_NAMES), "", ""))
    heads = [f"wins by\n{name}" for name in RULE_NAMES.values()]
    heads += [f"revenue / usd,\n{RULE_NAMES[rule]}" for rule in (BY_MQLS, BY_CLOSING)]
    print_table(console, ("channel", *heads), rows)
    console.print(Text(_touches(found)))


def all_wins(found: Audit) -> Estimate:
    """Wins of today in a replication."""
    return of_sums(lambda total, n: total / n, found.totals.wins, found.totals.wins * 0 + 1)


def _touches(found: Audit) -> str:
    """Kinds of the touch right before winning: none of them is a channel that money is spent on."""
    sums = found.touches.sum(axis=0)
    order = sorted(range(len(TOUCHES)), key=lambda kind: -int(sums[kind]))
    shares = [of_sums(lambda part, total: part / total, found.touches[:, kind], found.touches.sum(axis=1))
              for kind in order if sums[kind]]  # fmt: skip
    scale = scale_of("share", shares)
    told = [f"{TOUCHES[kind]} {_plain(scale, one)}" for kind, one in zip(order, shares, strict=False)]
    return f"The very last touch before a win is: {'; '.join(told)}." if told else "There are no wins."


# --- in sentences -----------------------------------------------------------------------------------------------------


def conclusion(found: Audit) -> list[str]:
    """Whether the score tells, with the best threshold; whether credits tell, with the one that errs most."""
    return [_scoring(found), _attribution(found)]


def _scoring(found: Audit) -> str:
    fits, winnable = (found.ranking(SCORE, label).area for label in (FITS, WINNABLE))
    metric, best = found.objective, found.best
    name = words(found.organisation)
    said = (
        f"The lead score of {name} ranks a lead that fits above one that does not in {_pairs(fits)}, and one "
        f"that could be won above one that could not in {_pairs(winnable)} (a coin: 50%)"
    )
    if best == found.threshold:
        return f"{said}; no threshold tried beats today's {best:g} in {metric.label}."
    apart = found.difference(best, metric.key)
    interval = apart.interval_at(found.level)
    scale = scale_of(metric.unit, [apart])
    size = stated(scale, apart.value, interval, apart=True)
    if interval[0] > 0 or interval[1] < 0:
        return f"{said}; a threshold of {best:g} in place of {found.threshold:g} brings {size} of {metric.label}."
    return (
        f"{said}; no threshold tried is surely better than today's {found.threshold:g} (the best, {best:g}: {size} of "
        f"{metric.label})."
    )


def _pairs(one: Estimate) -> str:
    low, high = one.interval
    return f"{one.value:.0%} of pairs [{low:.0%}, {high:.0%}]"


def _attribution(found: Audit) -> str:
    wins = [one for one in found.credits if one.measure == "wins"]
    level = together(len(found.channels))
    errors = {channel: _error(wins, channel) for channel in found.channels}
    worst = max(errors, key=lambda channel: abs(errors[channel].value) if _sure(errors[channel], level) else -1.0)
    shares = {one.rule: one.share for one in wins if one.channel == worst}
    scale = scale_of("share", [*shares.values(), errors[worst]])
    total, left = all_wins(found), remainder(found.credits, "wins", BY_CLOSING, found.totals)
    amounts = scale_of("count", [total, left])
    alone = amounts.text(total.value - left.value)
    rest = (
        f"the losses of closing each in turn add up to {alone} of {amounts.text(total.value)} wins, and "
        f"{stated(amounts, left.value, left.interval, sign=True)} belong to no single channel"
    )
    if not _sure(errors[worst], level):
        return (
            "Shares of MQLs credit no channel with surely more or less of the wins than are lost when it is closed; "
            f"{rest}."
        )
    way = "too much" if errors[worst].value > 0 else "too little"
    by_mqls, by_closing = (_plain(scale, shares[rule]) for rule in (BY_MQLS, BY_CLOSING))
    apart = stated(scale, errors[worst].value, errors[worst].interval_at(level), apart=True)
    return (
        f"Shares of MQLs give {words(worst)} {way}, {by_mqls} of the wins where closing it loses {by_closing}, a gap "
        f"of {apart}; {rest}."
    )


def _error(wins: Sequence[Credit], channel: str) -> Estimate:
    """Credit by MQLs less credit by closing, as shares of the wins."""
    shares = {one.rule: one.share for one in wins if one.channel == channel}
    return shares[BY_MQLS] - shares[BY_CLOSING]


def _sure(one: Estimate, level: float) -> bool:
    low, high = one.interval_at(level)
    return low > 0 or high < 0


def caption(found: Audit) -> str:
    """What the reader must know to read the tables."""
    return "\n".join(_caption(found))


def _caption(found: Audit) -> Iterator[str]:
    scenario, run = found.scenario, found.scenario.run
    yield (
        f"{run.replications:,} replications (seed {run.seed}) of a cohort of {run.cohort_days:,} days in each world, "
        f"the same buyers everywhere; {found.runs:,} runs. [ ]: 95% intervals over replications; {MARK}: it excludes 0."
    )
    yield (
        "AUC: how often a good lead scores above another one. The score is that of the first look, when a lead becomes "
        "known; it rises with every touch."
    )
    yield (
        f"Fits: true fit from {found.good_fit:g}. Could be won: won when everybody is passed on at once to "
        f"{scenario.study.audit.ample:,} times the SDRs and reps."
    )
    yield (
        "Held back: a good lead below the threshold at its first look that does not ask for a person; most are passed "
        "on later. Revenue: more than today."
    )
    yield (
        "A buyer comes through one channel, so that first and last touch are the same rule. Lost if closed: today less "
        "the same market without this channel, its spend saved; revenue per usd is then per usd saved."
    )
    yield (
        "The best threshold is the luckiest too: the conclusion's interval holds for all thresholds together "
        f"({found.level:.1%} each). Payroll of {words(found.organisation)} is the same everywhere."
    )
