"""Tidy tables of a search for the best team."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simulator.questions.mix.candidates import Candidate
from simulator.questions.mix.work import TeamSearch

if TYPE_CHECKING:
    import pandas as pd


def trials_table(found: TeamSearch) -> "pd.DataFrame":
    """One row per team that was tried, with its objectives on the seeds of the search."""
    import pandas as pd

    finalists = {one.candidate.number: one.letter for one in found.finalists}
    rows = []
    for one in found.candidates:
        row = {"trial": one.number, **_team(found, one)}
        for metric in found.objectives:
            estimate = one.found.get(metric.key)
            low, high = estimate.interval if estimate else (float("nan"),) * 2
            row |= {metric.key: estimate.value if estimate else float("nan"), f"{metric.key}_ci_low": low,
                    f"{metric.key}_ci_high": high}  # fmt: skip
        rows.append(row | {"finalist": finalists.get(one.number, ""), "refused": one.refused})
    return pd.DataFrame(rows)


def front_table(found: TeamSearch) -> "pd.DataFrame":
    """One row per finalist and objective, on the seeds of the check; differences are to the present team."""
    import pandas as pd

    front = found.front
    rows = []
    for one in found.finalists:
        for metric in found.objectives:
            value, apart = one.checked[metric.key], found.difference(one, metric.key)
            wide, promised = apart.interval_at(found.level), found.promised(one, metric.key)
            luck = found.luck(one, metric.key)
            rows.append({
                "finalist": one.letter, "trial": one.candidate.number, **_team(found, one.candidate),
                "metric": metric.key, "unit": metric.unit, "estimate": value.value,
                "ci_low": value.interval[0], "ci_high": value.interval[1],
                "difference": apart.value, "difference_ci_low": apart.interval[0],
                "difference_ci_high": apart.interval[1], "together_ci_low": wide[0], "together_ci_high": wide[1],
                "promised": promised.value, "luck": luck[0], "luck_ci_low": luck[1], "luck_ci_high": luck[2],
                "on_front": one in front, "may_be_best": found.may_be_best(one),
                "recommended": one is found.recommended,
                "replications": found.scenario.study.mix.check_replications,
            })  # fmt: skip
    return pd.DataFrame(rows)


def _team(found: TeamSearch, one: Candidate) -> Mapping[str, Any]:
    return {
        "scenario": found.scenario.name,
        "organisation": found.organisation,
        **one.heads._asdict(),
        "payroll_usd_per_year": found.pay(one),
        **one.values,
    }
