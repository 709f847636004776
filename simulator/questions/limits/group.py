"""Group: members who vote independently, with doubts that nothing changes.

Everything is clear to a buyer at its arrival, and nothing that it reads has any effect; so its group votes at once, and
either buys or never does. Complexity is uniform, and with it come groups of every size.
"""

import math
from collections.abc import Mapping

from simulator.model.numerics import DAY_US
from simulator.model.words import Outcome
from simulator.questions.limits.finding import (
    Assumed,
    Finding,
    Progress,
    Row,
    assumed,
    column,
    departures,
    each_run,
    estimated,
    exact,
    verdict,
)  # fmt: skip
from simulator.questions.limits.theory import agreement
from simulator.run import simulate
from simulator.scenario.checked import Checked
from simulator.scenario.market import Group

RULES: tuple[str, ...] = Group.__dataclass_fields__["rule"].metadata["choices"]

#: Agreements at a later vote than the first, and groups of whom the end was not seen.
LATER, OPEN = "agreements at later votes", "open"


def sizes(scenario: Checked) -> list[int]:
    """The sizes of groups, from complexity 0 to 1."""
    group = scenario.market.group
    low, high = sorted((group.size_simple, group.size_complex))
    return list(range(low, high + 1))


def quantity(rule: str, members: int) -> str:
    """The name of a row."""
    return f"{rule} of {members}"


def votes(markets: Mapping[str, Checked], organisation: str, replication: int) -> dict[str, float]:
    """Of the cohort's groups of each size under each rule: how many there were, and the share that agreed."""
    measures: dict[str, float] = {LATER: 0.0, OPEN: 0.0}
    for rule, scenario in markets.items():
        history, run = simulate(scenario, organisation, replication=replication).report.history, scenario.run
        first, last = run.warm_up_days * DAY_US, (run.warm_up_days + run.cohort_days) * DAY_US
        cohort = history[(history["arrived_at"] >= first) & (history["arrived_at"] < last)]
        won = cohort["outcome"] == Outcome.WON
        measures[LATER] += int((won & (cohort["votes"] > 1)).sum())
        measures[OPEN] += int((cohort["outcome"] == Outcome.OPEN).sum())
        for members in sizes(scenario):
            these = cohort["members"] == members
            name = quantity(rule, members)
            measures[f"groups: {name}"] = float(these.sum())
            measures[name] = float(won[these].mean()) if these.any() else math.nan
    return measures


def group_limit(scenario: Checked, progress: Progress | None = None) -> Finding:
    """The share of groups that agree, by rule and size."""
    markets = {rule: _under(scenario, rule) for rule in RULES}
    yes = 1.0 - scenario.market.group.doubt_low
    runs_by_name = each_run(scenario, lambda name, replication: votes(markets, name, replication), progress)
    rows: list[Row] = []
    notes = list(departures(_assumed(scenario)))
    for name, runs in runs_by_name.items():
        missing: list[int] = []
        for rule in RULES:
            for members in sizes(scenario):
                what = quantity(rule, members)
                groups = column(runs, f"groups: {what}")
                if not groups.any():
                    missing.append(members)
                    continue
                theory = agreement(rule, members, yes) if members > 1 else 1.0
                shares = column(runs, what)[groups > 0]
                rows.append(estimated(name, what, "share", theory, shares, 3.0 / groups.sum()))
        if rows:
            rows.append(exact(name, LATER, "groups", 0, column(runs, LATER).sum()))
        if missing:
            few = ", ".join(map(str, dict.fromkeys(missing)))
            notes.append(f"no group of {few} came to {name}: market.inquiries_per_year may be too low")
        if still := column(runs, OPEN).sum():
            notes.append(
                f"{still:,.0f} journeys of {name} are open at the end, and count as no agreement: "
                "run.follow_up_days is too short"
            )
    apart = [row for row in rows if row.is_estimate]
    sentence = f"Each member agrees with chance {yes:g}: {verdict(rows)}."
    if apart:
        furthest = max(apart, key=lambda row: abs(row.simulated - row.theory))
        sentence = (
            f"Each member agrees with chance {yes:g}: {furthest.quantity} is furthest from theory, "
            f"{furthest.simulated:.4f} instead of {furthest.theory:.4f}; {verdict(rows)}."
        )
    return Finding(scenario, tuple(rows), sentence, tuple(notes))


def _under(scenario: Checked, rule: str) -> Checked:
    """The scenario with another rule of agreement."""
    return scenario.with_({"market.group.rule": rule})


def _assumed(scenario: Checked) -> Assumed:
    """What the formulas assume."""
    lived = scenario.lived
    impatient = [name for name, segment in lived.market.segments.items() if segment.patience_median_days <= 0.0]
    return {
        **assumed(scenario, "mechanisms", group=True),
        **assumed(scenario, "market.group", doubt_high=scenario.market.group.doubt_low),
        **assumed(lived, "market.journey", clear_level=1.0, content_gain=0.0, distraction_chance=0.0,
                  self_serve_max_complexity=1.0),
        **assumed(lived, "market", **{"preference.base": -20.0, "rivals.count": 0, "word_of_mouth.base_chance": 0.0,
                                      "word_of_mouth.imitation": 0.0}),
        **assumed(lived, "market.segments", **{f"{name}.patience_median_days": "more than 0" for name in impatient}),
    }  # fmt: skip
