"""What an audit tells: how well the score tells, what each threshold does, what each channel is credited with."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from simulator.questions.audit.credit import BY_CLOSING, BY_MQLS, LAST_TOUCH, MEASURES, remainder
from simulator.questions.audit.inquiries import TOUCHES
from simulator.questions.audit.work import FITS, LABELS, SCORE, TRUE_FIT, WINNABLE, WON, Audit, Decision, audit
from simulator.questions.frame.blocks import (
    MARK,
    Block,
    Cell,
    Column,
    Passage,
    caption,
    estimate,
    filled,
    heading,
    listing,
    marked,
    note,
    text,
)
from simulator.questions.frame.numbers import count, excludes_0, scale_of, stated, told, words
from simulator.questions.frame.question import Asked, Question
from simulator.questions.frame.tidy import with_interval
from simulator.results.estimate import Estimate, of_sums, together
from simulator.results.metrics import BY_KEY, METRICS
from simulator.scenario.collaboration import Handoff

if TYPE_CHECKING:
    import pandas as pd

#: Metrics of the table of thresholds, besides the objective's difference to today.
_SHOWN = ("inquiry_to_mql", "response_median", "win_rate_inquiries", "net")

#: Rules of credit as a reader knows them.
RULE_NAMES = {BY_MQLS: "share of MQLs", LAST_TOUCH: "last touch", BY_CLOSING: "lost if closed"}


class AuditQuestion(Question[Audit]):
    """Do the lead score and the attribution of wins to channels tell the truth?"""

    study = "audit"
    files = ("scoring.csv", "roc.csv", "missed.csv", "thresholds.csv", "channels_credit.csv", "last_touch.csv")

    def work(self, asked: Asked) -> Audit:
        return audit(asked.scenario, asked.tell, simulate=asked.simulate)

    def tables(self, audit: Audit) -> "Mapping[str, pd.DataFrame]":
        made = (scoring_table, roc_table, missed_table, thresholds_table, credit_table, touches_table)
        return {name: table(audit) for name, table in zip(self.files, made, strict=True)}

    def told(self, audit: Audit) -> list[Block]:
        return [*_scoring(audit), *_thresholds(audit), *_credits(audit), *map(note, audit.notes), _caption(audit)]

    def conclusion(self, audit: Audit) -> list[str]:
        """Whether the score tells, with the best threshold; whether credits tell, with the one that errs most."""
        return [_score_in_words(audit), _credit_in_words(audit)]

    def metrics(self, audit: Audit) -> Sequence[str]:
        return (audit.objective.key,)

    def facts(self, audit: Audit) -> Mapping[str, Any]:
        return {"organisation": audit.organisation, "channels": audit.channels, "runs": audit.runs}


QUESTION = AuditQuestion()


def label_name(audit: Audit, label: str) -> str:
    """When a lead is good, in words."""
    return {FITS: f"fits us (from {audit.good_fit:g})", WON: "was won today", WINNABLE: "could be won"}[label]


def all_wins(audit: Audit) -> Estimate:
    """Wins of today in a replication."""
    return of_sums(lambda total, n: total / n, audit.totals.wins, audit.totals.wins * 0 + 1)


# --- files ------------------------------------------------------------------------------------------------------------


def scoring_table(audit: Audit) -> "pd.DataFrame":
    """AUC of each ranking; shares that pass at the first look and in the end."""
    measures = [(ranking.label, f"auc_of_{ranking.by}", ranking.area) for ranking in audit.rankings]
    names = ("good_reach_threshold_at_first_look", "others_reach_threshold_at_first_look", "good_passed_in_the_end",
             "others_passed_in_the_end")  # fmt: skip
    for decision in audit.decisions:
        measures += [(decision.label, *each) for each in zip(names, _passes(decision), strict=True)]
    return _table(
        audit,
        (
            {"good_if": label, "measure": name, **with_interval("estimate", measure)}
            for label, name, measure in measures
        ),
    )


def roc_table(audit: Audit) -> "pd.DataFrame":
    """Every point of every ROC curve; only its head where there is none."""
    rows = [
        {
            "good_if": ranking.label, "ranked_by": ranking.by, "score": point.score,
            **with_interval("true_positive_rate", point.true_positive, "tpr_"),
            **with_interval("false_positive_rate", point.false_positive, "fpr_"),
        }
        for ranking in audit.rankings for point in ranking.points
    ]  # fmt: skip
    head = {name: "" for name in ("good_if", "ranked_by", "score")}
    head |= with_interval("true_positive_rate", None, "tpr_") | with_interval("false_positive_rate", None, "fpr_")
    return _table(audit, rows or [head])[: len(rows)]


def missed_table(audit: Audit) -> "pd.DataFrame":
    """Good leads held back, and others passed on."""
    units = {"good": "count", "held": "count"}
    return _table(audit, (
        {
            "measure": field.name, "unit": "share" if field.name.endswith("_share") else units.get(field.name, "usd"),
            **with_interval("estimate", getattr(audit.screening_errors, field.name)),
        }
        for field in fields(audit.screening_errors)
    ))  # fmt: skip


def thresholds_table(audit: Audit) -> "pd.DataFrame":
    """Every metric at every threshold; differences to today's, with intervals of their own and for all together."""
    rows = []
    for threshold, estimates in audit.thresholds.items():
        for metric in METRICS:
            apart = audit.difference(threshold, metric.key)
            low, high = apart.interval_at(audit.level)
            rows.append({
                "threshold": threshold, "today": threshold == audit.threshold, "metric": metric.key,
                "unit": metric.unit, **with_interval("estimate", estimates[metric.key]),
                **with_interval("difference", apart, "difference_"), "together_ci_low": low, "together_ci_high": high,
            })  # fmt: skip
    return _table(audit, rows)


def credit_table(audit: Audit) -> "pd.DataFrame":
    """What each channel is credited with by each rule, of wins and of revenue."""
    return _table(audit, (
        {
            "channel": credit.channel, "measure": credit.measure, "rule": credit.rule,
            "unit": MEASURES[credit.measure], **with_interval("estimate", credit.amount),
            **with_interval("share", credit.share, "share_"), **with_interval("per_usd", credit.per_usd, "per_usd_"),
        }
        for credit in audit.credits
    ))  # fmt: skip


def touches_table(audit: Audit) -> "pd.DataFrame":
    """Wins by the kind of the very last touch, per replication."""
    every = audit.touches.sum(axis=1)
    return _table(audit, (
        {
            "last_touch": name, **with_interval("wins", of_sums(_quotient, wins, every * 0 + 1), "wins_"),
            **with_interval("share", of_sums(_quotient, wins, every), "share_"),
        }
        for name, wins in zip(TOUCHES, audit.touches.T, strict=True)
    ))  # fmt: skip


def _quotient(top: Any, bottom: Any) -> Any:
    return top / bottom


def _table(audit: Audit, rows: Iterable[Mapping[str, Any]]) -> "pd.DataFrame":
    import pandas as pd

    about = {"scenario": audit.scenario.name, "organisation": audit.organisation}
    return pd.DataFrame({**about, **row, "replications": audit.scenario.run.replications} for row in rows)


# --- tables -----------------------------------------------------------------------------------------------------------


def _passes(decision: Decision) -> tuple[Estimate, ...]:
    """Shares of the good leads and of the others that pass, at the first look and in the end."""
    return decision.first_look.true_positive, decision.first_look.false_positive, *decision.in_the_end


def _scoring(audit: Audit) -> Iterator[Block]:
    """How well the score tells, and what it costs where it errs."""
    yield heading(f"Does the lead score of {words(audit.organisation)} tell good leads from others?", apart=False)
    areas = scale_of("", [ranking.area for ranking in audit.rankings])
    passes = {label: _passes(audit.decision(label)) for label in LABELS}
    shares = scale_of("share", [share for some in passes.values() for share in some])
    by_fit = [estimate(areas, audit.ranking(TRUE_FIT, label).area) if label != FITS else text("1 by definition", "dim")
              for label in LABELS]  # fmt: skip
    heads = ("reach threshold\nat first look, %", "others\ndo, %", "passed on\nin the end, %", "others\nare, %")
    yield listing(
        Column("a lead is good if it", [label_name(audit, label) for label in LABELS]),
        Column("AUC of\nthe score", [estimate(areas, audit.ranking(SCORE, label).area) for label in LABELS]),
        Column("AUC of true\nfit itself", by_fit),
        *(Column(head, [estimate(shares, passes[label][place]) for label in LABELS])
          for place, head in enumerate(heads)),
    )  # fmt: skip
    errors = audit.screening_errors
    counts = scale_of("count", [errors.good, errors.held])
    part = scale_of("share", [errors.held_share, errors.never_share, errors.wrong_share, errors.wrong_hours_share])
    money = scale_of("usd", [errors.with_same_people, errors.with_ample_people, errors.others, errors.whole])
    each = scale_of("usd", [errors.each_with_same_people, errors.each_with_ample_people])
    rows = [
        ("good leads (they fit), per replication", told(counts, errors.good)),
        ("  held back: score too low at first look", told(counts, errors.held)),
        ("  as a share of the good ones", told(part, errors.held_share)),
        ("  never passed on, share of the good ones", told(part, errors.never_share)),
        ("all passed on at once: revenue of those held back", told(money, errors.with_same_people, apart=True)),
        ("  each of them: the cost of a false negative", told(each, errors.each_with_same_people, apart=True)),
        ("  revenue of all other buyers", told(money, errors.others, apart=True)),
        ("  revenue in all", told(money, errors.whole, apart=True)),
        ("the same with people for all: of those held back", told(money, errors.with_ample_people, apart=True)),
        ("  each of them: the cost of a false negative", told(each, errors.each_with_ample_people, apart=True)),
        ("passed on though they do not fit, share", told(part, errors.wrong_share)),
        ("  hours of SDRs and reps that go to them", told(part, errors.wrong_hours_share)),
    ]
    yield listing(*filled([Column("good leads held back; others passed on"), Column("")], rows))


def _thresholds(audit: Audit) -> Iterator[Block]:
    own = audit.scenario.organisations[audit.organisation]
    roles, sla = own.roles, own.handoff.sla_hours
    yield heading(
        f"Which threshold is best with {count(roles.marketer.headcount)} marketers, {count(roles.sdr.headcount)} SDRs, "
        f"{count(roles.rep.headcount)} reps and {f'an SLA of {sla:,g} h' if sla < Handoff().sla_hours else 'no SLA'}?",
        apart=False,
    )
    marks = {audit.threshold: " (today)"} | {audit.best: " best"}
    if audit.best == audit.threshold:
        marks = {audit.best: " (today) best"}
    columns = [Column("threshold", [f"{threshold:g}{marks.get(threshold, '')}" for threshold in audit.thresholds])]
    for metric in (BY_KEY[key] for key in dict.fromkeys((*_SHOWN, audit.objective.key))):
        estimates = [each[metric.key] for each in audit.thresholds.values()]
        scale = scale_of(metric.unit, estimates)
        cells = [estimate(scale, each) for each in estimates]
        columns.append(Column(f"{metric.label},\n{scale.unit or 'number'}", cells))
    metric = audit.objective
    gaps = [audit.difference(threshold, metric.key) for threshold in audit.thresholds]
    scale = scale_of(metric.unit, gaps)
    cells = [marked(metric, scale, gap) for gap in gaps]
    yield listing(*columns, Column(f"{metric.label}\n- today, {scale.difference_unit}", cells))


def _credits(audit: Audit) -> Iterator[Block]:
    yield heading("What is each channel credited with, and what would be lost without it?", apart=False)
    credits = {(credit.measure, credit.channel, credit.rule): credit for credit in audit.credits}
    amounts = scale_of("count", [credit.amount for credit in audit.credits if credit.measure == "wins"])
    back = scale_of("", [credit.per_usd for credit in audit.credits if credit.measure == "revenue"])
    total = estimate(amounts, all_wins(audit))
    columns = [Column("channel", [*map(words, audit.channels), "credited to no channel", "all wins"])]
    for rule, name in RULE_NAMES.items():
        wins = [credits["wins", channel, rule].amount for channel in audit.channels]
        left = remainder(audit.credits, "wins", rule, audit.totals)
        columns.append(Column(f"wins by\n{name}", [*(estimate(amounts, each) for each in (*wins, left)), total]))
    for rule in (BY_MQLS, BY_CLOSING):
        cells: list[Cell | str] = [
            estimate(back, credits["revenue", channel, rule].per_usd) for channel in audit.channels
        ]
        columns.append(Column(f"revenue / usd,\n{RULE_NAMES[rule]}", [*cells, "", ""]))
    yield listing(*columns)
    yield Passage(_touches(audit))


def _touches(audit: Audit) -> str:
    """Kinds of the touch right before winning: none of them is a channel that money is spent on."""
    sums = audit.touches.sum(axis=0)
    order = [kind for kind in sorted(range(len(TOUCHES)), key=lambda kind: -int(sums[kind])) if sums[kind]]
    shares = [of_sums(_quotient, audit.touches[:, kind], audit.touches.sum(axis=1)) for kind in order]
    scale = scale_of("share", shares)
    said = [f"{TOUCHES[kind]} {told(scale, share)}" for kind, share in zip(order, shares, strict=True)]
    return f"The very last touch before a win is: {'; '.join(said)}." if said else "There are no wins."


def _caption(audit: Audit) -> Passage:
    run = audit.scenario.run
    return caption(
        f"{run.replications:,} replications (seed {run.seed}) of a cohort of {run.cohort_days:,} days in each world, "
        f"the same buyers everywhere; {audit.runs:,} runs. [ ]: 95% intervals over replications; {MARK}: it excludes "
        "0.",
        "AUC: how often a good lead scores above another one. The score is that of the first look, when a lead becomes "
        "known; it rises with every touch.",
        f"Fits: true fit from {audit.good_fit:g}. Could be won: won when everybody is passed on at once to "
        f"{audit.scenario.study.audit.ample:,} times the SDRs and reps.",
        "Held back: a good lead below the threshold at its first look that does not ask for a person; most are passed "
        "on later. Revenue: more than today.",
        "A buyer comes through one channel, so that first and last touch are the same rule. Lost if closed: today less "
        "the same market without this channel, its spend saved; revenue per usd is then per usd saved.",
        "The best threshold is the luckiest too: the conclusion's interval holds for all thresholds together "
        f"({audit.level:.1%} each). Payroll of {words(audit.organisation)} is the same everywhere.",
        apart=True,
    )


# --- in sentences -----------------------------------------------------------------------------------------------------


def _score_in_words(audit: Audit) -> str:
    fits, winnable = (_pairs(audit.ranking(SCORE, label).area) for label in (FITS, WINNABLE))
    metric, best = audit.objective, audit.best
    said = (
        f"The lead score of {words(audit.organisation)} ranks a lead that fits above one that does not in {fits}, and "
        f"one that could be won above one that could not in {winnable} (a coin: 50%)"
    )
    if best == audit.threshold:
        return f"{said}; no threshold tried beats today's {best:g} in {metric.label}."
    apart = audit.difference(best, metric.key)
    interval = apart.interval_at(audit.level)
    size = stated(scale_of(metric.unit, [apart]), apart.value, interval, apart=True)
    if excludes_0(interval):
        return f"{said}; a threshold of {best:g} in place of {audit.threshold:g} brings {size} of {metric.label}."
    return (
        f"{said}; no threshold tried is surely better than today's {audit.threshold:g} (the best, {best:g}: {size} of "
        f"{metric.label})."
    )


def _pairs(area: Estimate) -> str:
    low, high = area.interval
    return f"{area.value:.0%} of pairs [{low:.0%}, {high:.0%}]"


def _credit_in_words(audit: Audit) -> str:
    """Where the credit by MQLs errs most, as a share of the wins, against what closing loses."""
    shares = {(credit.channel, credit.rule): credit.share for credit in audit.credits if credit.measure == "wins"}
    level = together(len(audit.channels))
    errors = {channel: shares[channel, BY_MQLS] - shares[channel, BY_CLOSING] for channel in audit.channels}
    sure = [channel for channel in audit.channels if excludes_0(errors[channel].interval_at(level))]
    total, left = all_wins(audit), remainder(audit.credits, "wins", BY_CLOSING, audit.totals)
    amounts = scale_of("count", [total, left])
    rest = (
        f"the losses of closing each in turn add up to {amounts.text(total.value - left.value)} of "
        f"{amounts.text(total.value)} wins, and {told(amounts, left, sign=True)} belong to no single channel"
    )
    if not sure:
        return (
            "Shares of MQLs credit no channel with surely more or less of the wins than are lost when it is closed; "
            f"{rest}."
        )
    worst = max(sure, key=lambda channel: abs(errors[channel].value))
    error, own = errors[worst], [shares[worst, rule] for rule in RULE_NAMES]
    scale = scale_of("share", [*own, error])
    by_mqls, by_closing = (told(scale, shares[worst, rule]) for rule in (BY_MQLS, BY_CLOSING))
    apart = stated(scale, error.value, error.interval_at(level), apart=True)
    return (
        f"Shares of MQLs give {words(worst)} {'too much' if error.value > 0 else 'too little'}, {by_mqls} of the wins "
        f"where closing it loses {by_closing}, a gap of {apart}; {rest}."
    )
