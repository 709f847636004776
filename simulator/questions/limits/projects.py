"""Projects: they begin, pause and go on in turns that nothing disturbs, and some begin without a thought of us.

Buyers come without a project, read nothing that clears anything, and nobody writes to them or calls. So a project is an
alternating renewal process, here one of exponential times; and what is remembered of us falls from the arrival on.
"""

import numpy as np

from simulator.model.numerics import DAY_US
from simulator.model.words import Outcome
from simulator.questions.limits.assumptions import Assumed, assumed, departures, plain_segments
from simulator.questions.limits.finding import Finding, Row, estimated_share, verdict
from simulator.questions.limits.runs import Progress, cohort_of, column, each_run, mean
from simulator.questions.limits.theory import alternating_renewal, forgotten_share
from simulator.run import simulate
from simulator.scenario.checked import Checked

BEGUN, ON, ELSEWHERE = "projects begun", "projects that go on", "ended elsewhere"


def at_the_end(scenario: Checked, organisation: str, replication: int) -> dict[str, float]:
    """Of the cohort: how many have had a project, have one that goes on, and ended elsewhere; shares."""
    measures: dict[str, float] = {}
    for which, (change, quantities) in _MARKETS.items():
        market = scenario.with_(change)
        cohort = cohort_of(simulate(market, organisation, replication=replication))
        found = theory_of(market, np.asarray(market.horizon_days() - cohort["arrived_at"] / DAY_US))
        seen = {
            BEGUN: cohort["project_at"] >= 0,
            ON: (cohort["project"] != 0) & (cohort["outcome"] == Outcome.OPEN),
            ELSEWHERE: cohort["outcome"] == Outcome.ELSEWHERE,
        }
        for what in quantities:
            measures[f"{which}: {what}"] = mean(seen[what])
            measures[f"theory of {which}: {what}"] = found[what]
        measures[f"buyers: {which}"] = float(len(cohort))
    return measures


#: Memory that never fails, and the scenario's own: what is changed, and what is compared.
_MARKETS: dict[str, tuple[dict[str, object], tuple[str, ...]]] = {
    "remembered": ({"market.projects.found_chance": 1.0}, (BEGUN, ON)),
    "forgotten": ({"market.projects.pauses_per_year": 0.0}, (ELSEWHERE,)),
}


def theory_of(scenario: Checked, age: np.ndarray) -> dict[str, float]:
    """The shares of buyers who came so many days before the end; their mean over the buyers."""
    projects = scenario.lived.market.projects
    starts, pauses = projects.starts_per_year / 365.0, projects.pauses_per_year / 365.0
    return {
        BEGUN: mean(-np.expm1(-starts * age)),
        ON: mean(alternating_renewal(age, starts, pauses, 1.0 / projects.pause_days)),
        ELSEWHERE: mean(forgotten_share(age, starts, projects.memory_days, projects.found_chance)),
    }


def projects_limit(scenario: Checked, progress: Progress | None = None) -> Finding:
    """How many projects have begun, go on, and went elsewhere."""
    runs_by_name = each_run(scenario, at_the_end, progress)
    rows: list[Row] = []
    notes: list[str] = list(departures(_assumed(scenario)))
    for name, runs in runs_by_name.items():
        for which, (_, quantities) in _MARKETS.items():
            for what in quantities:
                theory = column(runs, f"theory of {which}: {what}")
                simulated = column(runs, f"{which}: {what}") - theory + theory.mean()
                rows.append(estimated_share(name, what, mean(theory), simulated, column(runs, f"buyers: {which}")))
    on, elsewhere = rows[1], rows[2]
    sentence = (
        f"At the end {on.simulated:.1%} have a project that goes on, where the renewal process says {on.theory:.1%}; "
        f"where memory fails, {elsewhere.simulated:.1%} have ended elsewhere, where theory says "
        f"{elsewhere.theory:.1%}; {verdict(rows)}."
    )
    return Finding(scenario, tuple(rows), sentence, tuple(notes))


def _assumed(scenario: Checked) -> Assumed:
    """What the formulas assume."""
    lived = scenario.lived
    return {
        **assumed(lived, "mechanisms", projects=True, pace=False, office=False),
        **assumed(lived, "market.projects", share=0.0, asks_chance=0.0),
        **assumed(lived, "market", **{"rivals.count": 0, "group.size_simple": 1}),
        **assumed(lived, "market.journey", distraction_days=0.0, distraction_chance=0.0, content_gain=0.0,
                  our_content_share=0.0),
        **plain_segments(scenario, rep_free_share=1.0),
    }  # fmt: skip
