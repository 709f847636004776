"""What a calibration tells: what the export says of parameters, what the model cannot make, how it predicted."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simulator.fit.calibration import FITTED, HELD, LEVEL, NOT_IDENTIFIABLE, OURS, WIDEST_IDENTIFIABLE, Calibration
from simulator.questions.calibrate import tables
from simulator.questions.calibrate.calibrated_scenario import (
    LEADS_FILE,
    SCENARIO_FILE,
    calibrated_scenario,
    calibrated_yaml,
)
from simulator.questions.calibrate.tables import ALL_CHANNELS, ALL_WEEKS, FAR
from simulator.questions.calibrate.work import MISSES, calibrate
from simulator.questions.frame.blocks import (
    Block,
    Cell,
    Column,
    Passage,
    caption,
    filled,
    heading,
    listing,
    note,
    text,
)
from simulator.questions.frame.numbers import (
    NOTHING,
    began,
    bracketed,
    count,
    listed,
    scale_for,
    usd,
    words,
)
from simulator.questions.frame.question import Asked, Question
from simulator.questions.read_crm.tell import shown
from simulator.scenario.checked import Checked

if TYPE_CHECKING:
    import pandas as pd

_STYLES = {FITTED: "better", NOT_IDENTIFIABLE: "note", HELD: "dim"}
#: Numbers off the likely sets, pairs of parameters and channels that are shown.
_FAR_SHOWN, _PAIRS, _CHANNELS = 8, 6, 12
#: What is told of the leads in an organisation: fact -> its name, its unit, whether it is told as a share.
FACTS = {
    "won": ("won", "leads"),
    "won_share": ("won", "share"),
    "days_to_win": ("days to win, median", "days"),
    "contacted_share": ("reached by a person", "share"),
    "cost_per_won_usd": ("cost per win", "usd"),
}
_DIFFERENCE = ("difference", "difference_low", "difference_high")
#: A distance from which on a fit misses too much to compare organisations by.
UNFIT = 6.0


class CalibrateQuestion(Question[Calibration]):
    """Which values let our organisation make the funnel of our export, and what can it not tell?"""

    study = "calibrate"
    files = ("parameters.csv", "profiles.csv", "likely.parquet", "fit.csv", "organisations.csv", "direct.csv",
             "read.csv", "set_aside.csv", LEADS_FILE, "held_out.csv", "held_out_curves.csv", "scores.csv",
             SCENARIO_FILE)  # fmt: skip
    units = "parameter sets"
    observed = True
    resumes = True

    def work(self, asked: Asked) -> Calibration:
        calibration = calibrate(asked.scenario, asked.tell, folder=asked.unfinished, simulate=asked.simulate)
        return replace(calibration, folder=asked.results.path)  # its leads lie there when the work is done

    def tables(self, calibration: Calibration) -> "Mapping[str, pd.DataFrame]":
        funnel = calibration.funnel
        made = [
            tables.parameters_table(calibration), tables.profiles_table(calibration), tables.draws_table(calibration),
            tables.fit_table(calibration), tables.organisations_table(calibration), tables.direct_table(calibration),
            funnel.report.table(), funnel.report.aside, calibration.stream.leads,
        ]  # fmt: skip
        if calibration.checks:
            made += [tables.held_out_table(calibration), tables.curves_table(calibration),
                     tables.scores_table(calibration)]  # fmt: skip
        return dict(zip(self.files, made, strict=False))

    def texts(self, calibration: Calibration) -> Mapping[str, str]:
        return {SCENARIO_FILE: calibrated_yaml(calibration)}

    def told(self, calibration: Calibration) -> list[Block]:
        checks = (block for cutoff in _cutoffs(calibration) for block in _check(calibration, cutoff))
        return [
            *_parameters(calibration), *_counted(calibration), *_missed(calibration), *checks,
            *_organisations(calibration), *map(note, notes(calibration)),
            caption(*how_to_read(calibration), apart=True),
        ]  # fmt: skip

    def conclusion(self, calibration: Calibration) -> list[str]:
        """What the export tells, how the leads would have fared elsewhere, and whether the fit predicts."""
        return [_told(calibration), *_elsewhere(calibration), *_predicts(calibration)]

    def arms(self, calibration: Calibration) -> tuple[Checked, Sequence[str]]:
        """The calibrated scenario, replaying the leads that are kept."""
        leads = str(calibration.folder / LEADS_FILE) if calibration.folder is not None else ""
        scenario = calibrated_scenario(calibration, leads)
        return scenario, [replay.organisation for replay in calibration.replays]

    def rests_on(self, calibration: Calibration) -> str:
        return (
            f"n = {count(len(calibration.stream))} leads of an export, replayed with {count(calibration.points[0])} "
            "parameter sets and more near the export. [ ]: 90% intervals over what the export cannot tell."
        )

    def sure(self, calibration: Calibration) -> list[str]:
        said = map(began, (*how_to_read(calibration), *notes(calibration)))
        return [sentence if sentence.endswith(".") else f"{sentence}." for sentence in said]

    def facts(self, calibration: Calibration) -> Mapping[str, Any]:
        stream = calibration.stream
        free = zip(calibration.prior.free, calibration.statuses, strict=True)
        return {
            "leads": len(stream),
            "exported_at": calibration.funnel.exported_at.isoformat(),
            "wins_from": f"{stream.day(stream.since)}" if stream.since else "",
            "organisation": calibration.prior.organisation,
            "points": list(calibration.points),
            "distance": calibration.best.distance,
            "values": calibration.values,
            "statuses": {parameter.name: status for parameter, status in free},
            "cutoffs": _cutoffs(calibration),
        }


QUESTION = CalibrateQuestion()


# --- tables -----------------------------------------------------------------------------------------------------------


def _parameters(calibration: Calibration) -> Iterator[Block]:
    """What the export tells of each parameter, and which are told together."""
    yield heading(f"What the export tells of each parameter of {words(calibration.prior.organisation)}", apart=False)
    rows: list[list[Cell | str]] = []
    for row in tables.parameters_table(calibration).to_dict("records"):
        first: list[Cell | str] = [shown(words(row["parameter"]), 30), text(row["status"], _STYLES[row["status"]])]
        if row["status"] == HELD:
            rows.append([*first, "", text(row["why"], "dim"), "", "", ""])
        else:
            rows.append([*first, f"{row['value']:.3g}", _ends(row["low"], row["high"]),
                         _ends(row["prior_low"], row["prior_high"]), _percent(row["told"]), row["unit"]])  # fmt: skip
    heads = ("parameter", "status", "median", "90% interval", "prior", "told", "unit")
    yield listing(*filled([*map(Column, heads)], rows))
    pairs = tables.together(calibration)
    if pairs:
        said = [f"{words(first)} and {words(second)} ({size:+.2f})" for first, second, size in pairs[:_PAIRS]]
        more = f", and {len(pairs) - _PAIRS} pairs more" if len(pairs) > _PAIRS else ""
        yield Passage(f"Told mostly together (correlation): {'; '.join(said)}{more}.\n")


def _counted(calibration: Calibration) -> Iterator[Block]:
    """What needs no model: leads a week of the largest channels, what customers pay."""
    weekly = sorted((each for each in calibration.direct if each.unit == "leads"), key=lambda each: -each.value)
    weekly = weekly[: _CHANNELS + 1]
    yield heading("Leads a week, counted", apart=False)
    yield listing(
        Column("", [shown(words(each.of), 28) for each in weekly]),
        Column("leads a week [95%]", [f"{each.value:.1f} [{each.low:.1f}, {each.high:.1f}]" for each in weekly]),
        Column("leads", [count(each.n) for each in weekly]),
    )
    for paid in (each for each in calibration.direct if each.unit == "usd"):
        yield Passage(f"Median deal of {count(paid.n)} wins: {usd(paid.value)} [{usd(paid.low)}, {usd(paid.high)}].\n")


def _missed(calibration: Calibration) -> Iterator[Block]:
    """Where the export lies outside of what likely sets make, farthest first."""
    table = tables.fit_table(calibration)
    far = table[table["away"].abs() >= FAR].sort_values("away", key=abs, ascending=False)
    if not len(far):
        return
    yield heading("What likely values do not make: where the export lies outside", apart=False)
    rows = far.head(_FAR_SHOWN).to_dict("records")
    yield listing(
        Column("", [f"{words(row['what'])}, {shown(words(row['of']), 30)}" for row in rows]),
        *(Column(head, [_percent(row[name]) for row in rows])
          for head, name in (("export", "observed"), ("likely, from", "low"), ("to", "high"))),
        Column("std. deviations off", [f"{row['away']:+.1f}" for row in rows]),
    )  # fmt: skip
    if len(far) > _FAR_SHOWN:
        yield Passage(f"and {len(far) - _FAR_SHOWN} more of {len(table)}: fit.csv has all\n")


def _cutoffs(calibration: Calibration) -> list[str]:
    return [f"{check.holdout.day:%Y-%m-%d}" for check in calibration.checks]


def _check(calibration: Calibration, cutoff: str) -> Iterator[Block]:
    """How leads after a cutoff were predicted, by week and by channel, with scores."""
    days = calibration.scenario.study.fit.horizon_days
    table, scores = tables.held_out_table(calibration), tables.scores_table(calibration)
    table = table[table["cutoff"] == cutoff]
    yield heading(f"Fitted to what was known on {cutoff}: leads that came then, won within {days} days", apart=False)
    for key, head, other, everything in (
        ("week", "week of", "channel", ALL_CHANNELS), ("channel", "leads of channel", "week", ALL_WEEKS),
    ):  # fmt: skip
        chosen = table[table[other] == everything]
        names = list(dict.fromkeys(chosen[key]))[: _CHANNELS + 1]
        of = {(row["model"], row[key]): row for row in chosen.to_dict("records")}
        ours = [of[OURS, name] for name in names]
        yield listing(
            Column(head, [shown(words(str(name)), 28) for name in names]),
            Column("leads", [count(row["leads"]) for row in ours]),
            Column("won", [count(row["won"]) for row in ours]),
            Column("rate", [_percent(row["won"] / row["leads"]) for row in ours]),
            *(
                Column(model, [_predicted(of[model, name]) for name in names])
                for model in dict.fromkeys(table["model"])
            ),
        )
    rows = scores[scores["cutoff"] == cutoff].to_dict("records")
    yield listing(
        Column("scores", [row["model"] for row in rows]),
        Column(f"log score,\n{days} days", [f"{row['log_score']:.2f}" for row in rows]),
        Column("simulator better by", [_ahead(row) for row in rows]),
        Column("log score,\nto the export", [f"{row['log_score_ever']:.2f}" for row in rows]),
        Column("cycle curve off\nby, points", [f"{100 * row['ks']:.1f}" for row in rows]),
        Column("intervals\nthat held", [_percent(row["held"]) for row in rows]),
    )


def _predicted(row: Mapping[Any, Any]) -> str:
    return f"{row['predicted']:.1f} [{row['low']:.0f}, {row['high']:.0f}]"


def _ahead(row: Mapping[Any, Any]) -> str:
    unknown = math.isnan(row["ahead"])
    return NOTHING if unknown else f"{row['ahead']:+.2f} [{row['ahead_low']:+.2f}, {row['ahead_high']:+.2f}]"


def _organisations(calibration: Calibration) -> Iterator[Block]:
    """What became of the same leads in each organisation, and how far that is from the fitted one."""
    table = tables.organisations_table(calibration)
    yield heading(f"The same {_whole(calibration)} in each organisation, until the export", apart=False)
    base, *others = (replay.organisation for replay in calibration.replays)
    rows = []
    for fact, (name, unit) in FACTS.items():
        mine = table[table["fact"] == fact].set_index("organisation")
        if mine["value"].isna().any():
            continue
        scale = scale_for(unit, mine["value"], (mine["high"] - mine["low"]) / 2)

        def cell(organisation: str, columns: Sequence[str], sign: bool, mine: Any = mine, scale: Any = scale) -> str:
            value, *ends = mine.loc[organisation, list(columns)]
            return f"{scale.text(value, sign)} {bracketed(scale, ends, sign)}"

        rows.append([name, scale.unit, *(cell(each, ("value", "low", "high"), False) for each in (base, *others)),
                     *(cell(each, _DIFFERENCE, True) for each in others)])  # fmt: skip
    heads = ("", "", *map(words, (base, *others)), *(f"{words(each)}\n- {words(base)}" for each in others))
    yield listing(*filled([*map(Column, heads)], rows))


def _ends(low: float, high: float) -> str:
    return f"[{low:.3g}, {high:.3g}]"


def _percent(share: float) -> str:
    percent = 100 * share
    return NOTHING if not math.isfinite(percent) else f"{percent:.1f}%" if percent < 9.95 else f"{percent:.0f}%"


def _whole(calibration: Calibration) -> str:
    """Leads of whom shares are told."""
    stream = calibration.stream
    since = f" since {stream.day(stream.since):%Y-%m-%d}" if stream.since else ""
    return f"{count(stream.whole.sum())} leads{since}"


# --- in sentences -----------------------------------------------------------------------------------------------------


def _told(calibration: Calibration) -> str:
    prior, statuses = calibration.prior, calibration.statuses
    untold = [words(free.name) for free, status in zip(prior.free, statuses, strict=True) if status == NOT_IDENTIFIABLE]
    cannot = f", {len(untold)} it cannot tell ({listed(untold)})" if untold else ""
    close = calibration.best.distance <= MISSES
    misses = "about as close to it as luck allows" if close else "further off than luck explains"
    won, stream = calibration.stream.event_times.won, calibration.stream
    return (
        f"{count(len(stream))} leads with {count(((won >= stream.since) & (won < stream.until)).sum())} wins tell "
        f"{statuses.count(FITTED)} of {len(prior)} parameters of {words(prior.organisation)}{cannot}; the funnel of "
        f"its chosen values is {misses} (distance {calibration.best.distance:.1f}, 1 is luck alone)."
    )


def _elsewhere(calibration: Calibration) -> Iterator[str]:
    table = tables.organisations_table(calibration)
    own, *others = table[table["fact"] == "won_share"].to_dict("records")
    if others:
        points = [
            (100 * row["difference"], 100 * row["difference_low"], 100 * row["difference_high"]) for row in others
        ]
        said = [f"{words(row['organisation'])} {apart:+.1f} points [{low:+.1f}, {high:+.1f}]"
                for row, (apart, low, high) in zip(others, points, strict=True)]  # fmt: skip
        unfit = calibration.best.distance >= UNFIT
        yield (
            f"{'This fit misses too much of the export to decide by. ' if unfit else ''}Of the same "
            f"{_whole(calibration)} {words(own['organisation'])} wins {100 * own['value']:.1f}% "
            f"[{100 * own['low']:.1f}, {100 * own['high']:.1f}] with values that the export leaves likely; in other "
            f"organisations it would be: {listed(said)} (90% intervals over what the export cannot tell)."
        )


def _predicts(calibration: Calibration) -> Iterator[str]:
    if not calibration.checks:
        return
    of = len(calibration.checks)
    score = curve = 0
    for _, scores in tables.scores_table(calibration).groupby("cutoff"):
        ours, nulls = scores[scores["model"] == OURS].iloc[0], scores[scores["model"] != OURS]
        score += int(ours["log_score"] > nulls["log_score"].max())
        curve += int(ours["ks"] < nulls["ks"].min())
    yield (
        f"On leads that it had not seen, the simulator was better than both predictions without buyers at "
        f"{score} of {of} {'cutoff' if of == 1 else 'cutoffs'} in the log score of weekly wins, and at {curve} of {of} "
        "in the curve of days to win."
    )


def notes(calibration: Calibration) -> Iterator[str]:
    """What the reader must know besides."""
    stream = calibration.stream
    if stream.since:
        yield (
            f"wins are counted from {stream.day(stream.since):%Y-%m-%d} on: before, the export seems to miss them "
            "(left truncation); say crm.wins_from=DAY if it is another day"
        )
    done, asked = calibration.points
    if done < asked:
        yield f"time was over after {count(done)} of {count(asked)} parameter sets: more would narrow the intervals"
    tempering = calibration.fit.posterior.tempering
    if tempering < 0.99:
        yield (
            f"no parameter set meets the export as closely as luck explains: intervals are {tempering**-0.5:.1f} times "
            "as wide as if one did, and still rest on a model that misses something"
        )
    for check in calibration.checks:
        if not check.holdout.within(check.holdout.row(stream.event_times)).any():
            yield f"no lead after {check.holdout.day:%Y-%m-%d} was won within the horizon: that check says little"
    held = calibration.coverage.mean()
    if held < LEVEL - 0.08:
        yield (
            f"the intervals held only {_percent(held)} of the truths of simulated exports like this one, not "
            f"{_percent(LEVEL)}: more sets (study.fit.points, study.fit.narrowed) would help"
        )
    for said in calibration.funnel.report.notes:
        yield shown(said, 400)


def how_to_read(calibration: Calibration) -> Iterator[str]:
    """How to read the tables."""
    settings, held = calibration.scenario.study.fit, calibration.coverage.mean()
    near = settings.rounds * settings.narrowed
    yield (
        f"Fitted: {count(calibration.points[0])} parameter sets of the prior and {count(near)} near the export, each "
        f"replaying the {count(len(calibration.stream))} leads (seed {settings.seed}). Intervals hold the truth in "
        f"{_percent(held)} of simulated exports like this one (they say {_percent(LEVEL)}). told: by how much the "
        "interval is narrower than the prior's own. Not identifiable: a profile over the whole range stays flat, or "
        f"the interval is wider than {_percent(WIDEST_IDENTIFIABLE)} of the prior's."
    )
    if calibration.checks:
        yield (
            "Predictions: mean and 90% interval. Log score: of a week's wins, its mean; higher is better, [ ]: 95% "
            "over leads drawn again. Cycle curve: greatest distance between the predicted and the real share won by "
            "an age."
        )
    yield (
        "Other organisations: the same leads, the same values and the same luck; what they do otherwise is an "
        "assumption of the scenario, nothing of it is fitted. [ ]: 90% over likely parameter sets."
    )
