"""What opens the gap between organisations: each mechanism alone, and each one left out, on the same buyers.

The gap is a challenger less the baseline. Alone, a mechanism contributes what the gap grows by when it is the only one
that is on; left out, what the gap shrinks by when it is the only one that is off. Both differ as soon as mechanisms
interact, and then contributions do not add up to the gap.
"""

import contextlib
import dataclasses
import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.domain.mechanisms import ORGANISATION_NEUTRAL, Mechanisms
from simulator.domain.organisation import Organisation
from simulator.domain.scenario import Scenario, check, with_switches
from simulator.domain.schema import ScenarioError
from simulator.results.estimate import Estimate, estimates
from simulator.results.metrics import BY_KEY, Metric
from simulator.results.summary import Summary, summarise
from simulator.studies.compare import Simulate, check_leads, resolved, running, threads_of
from simulator.studies.workers import in_order

if TYPE_CHECKING:
    import pandas as pd

ALL_ON, ALL_OFF, ALONE, LEFT_OUT = "all_on", "all_off", "alone", "left_out"

#: Every switch there is, in the order of the schema.
MECHANISMS = tuple(field.name for field in dataclasses.fields(Mechanisms))

COLUMNS = (
    "scenario", "setting", "mechanism", "baseline", "organisation", "metric", "unit", "gap", "ci_low", "ci_high",
    "contribution", "contribution_ci_low", "contribution_ci_high", "replications",
)  # fmt: skip

#: A setting, and the mechanism it is about; "" where it is about all of them.
Setting = tuple[str, str]
#: Estimates of one organisation in one setting, by the key of the metric.
Found = Mapping[str, Estimate]


@dataclass(frozen=True)
class Effect:
    """What one setting does to the gap of one metric.

    Attributes
    ----------
    mechanism : the one that is alone or left out; "" with all on and all off.
    gap : organisation less baseline, in this setting.
    contribution : alone, this gap less that of all off; left out, that of all on less this gap; None otherwise.
    """

    setting: str
    mechanism: str
    organisation: str
    metric: Metric
    gap: Estimate
    contribution: Estimate | None = None


@dataclass(frozen=True)
class Attribution:
    """What an ablation found.

    Attributes
    ----------
    scenario : as it was run.
    organisations : in order; the first is the baseline, the others are its challengers.
    mechanisms : those with a row, in the order of the schema.
    effects : of every setting, mechanism, challenger and metric.
    remaining : challengers that differ from the baseline with all mechanisms off, each with the keys in which they
        then still differ.
    runs : how many simulations it took; those that must be equal were run once.
    notes : what the reader must know besides.
    """

    scenario: Scenario
    organisations: tuple[str, ...]
    mechanisms: tuple[str, ...]
    effects: tuple[Effect, ...]
    remaining: Mapping[str, tuple[str, ...]]
    runs: int
    notes: tuple[str, ...] = ()

    @property
    def baseline(self) -> str:
        """The organisation that gaps are taken to."""
        return self.organisations[0]

    @property
    def challengers(self) -> tuple[str, ...]:
        """The other organisations."""
        return self.organisations[1:]

    @property
    def metrics(self) -> list[Metric]:
        """What the gaps are of, in the order of the scenario."""
        return [BY_KEY[key] for key in self.scenario.study.ablation.metrics]

    def effect(self, setting: str, organisation: str, metric: str, mechanism: str = "") -> Effect:
        """One effect by what it is of."""
        return next(
            effect
            for effect in self.effects
            if (effect.setting, effect.mechanism, effect.organisation, effect.metric.key)
            == (setting, mechanism, organisation, metric)
        )

    def table(self) -> "pd.DataFrame":
        """Tidy table, one row per effect, as ``ablation.csv`` has it."""
        import pandas as pd

        none = (float("nan"),) * 3
        rows = [
            (self.scenario.name, one.setting, one.mechanism, self.baseline, one.organisation, one.metric.key,
             one.metric.unit, one.gap.value, *one.gap.interval,
             *((one.contribution.value, *one.contribution.interval) if one.contribution else none),
             self.scenario.run.replications)
            for one in self.effects
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(COLUMNS))


@dataclass(frozen=True)
class _Arm:
    """One organisation under one set of switches: the same runs serve every setting that comes to the same."""

    scenario: Scenario
    organisation: str


def ablate(
    scenario: Scenario,
    progress: Callable[[int, int], None] | None = None,
    *,
    simulate: Simulate | None = None,
) -> Attribution:
    """Switch each mechanism alone on and alone off, and take the gaps between organisations apart.

    Memory holds the summaries of one organisation in one setting, and estimates of those before.

    Parameters
    ----------
    scenario : the question; left as it is.
    progress : called with the runs done and the runs in all, once at the start and after each run.
    simulate : in place of `simulator.run.simulate`.

    Raises
    ------
    ScenarioError
        Before anything runs, as `planned_settings` and `simulator.studies.compare.compare` say.
    """
    scenario = resolved(scenario)
    mechanisms = _planned_mechanisms(scenario)
    leads = check_leads(scenario)
    names = scenario.compared()
    settings = planned_settings(scenario)
    arms, arm_of = _planned(settings, names)
    found = list(_estimated(scenario, arms, progress, simulate))
    at = {place: found[arm] for place, arm in arm_of.items()}
    notes = (*_notes(scenario, mechanisms), *([leads] if leads else []))
    return Attribution(
        scenario,
        tuple(names),
        tuple(mechanisms),
        tuple(_effects(scenario, mechanisms, at)),
        _remaining(settings[ALL_OFF, ""], at),
        len(arms) * scenario.run.replications,
        notes,
    )


# --- what is asked ----------------------------------------------------------------------------------------------------


def planned_settings(scenario: Scenario) -> dict[Setting, Scenario]:
    """The scenario in every setting; all off comes first.

    Raises
    ------
    ScenarioError
        One line: an unknown or repeated name, nothing to switch, nothing to compare, no interval to be had, or an
        organisation that cannot live with a neutral value.
    """
    return {setting: _switched(scenario, setting) for setting in _settings(_planned_mechanisms(scenario))}


def _planned_mechanisms(scenario: Scenario) -> list[str]:
    """The mechanisms that get a row: those asked for, in the order of the schema, that the scenario has on."""
    asked = scenario.study.ablation
    _check_names("study.ablation.metrics", asked.metrics, "metric", tuple(BY_KEY))
    if not asked.metrics:
        raise ScenarioError("study.ablation.metrics must name at least one metric, got none")
    _check_names("study.ablation.mechanisms", asked.mechanisms, "mechanism", MECHANISMS)
    if len(names := scenario.compared()) < 2:
        raise ScenarioError(
            f"compare.organisations must name at least two organisations for study=ablation, got {', '.join(names)}"
        )
    if scenario.run.replications < 2:
        raise ScenarioError(
            f"run.replications must be at least 2 for study=ablation, which needs intervals, "
            f"got {scenario.run.replications}"
        )
    rows = [name for name in asked.mechanisms or MECHANISMS if getattr(scenario.mechanisms, name)]
    if not rows:
        off = ", ".join(f"{name}=false" for name in asked.mechanisms or MECHANISMS)
        raise ScenarioError(f"mechanisms must have one of those asked for switched on for study=ablation, got {off}")
    return sorted(rows, key=MECHANISMS.index)


def _check_names(where: str, given: Sequence[str], what: str, known: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f": did you mean {close[0]}?" if close else f" (there are {', '.join(known)})"
            raise ScenarioError(f"{where} must name {what}s, got {name!r}{hint}")
    if len(set(given)) < len(given):
        raise ScenarioError(f"{where} must name each {what} once, got {', '.join(given)}")


def _settings(mechanisms: Sequence[str]) -> list[Setting]:
    return [(ALL_OFF, ""), (ALL_ON, ""), *((how, name) for name in mechanisms for how in (ALONE, LEFT_OUT))]


def _switched(scenario: Scenario, setting: Setting) -> Scenario:
    """The scenario with its switches as the setting wants them; what it has off stays off."""
    how, mechanism = setting
    on = {
        ALL_OFF: lambda name: False,
        ALL_ON: lambda name: True,
        ALONE: lambda name: name == mechanism,
        LEFT_OUT: lambda name: name != mechanism,
    }[how]
    switches = Mechanisms(**{name: getattr(scenario.mechanisms, name) and on(name) for name in MECHANISMS})
    switched = dataclasses.replace(scenario, mechanisms=switches)
    try:
        return check(switched)
    except ScenarioError as refused:
        said = f"{mechanism} {how}" if mechanism else how
        raise ScenarioError(f"study=ablation, {said.replace('_', ' ')}: {refused}") from refused


# --- running ----------------------------------------------------------------------------------------------------------


def _planned(
    settings: Mapping[Setting, Scenario], names: Sequence[str]
) -> tuple[list[_Arm], dict[tuple[Setting, str], int]]:
    """What must be run, and which of it answers for an organisation in a setting.

    Organisations that come to the same under the switches share an arm, except with all off: there, that they come to
    the same is what is to be seen.
    """
    arms: list[_Arm] = []
    arm_of: dict[tuple[Setting, str], int] = {}
    first: dict[str, int] = {}
    for setting, scenario in settings.items():
        lived = with_switches(scenario)
        for name in names:
            same = repr((lived.market, lived.economics, _without_description(lived.organisations[name])))
            if setting[0] == ALL_OFF or same not in first:
                arms.append(_Arm(scenario, name))
                first.setdefault(same, len(arms) - 1)
                arm_of[setting, name] = len(arms) - 1
            else:
                arm_of[setting, name] = first[same]
    return arms, arm_of


def _estimated(
    scenario: Scenario, arms: Sequence[_Arm], progress: Callable[[int, int], None] | None, simulate: Simulate | None
) -> Iterator[Found]:
    """Estimates of each arm, in order."""
    run, metrics = scenario.run, [BY_KEY[key] for key in scenario.study.ablation.metrics]
    runs = [running(arm.scenario, arm.organisation, simulate) for arm in arms]
    jobs = [(number, replication) for number in range(len(arms)) for replication in range(run.replications)]

    def job(one: tuple[int, int]) -> Summary:
        number, replication = one
        arm = arms[number]
        result = runs[number](seed=run.seed, replication=replication, engine=run.engine, record="journeys")
        return summarise(result, arm.scenario, arm.organisation, replication)

    if progress:
        progress(0, len(jobs))
    summaries: list[Summary] = []
    with contextlib.closing(in_order(job, jobs, threads_of(scenario))) as outcomes:
        for done, summary in enumerate(outcomes, start=1):
            summaries.append(summary)
            if len(summaries) == run.replications:
                yield estimates(summaries, metrics)
                summaries = []
            if progress:
                progress(done, len(jobs))


# --- what came out ----------------------------------------------------------------------------------------------------


def _effects(
    scenario: Scenario, mechanisms: Sequence[str], at: Mapping[tuple[Setting, str], Found]
) -> Iterator[Effect]:
    baseline, *challengers = scenario.compared()
    for key in scenario.study.ablation.metrics:
        metric = BY_KEY[key]
        for name in challengers:
            gaps = {setting: at[setting, name][key] - at[setting, baseline][key] for setting in _settings(mechanisms)}
            on, off = gaps[ALL_ON, ""], gaps[ALL_OFF, ""]
            yield Effect(ALL_ON, "", name, metric, on)
            yield Effect(ALL_OFF, "", name, metric, off)
            for mechanism in mechanisms:
                alone, left_out = gaps[ALONE, mechanism], gaps[LEFT_OUT, mechanism]
                yield Effect(ALONE, mechanism, name, metric, alone, alone - off)
                yield Effect(LEFT_OUT, mechanism, name, metric, left_out, on - left_out)


def _remaining(off: Scenario, at: Mapping[tuple[Setting, str], Found]) -> dict[str, tuple[str, ...]]:
    """Challengers with a gap, however small, when all is off, and the keys in which they then differ."""
    baseline, *challengers = off.compared()
    lived = with_switches(off).organisations
    return {
        name: tuple(_differing(lived[baseline], lived[name]))
        for name in challengers
        if any(
            not _identical(one, other)
            for one, other in zip(at[(ALL_OFF, ""), baseline].values(), at[(ALL_OFF, ""), name].values(), strict=True)
        )
    }


def _identical(one: Estimate, other: Estimate) -> bool:
    """Equal to the last digit, also where there is nothing to estimate."""
    return np.array_equal([one.value], [other.value], equal_nan=True) and np.array_equal(
        one.left_out, other.left_out, equal_nan=True
    )


def _differing(one: Organisation, other: Organisation) -> Iterator[str]:
    """Keys in which two organisations differ, with both values."""
    left, right = (dict(_leaves(dataclasses.asdict(_without_description(each)))) for each in (one, other))
    for path in dict.fromkeys((*left, *right)):
        if left.get(path) != right.get(path):
            yield f"{path} ({left.get(path, 'none')} and {right.get(path, 'none')})"


def _leaves(node: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        where = f"{path}.{key}".lstrip(".")
        if isinstance(value, dict):
            yield from _leaves(value, where)
        else:
            yield where, value


def _without_description(organisation: Organisation) -> Organisation:
    return dataclasses.replace(organisation, description="")


def _notes(scenario: Scenario, mechanisms: Sequence[str]) -> Iterator[str]:
    off = [name for name in MECHANISMS if not getattr(scenario.mechanisms, name)]
    if off:
        yield f"switched off by the scenario, so off in every setting and without a row: {', '.join(off)}"
    of_market = [name for name in mechanisms if name not in ORGANISATION_NEUTRAL]
    if of_market:
        yield (
            f"of the market, not of an organisation: {', '.join(of_market)}; alone they meet organisations that are "
            "all the same and open no gap, left out they show how they widen or narrow what the others open"
        )
