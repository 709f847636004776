"""What a calibration prints: what parameters are told, what the model cannot make, how later leads were predicted."""

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from rich.console import Console
from rich.text import Text

from simulator.fit.calibration import FITTED, HELD, LEVEL, NOT_IDENTIFIABLE, OURS, WIDEST_IDENTIFIABLE, Calibration
from simulator.questions.calibrate.tables import (
    ALL_CHANNELS,
    ALL_WEEKS,
    fit_table,
    held_out_table,
    organisations_table,
    parameters_table,
    scores_table,
    together,
)
from simulator.questions.frame.numbers import NOTHING, began, count, scale_for, usd, words
from simulator.questions.frame.stating import heading, listed, print_table
from simulator.questions.read_crm.words import shown

_STYLES = {FITTED: "green", NOT_IDENTIFIABLE: "yellow", HELD: "dim"}
#: Standard deviations from which on a number is told as one that likely sets do not make; how many are told.
FAR, _FAR_SHOWN = 2.0, 8
_PAIRS, _CHANNELS = 6, 12
#: What is told of the leads in an organisation: fact -> its name, its unit, whether it is told as a share.
FACTS = {
    "won": ("won", "leads"),
    "won_share": ("won", "share"),
    "days_to_win": ("days to win, median", "days"),
    "contacted_share": ("reached by a person", "share"),
    "cost_per_won_usd": ("cost per won", "usd"),
}
#: A mean gap to luck alone of which more is not to be had: 1; above this, the model misses the export somewhere.
MISSES = 1.5
#: From here on it misses too much to compare organisations by.
UNFIT = 6.0


def print_calibrated(found: Calibration, console: Console) -> None:
    """Print the tables, and what a reader must know."""
    _print_parameters(found, console)
    _print_direct(found, console)
    _print_misses(found, console)
    for cutoff in _cutoffs(found):
        _print_check(found, cutoff, console)
    _print_organisations(found, console)
    for note in notes(found):
        console.print(Text(f"Note: {note}.", style="yellow"))
    console.print(Text("\n" + "\n".join(caption(found)), style="dim"))


def interval_text(low: float, high: float, digits: int = 3) -> str:
    """[1.2, 3.4]."""
    return f"[{low:.{digits}g}, {high:.{digits}g}]"


def _print_parameters(found: Calibration, console: Console) -> None:
    table = parameters_table(found)
    heading(console, f"What the export tells of each parameter of {words(found.prior.organisation)}")
    rows: list[Sequence[str | Text]] = []
    for one in table.to_dict("records"):
        name, status = shown(words(one["parameter"]), 30), Text(one["status"], style=_STYLES[one["status"]])
        if one["status"] == HELD:
            rows.append((name, status, "", Text(one["why"], style="dim"), "", "", ""))
            continue
        rows.append(
            (
                name, status, f"{one['value']:.3g}", interval_text(one["low"], one["high"]),
                interval_text(one["prior_low"], one["prior_high"]), _percent(one["told"]), one["unit"],
            )
        )  # fmt: skip
    print_table(console, ("parameter", "status", "median", "90% interval", "prior", "told", "unit"), rows)
    pairs = together(found)
    if pairs:
        said = [f"{words(one)} and {words(other)} ({size:+.2f})" for one, other, size in pairs[:_PAIRS]]
        more = f", and {len(pairs) - _PAIRS} pairs more" if len(pairs) > _PAIRS else ""
        console.print(Text(f"Told mostly together (correlation): {'; '.join(said)}{more}.\n"))


def _print_direct(found: Calibration, console: Console) -> None:
    """What needs no model: leads a week of the largest channels, what customers pay."""
    weekly = sorted((one for one in found.direct if one.unit == "leads"), key=lambda one: -one.value)
    rows = [
        (shown(words(one.of), 28), f"{one.value:.1f} [{one.low:.1f}, {one.high:.1f}]", count(one.n))
        for one in weekly[: _CHANNELS + 1]
    ]
    heading(console, "Leads a week, counted")
    print_table(console, ("", "leads a week [95%]", "leads"), rows)
    for paid in (one for one in found.direct if one.unit == "usd"):
        console.print(
            Text(f"Median deal of {count(paid.n)} wins: {usd(paid.value)} [{usd(paid.low)}, {usd(paid.high)}].\n")
        )


def _print_misses(found: Calibration, console: Console) -> None:
    table = fit_table(found)
    far = table[table["away"].abs() >= FAR].sort_values("away", key=abs, ascending=False)
    if not len(far):
        return
    heading(console, "What likely values do not make: where the export lies outside")
    rows = [
        (f"{words(one['what'])}, {shown(words(one['of']), 30)}",
         *(_percent(one[name]) for name in ("observed", "low", "high")), f"{one['away']:+.1f}")
        for one in far.head(_FAR_SHOWN).to_dict("records")
    ]  # fmt: skip
    print_table(console, ("", "export", "likely, from", "to", "std. deviations off"), rows)
    if len(far) > _FAR_SHOWN:
        console.print(Text(f"and {len(far) - _FAR_SHOWN} more of {len(table)}: fit.csv has all\n"))


def _cutoffs(found: Calibration) -> list[str]:
    return [f"{check.holdout.day:%Y-%m-%d}" for check in found.checks]


def _print_check(found: Calibration, cutoff: str, console: Console) -> None:
    days = found.scenario.study.fit.horizon_days
    table = held_out_table(found)
    mine = table[table["cutoff"] == cutoff]
    models = list(dict.fromkeys(mine["model"]))
    heading(console, f"Fitted to what was known on {cutoff}: leads that came then, won within {days} days")
    for key, other, everything in (("week", "channel", ALL_CHANNELS), ("channel", "week", ALL_WEEKS)):
        chosen = mine[mine[other] == everything]
        names = list(dict.fromkeys(chosen[key]))[: _CHANNELS + 1]
        rows = []
        for name in names:
            here = {one["model"]: one for one in chosen[chosen[key] == name].to_dict("records")}
            first = here[OURS]
            rows.append(
                (shown(words(str(name)), 28), count(first["leads"]), count(first["won"]),
                 _percent(first["won"] / first["leads"]), *(_predicted(here[model]) for model in models))
            )  # fmt: skip
        print_table(
            console, ("leads of " + key if key == "channel" else "week of", "leads", "won", "rate", *models), rows
        )
    scores = scores_table(found)
    rows = []
    for one in scores[scores["cutoff"] == cutoff].to_dict("records"):
        better = (
            NOTHING if pd.isna(one["ahead"])
            else f"{one['ahead']:+.2f} [{one['ahead_low']:+.2f}, {one['ahead_high']:+.2f}]"
        )  # fmt: skip
        rows.append((one["model"], f"{one['log_score']:.2f}", better, f"{one['log_score_ever']:.2f}",
                     f"{100 * one['ks']:.1f}", _percent(one["held"])))  # fmt: skip
    print_table(
        console,
        ("scores", f"log score,\n{days} days", "simulator better by", "log score,\nto the export",
         "cycle curve off\nby, points", "intervals\nthat held"), rows,
    )  # fmt: skip


def _predicted(row: Mapping[Hashable, Any]) -> str:
    return f"{row['predicted']:.1f} [{row['low']:.0f}, {row['high']:.0f}]"


def _print_organisations(found: Calibration, console: Console) -> None:
    table = organisations_table(found)
    heading(console, f"The same {_whole(found)} in each organisation, until the export")
    base, rows = found.replays[0].organisation, []
    for fact, (name, unit) in FACTS.items():
        mine = table[table["fact"] == fact]
        if mine["value"].isna().any():
            continue
        scale = scale_for(unit, mine["value"], (mine["high"] - mine["low"]) / 2)
        row = [f"{name}", scale.unit]
        for one in mine.to_dict("records"):
            row.append(f"{scale.text(one['value'])} [{scale.text(one['low'])}, {scale.text(one['high'])}]")
        for one in mine.to_dict("records"):
            if one["organisation"] != base:
                row.append(
                    f"{scale.text(one['difference'], sign=True)} [{scale.text(one['difference_low'], sign=True)}, "
                    f"{scale.text(one['difference_high'], sign=True)}]"
                )
        rows.append(tuple(row))
    names = [one.organisation for one in found.replays]
    heads = ("", "", *(words(name) for name in names), *(f"{words(name)}\n- {words(base)}" for name in names[1:]))
    print_table(console, heads, rows)


def _whole(found: Calibration) -> str:
    """Leads of whom shares are told."""
    stream = found.stream
    since = f" since {stream.day(stream.since):%Y-%m-%d}" if stream.since else ""
    return f"{count(stream.whole.sum())} leads{since}"


def conclusion(found: Calibration) -> list[str]:
    """What the export tells, how the leads would have fared elsewhere, and whether the fit predicts."""
    return [_told(found), *_elsewhere(found), *_predicts(found)]


def _told(found: Calibration) -> str:
    told, untold = found.statuses.count(FITTED), found.statuses.count(NOT_IDENTIFIABLE)
    names = [words(one.name) for place, one in enumerate(found.prior.free) if found.statuses[place] == NOT_IDENTIFIABLE]
    cannot = f", {untold} it cannot tell ({listed(names)})" if untold else ""
    misses = (
        "about as close to it as luck allows" if found.best.distance <= MISSES else "further off than luck explains"
    )
    return (
        f"{count(len(found.stream))} leads with {count(_wins(found))} wins tell {told} of {len(found.prior)} "
        "parameters of "
        f"{words(found.prior.organisation)}{cannot}; the funnel of its chosen values is {misses} (distance "
        f"{found.best.distance:.1f}, 1 is luck alone)."
    )


def _wins(found: Calibration) -> int:
    won = found.stream.event_times.won
    return int(((won >= found.stream.since) & (won < found.stream.until)).sum())


def _elsewhere(found: Calibration) -> Iterator[str]:
    table = organisations_table(found)
    base = found.replays[0].organisation
    said = []
    for one in table[(table["fact"] == "won_share") & (table["organisation"] != base)].to_dict("records"):
        low, high = 100 * one["difference_low"], 100 * one["difference_high"]
        said.append(f"{words(one['organisation'])} {100 * one['difference']:+.1f} points [{low:+.1f}, {high:+.1f}]")
    if said:
        own = table[(table["fact"] == "won_share") & (table["organisation"] == base)].to_dict("records")[0]
        doubt = "This fit misses too much of the export to decide by. " if found.best.distance >= UNFIT else ""
        yield (
            f"{doubt}Of the same {_whole(found)} {words(base)} wins {100 * own['value']:.1f}% [{100 * own['low']:.1f}, "
            f"{100 * own['high']:.1f}] with values that the export leaves likely; in other organisations it would be: "
            f"{listed(said)} (90% intervals over what the export cannot tell)."
        )


def _predicts(found: Calibration) -> Iterator[str]:
    scores = scores_table(found)
    if not len(scores):
        return
    better, of = [], 0
    for cutoff in _cutoffs(found):
        mine = scores[scores["cutoff"] == cutoff].set_index("model")
        nulls = mine.drop(index=OURS)
        of += 1
        better.append(
            (mine.loc[OURS, "log_score"] > nulls["log_score"].max(), mine.loc[OURS, "ks"] < nulls["ks"].min())
        )
    score, curve = (sum(one[place] for one in better) for place in (0, 1))
    times = "cutoff" if of == 1 else "cutoffs"
    yield (
        f"On leads that it had not seen, the simulator was better than both predictions without buyers at "
        f"{score} of {of} {times} in the log score of weekly wins, and at {curve} of {of} in the curve of days to win."
    )


def notes(found: Calibration) -> Iterator[str]:
    """What the reader must know besides."""
    stream = found.stream
    if stream.since:
        yield (
            f"wins are counted from {stream.day(stream.since):%Y-%m-%d} on: before, the export seems to miss them "
            "(left truncation); say crm.wins_from=DAY if it is another day"
        )
    done, asked = found.points
    if done < asked:
        yield f"time was over after {count(done)} of {count(asked)} parameter sets: more would narrow the intervals"
    tempering = found.fit.posterior.tempering
    if tempering < 0.99:
        yield (
            f"no parameter set meets the export as closely as luck explains: intervals are {tempering**-0.5:.1f} times "
            "as wide as if one did, and still rest on a model that misses something"
        )
    for check in found.checks:
        if not check.holdout.within(check.holdout.row(stream.event_times)).any():
            yield f"no lead after {check.holdout.day:%Y-%m-%d} was won within the horizon: that check says little"
    held = found.coverage.mean()
    if held < LEVEL - 0.08:
        yield (
            f"the intervals held only {_percent(held)} of the truths of simulated exports like this one, not "
            f"{_percent(LEVEL)}: more sets (study.fit.points, study.fit.narrowed) would help"
        )
    for note in found.funnel.report.notes:
        yield shown(note, 400)


def caption(found: Calibration) -> Iterator[str]:
    """How to read the tables."""
    settings, held = found.scenario.study.fit, found.coverage.mean()
    near = settings.rounds * settings.narrowed
    yield (
        f"Fitted: {count(found.points[0])} parameter sets of the prior and {count(near)} near the export, each "
        f"replaying the {count(len(found.stream))} leads (seed {settings.seed}). Intervals hold the truth in "
        f"{_percent(held)} of simulated exports like this one (they say {_percent(LEVEL)}). told: by how much the "
        "interval is narrower than the prior's own. Not identifiable: a profile over the whole range stays flat, or "
        f"the interval is wider than {_percent(WIDEST_IDENTIFIABLE)} of the prior's."
    )
    if found.checks:
        yield (
            "Predictions: mean and 90% interval. Log score: of a week's wins, its mean; higher is better, [ ]: 95% "
            "over leads drawn again. Cycle curve: greatest distance between the predicted and the real share won by "
            "an age."
        )
    yield (
        "Other organisations: the same leads, the same values and the same luck; what they do otherwise is an "
        "assumption of the scenario, nothing of it is fitted. [ ]: 90% over likely parameter sets."
    )


def resting_on(found: Calibration) -> str:
    """What the numbers at the top of a report rest on."""
    return (
        f"n = {count(len(found.stream))} leads of an export, replayed with {count(found.points[0])} parameter sets "
        "and more near the export. [ ]: 90% intervals over what the export cannot tell."
    )


def how_sure(found: Calibration) -> list[str]:
    """What a reader of the report must not forget."""
    return [f"{began(one)}." if not one.endswith(".") else began(one) for one in (*caption(found), *notes(found))]


def _percent(share: float) -> str:
    text = 100 * share
    return NOTHING if not math.isfinite(text) else f"{text:.1f}%" if text < 9.95 else f"{text:.0f}%"
