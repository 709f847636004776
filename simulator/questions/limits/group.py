"""Group: members who vote independently, with doubts that nothing changes.

Everything is clear to a buyer at its arrival, and nothing that it reads has any effect; so its group votes at once, and
either buys or never does. Complexity is uniform, and with it come groups of every size.
"""

from simulator.model.words import Outcome
from simulator.questions.limits.assumptions import Assumed, assumed, departures, too_short
from simulator.questions.limits.finding import Finding, Row, estimated_share, exact, verdict
from simulator.questions.limits.runs import Progress, cohort_of, column, each_run, mean
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


def votes(scenario: Checked, organisation: str, replication: int) -> dict[str, float]:
    """Of the cohort's groups of each size under each rule: how many there were, and the share that agreed."""
    measures: dict[str, float] = {LATER: 0.0, OPEN: 0.0}
    for rule in RULES:
        market = scenario.with_({"market.group.rule": rule})
        cohort = cohort_of(simulate(market, organisation, replication=replication))
        won = cohort["outcome"] == Outcome.WON
        measures[LATER] += int((won & (cohort["votes"] > 1)).sum())
        measures[OPEN] += int((cohort["outcome"] == Outcome.OPEN).sum())
        for members in sizes(scenario):
            these = cohort["members"] == members
            name = quantity(rule, members)
            measures[f"groups: {name}"] = float(these.sum())
            measures[name] = mean(won[these])
    return measures


def group_limit(scenario: Checked, progress: Progress | None = None) -> Finding:
    """The share of groups that agree, by rule and size."""
    yes = 1.0 - scenario.market.group.doubt_low
    runs_by_name = each_run(scenario, votes, progress)
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
                rows.append(estimated_share(name, what, theory, column(runs, what)[groups > 0], groups))
        if rows:
            rows.append(exact(name, LATER, "groups", 0, column(runs, LATER).sum()))
        if missing:
            few = ", ".join(map(str, dict.fromkeys(missing)))
            notes.append(f"no group of {few} came to {name}: market.inquiries_per_year may be too low")
        still = f"journeys of {name} are open at the end, and count as no agreement"
        notes += too_short(column(runs, OPEN).sum(), still)
    apart = [row for row in rows if row.is_estimate]
    sentence = f"Each member agrees with chance {yes:g}: {verdict(rows)}."
    if apart:
        furthest = max(apart, key=lambda row: abs(row.simulated - row.theory))
        sentence = (
            f"Each member agrees with chance {yes:g}: {furthest.quantity} is furthest from theory, "
            f"{furthest.simulated:.4f} instead of {furthest.theory:.4f}; {verdict(rows)}."
        )
    return Finding(scenario, tuple(rows), sentence, tuple(notes))


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
