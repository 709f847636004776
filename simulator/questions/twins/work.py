"""The two lives of every buyer: whom each of two organisations wins alone, and where and why lives part.

A buyer's life parts at its first event that differs between both organisations. A part of what sets them apart (a
mechanism, or all that no mechanism owns) is at work there if the two lives agree at this event as soon as the
challenger has the baseline's values of this part alone: without it, they would not have parted there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.model.words import Outcome
from simulator.questions.frame.arms import Tell
from simulator.questions.frame.checks import check_arms, check_replications, pair
from simulator.questions.frame.divergence import Histories, divergences
from simulator.questions.frame.runs import Simulate, check_leads, resolved, simulation, threads_of
from simulator.questions.frame.without_mechanism import Part, never_waiting, parts_of, taken_back
from simulator.questions.frame.workers import counted
from simulator.questions.twins.typical_buyers import Story, typical_stories
from simulator.results.estimate import Estimate, ratio_of_sums
from simulator.results.summary import Result
from simulator.scenario.checked import Checked
from simulator.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

#: What became of a buyer in both lives: who won it.
BOTH, ONLY_BASELINE, ONLY_CHALLENGER, NEITHER = FATES = ("both", "only_baseline", "only_challenger", "neither")

#: Whom shares are taken of: everyone in the cohort; those of them who inquire in at least one of both lives.
COHORT, INQUIRIES = SCOPES = ("cohort", "inquiries")

#: What is summed over the buyers of a fate.
BUYERS, REVENUE_BASELINE, REVENUE_CHALLENGER, CAME_TO_ONE = range(4)

#: All segments together.
ALL = ""

#: What is kept of a buyer's journey.
FACTS = ("buyer", "channel", "segment", "arrived_at", "outcome", "value_usd", "deal_value_usd", "complexity",
         "group_size", "asked_again", "handoffs", "contradictions")  # fmt: skip


@dataclass(frozen=True)
class Twins:
    """What became of the same buyers in two organisations.

    Attributes
    ----------
    scenario : as it was run.
    segments : ``ALL``, then those of the market.
    sums : float64[replications, scopes, segments, fates, 4]: buyers, revenue in the baseline and in the challenger
        (usd), and buyers who came to one of both only, as budgets bring others.
    parts : in what the organisations differ.
    divergences : one row per buyer of the cohort in the detailed replications: both outcomes, where and why its lives
        part.
    stories : buyers that are told.
    crowd : how many times as many people there were where hardly anybody waited.
    runs : how many simulations it took.
    """

    scenario: Checked
    baseline: str
    challenger: str
    segments: tuple[str, ...]
    sums: NDArray[np.float64]
    parts: tuple[Part, ...]
    divergences: "pd.DataFrame"
    stories: tuple[Story, ...]
    crowd: int
    runs: int
    note: str = ""

    @property
    def replications(self) -> int:
        """Repetitions of both lives."""
        return len(self.sums)

    @property
    def detailed(self) -> int:
        """Repetitions in which every event was recorded."""
        return min(self.scenario.study.twins.detail_replications, self.replications)

    def sum(self, what: int, scope: str, segment: str, *fates: str) -> NDArray[np.float64]:
        """A sum over the buyers of some fates, by replication."""
        rows = self.sums[:, SCOPES.index(scope), self.segments.index(segment), :, what]
        return np.asarray(rows[:, [FATES.index(fate) for fate in fates]].sum(axis=1))

    def share(self, fate: str, scope: str = INQUIRIES, segment: str = ALL) -> Estimate:
        """Buyers of this fate, of all of the scope."""
        return ratio_of_sums(*(self.sum(BUYERS, scope, segment, *some) for some in ((fate,), FATES)))

    def gap(self, scope: str = INQUIRIES, segment: str = ALL) -> Estimate:
        """The paired difference of the win rate: won by the challenger less won by the baseline, of the same buyers."""
        return self.share(ONLY_CHALLENGER, scope, segment) - self.share(ONLY_BASELINE, scope, segment)

    def mean(self, what: int, *fates: str, scope: str = COHORT, segment: str = ALL) -> Estimate:
        """A sum per replication."""
        sums = self.sum(what, scope, segment, *fates)
        return ratio_of_sums(sums, np.ones(len(sums)))

    def worth(self, *fates: str, scope: str = COHORT, segment: str = ALL) -> Estimate:
        """Revenue of buyers of some fates in the challenger less that in the baseline, usd per replication."""
        return self.mean(REVENUE_CHALLENGER, *fates, scope=scope, segment=segment) - self.mean(
            REVENUE_BASELINE, *fates, scope=scope, segment=segment
        )

    def rate(self, top: "pd.Series", bottom: "pd.Series") -> Estimate:
        """A share of rows of ``divergences``, of those that ``bottom`` picks, over the detailed replications."""
        replication = self.divergences["replication"].to_numpy()
        counts = (np.bincount(replication[mask.to_numpy()], minlength=self.detailed) for mask in (top & bottom, bottom))
        return ratio_of_sums(*(count.astype(np.float64) for count in counts))


def refuse(scenario: Checked) -> None:
    """Refuse, before anything runs, what has no two lives to lay side by side."""
    check_arms(scenario, "twins")
    check_replications(scenario, "twins")
    baseline, challenger = _pair(scenario)
    for part in parts_of(scenario, baseline, challenger):
        taken_back(scenario, baseline, challenger, part)
    never_waiting(scenario, baseline, challenger)


def _pair(scenario: Checked) -> tuple[str, str]:
    """Whose lives are laid side by side."""
    return pair(scenario, "study.twins", scenario.study.twins.challenger)


@dataclass
class _Replication:
    """What is known so far of one replication."""

    number: int
    lives: dict[str, Histories] = field(default_factory=dict)
    facts: "dict[str, pd.DataFrame]" = field(default_factory=dict)

    def pairs(self) -> "pd.DataFrame":
        """Both outcomes of each buyer."""
        return paired(self.facts["baseline"], self.facts["challenger"])


def twins(scenario: Scenario, progress: Tell | None = None, *, simulate: Simulate | None = None) -> Twins:
    """Lay both lives of every buyer of the cohort side by side.

    Memory holds the recorded events of a few runs, one row per buyer of the detailed replications, and the events of
    those among them that flipped.

    Parameters
    ----------
    scenario : the question; left as it is.
    progress : called with the runs done and the runs in all, once at the start and after each run.
    simulate : in place of `simulator.run.simulate`.

    Raises
    ------
    ScenarioError
        Before anything runs, as `refuse` and `simulator.questions.compare.work.compare` say.
    """
    import pandas as pd

    scenario = resolved(scenario)
    refuse(scenario)
    note = check_leads(scenario)
    baseline, challenger = _pair(scenario)
    parts = parts_of(scenario, baseline, challenger)
    crowded, crowd = never_waiting(scenario, baseline, challenger)
    run, detailed = scenario.run, min(scenario.study.twins.detail_replications, scenario.run.replications)
    arms = {"baseline": (scenario, baseline), "challenger": (scenario, challenger)}
    closer = {"crowd_baseline": (crowded, baseline), "crowd_challenger": (crowded, challenger)}
    closer |= {part.name: (taken_back(scenario, baseline, challenger, part), challenger) for part in parts}
    jobs = [
        (number, name, *arm)
        for number in range(run.replications)
        for name, arm in (arms | (closer if number < detailed else {})).items()
    ]
    run_one = simulate or simulation()

    def job(what: tuple[int, str, Scenario, str]) -> "tuple[int, str, pd.DataFrame, Histories | None]":
        number, name, lived, organisation = what
        record = "touches" if number < detailed else "journeys"
        result = run_one(lived, organisation, seed=run.seed, replication=number, engine=run.engine, record=record)
        kept = result.journeys["in_cohort"].to_numpy(dtype=bool)
        return number, name, _facts(result, scenario, kept), Histories.of(result, kept) if number < detailed else None

    segments = (ALL, *scenario.market.segments)
    sums, tables, flipped = [], [], []
    now = _Replication(0)
    with counted(job, jobs, threads_of(run), progress) as outcomes:
        for number, name, facts, lives in outcomes:
            if number != now.number:
                now = _Replication(number)
            now.facts[name] = facts
            if lives is not None:
                now.lives[name] = lives
            if len(now.facts) == 2:
                sums.append(_sums(now.pairs(), segments))
            if number < detailed and len(now.facts) == len(arms) + len(closer):
                pairs = now.pairs()
                won = {part.name: _winners(now.facts[part.name]) for part in parts}
                tables.append(divergences(number, pairs, now.lives, won, [part.name for part in parts]))
                flips = pairs["buyer"][pairs["won_baseline"] != pairs["won_challenger"]].to_numpy(np.int64)
                flipped.append((now.lives["baseline"].only(flips), now.lives["challenger"].only(flips)))
    table = pd.concat(tables, ignore_index=True)
    return Twins(scenario, baseline, challenger, segments, np.array(sums), tuple(parts), table,
                 typical_stories(table, flipped), crowd, len(jobs), note)  # fmt: skip


def _facts(result: Result, scenario: Checked, kept: NDArray[np.bool_]) -> "pd.DataFrame":
    """What is kept of the journeys of a run's cohort."""
    cohort = result.journeys[kept]
    facts = cohort[list(FACTS)].copy()
    start = np.datetime64(result.setup.arrivals.first_day, "us")
    facts["arrived_us"] = (cohort["arrived_at"].to_numpy(dtype="datetime64[us]") - start).astype(np.int64)
    for name in ("channel", "segment", "outcome"):
        facts[name] = facts[name].astype(str)
    # Every lead of a replayed export is an inquiry.
    facts["inquired"] = cohort["inquiry_at"].notna().to_numpy() | (result.setup.rules.enter_as > 0)
    facts["won"] = (facts["outcome"] == Outcome.WON.name.lower()).to_numpy(dtype=bool)
    return facts.drop(columns="arrived_at")


def _winners(facts: "pd.DataFrame") -> NDArray[np.int64]:
    return facts["buyer"][facts["won"]].to_numpy(np.int64)


def paired(baseline: "pd.DataFrame", challenger: "pd.DataFrame") -> "pd.DataFrame":
    """One row per buyer who came to either, ascending; what differs between lives has a suffix.

    ``came`` is both, baseline or challenger. Who did not come was neither won nor inquired there.
    """
    fixed = ["buyer", "channel", "segment", "arrived_us", "deal_value_usd", "complexity", "group_size"]
    both = baseline.merge(challenger, how="outer", on=fixed, suffixes=("_baseline", "_challenger"), indicator="came")
    both["came"] = both["came"].astype(str).map({"both": "both", "left_only": "baseline", "right_only": "challenger"})
    for arm in ("baseline", "challenger"):
        here = both["came"].isin(("both", arm))
        for name in ("won", "inquired"):
            both[f"{name}_{arm}"] = (both[f"{name}_{arm}"] == True).to_numpy(dtype=bool)  # noqa: E712 - also of missing
        both[f"outcome_{arm}"] = both[f"outcome_{arm}"].where(here, "never_came")
        for name in ("value_usd", "asked_again", "handoffs", "contradictions"):
            both[f"{name}_{arm}"] = both[f"{name}_{arm}"].fillna(0.0)
    both["inquired"] = both["inquired_baseline"] | both["inquired_challenger"]
    both["won_by"] = np.array(FATES)[3 - 2 * both["won_baseline"].to_numpy(int) - both["won_challenger"].to_numpy(int)]
    if both["buyer"].duplicated().any():
        raise AssertionError("a buyer is not the same in both lives")
    return both.sort_values("buyer", ignore_index=True)


def _sums(pairs: "pd.DataFrame", segments: Sequence[str]) -> NDArray[np.float64]:
    """float64[scopes, segments, fates, 4] of one replication."""
    sums = np.zeros((len(SCOPES), len(segments), len(FATES), 4))
    fate = pairs["won_by"].map({name: i for i, name in enumerate(FATES)}).to_numpy(np.int64)
    amounts = np.stack([
        np.ones(len(pairs)), np.rint(pairs["value_usd_baseline"].to_numpy() * 100),
        np.rint(pairs["value_usd_challenger"].to_numpy() * 100), (pairs["came"] != "both").to_numpy(np.float64),
    ])  # fmt: skip
    for s, scope in enumerate((np.ones(len(pairs), bool), pairs["inquired"].to_numpy(bool))):
        for g, segment in enumerate(segments):
            kept = scope & ((pairs["segment"] == segment).to_numpy() | (segment == ALL))
            for what, amount in enumerate(amounts):
                sums[s, g, :, what] = np.bincount(fate[kept], amount[kept], minlength=len(FATES))
    sums[..., [REVENUE_BASELINE, REVENUE_CHALLENGER]] /= 100  # sums of whole cents do not depend on order
    return sums
