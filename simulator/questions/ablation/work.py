"""What opens the gap between organisations: each mechanism alone, and each one left out, on the same buyers.

The gap is a challenger less the baseline. Alone, a mechanism contributes what the gap grows by when it is the only one
that is on; left out, what the gap shrinks by when it is the only one that is off. Both differ as soon as mechanisms
interact, and then contributions do not add up to the gap.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.questions.frame.arms import Arms, Found, Tell, estimated
from simulator.questions.frame.checks import check_arms, check_metrics, check_names, check_replications
from simulator.questions.frame.differing import differing
from simulator.questions.frame.runs import Simulate, check_leads, resolved
from simulator.results.estimate import Estimate
from simulator.results.metric import Metric
from simulator.results.metrics import BY_KEY
from simulator.scenario.checked import Checked
from simulator.scenario.mechanisms import ORGANISATION_NEUTRAL, Mechanisms
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError

ALL_ON, ALL_OFF, ALONE, LEFT_OUT = "all_on", "all_off", "alone", "left_out"

#: Every switch there is, in the order of the schema.
MECHANISMS = tuple(field.name for field in dataclasses.fields(Mechanisms))

#: A setting, and the mechanism it is about; "" where it is about all of them.
Setting = tuple[str, str]


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
class Ablation:
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

    scenario: Checked
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


def ablate(
    scenario: Scenario,
    progress: Tell | None = None,
    *,
    simulate: Simulate | None = None,
) -> Ablation:
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
        Before anything runs, as `planned_settings` and `simulator.questions.compare.work.compare` say.
    """
    scenario = resolved(scenario)
    mechanisms = _planned_mechanisms(scenario)
    leads = check_leads(scenario)
    names = scenario.compared()
    settings = planned_settings(scenario)
    arms, arm_of = _planned(settings, names)
    metrics = [BY_KEY[key] for key in scenario.study.ablation.metrics]
    estimates = list(estimated(arms.arms, scenario.run, metrics, progress, simulate))
    at = {place: estimates[arm] for place, arm in arm_of.items()}
    notes = (*_notes(scenario, mechanisms), *([leads] if leads else []))
    return Ablation(
        scenario,
        tuple(names),
        tuple(mechanisms),
        tuple(_effects(scenario, mechanisms, at)),
        _remaining(settings[ALL_OFF, ""], at),
        arms.runs(scenario.run),
        notes,
    )


# --- what is asked ----------------------------------------------------------------------------------------------------


def refuse(scenario: Checked) -> None:
    """Refuse, before anything runs, what cannot be taken apart."""
    planned_settings(scenario)


def planned_settings(scenario: Checked) -> dict[Setting, Checked]:
    """The scenario in every setting; all off comes first.

    Raises
    ------
    ScenarioError
        One line: an unknown or repeated name, nothing to switch, nothing to compare, no interval to be had, or an
        organisation that cannot live with a neutral value.
    """
    return {setting: _switched(scenario, setting) for setting in _settings(_planned_mechanisms(scenario))}


def _planned_mechanisms(scenario: Checked) -> list[str]:
    """The mechanisms that get a row: those asked for, in the order of the schema, that the scenario has on."""
    settings = scenario.study.ablation
    check_metrics("study.ablation.metrics", settings.metrics)
    check_names("study.ablation.mechanisms", settings.mechanisms, "mechanism", MECHANISMS)
    check_arms(scenario, "ablation")
    check_replications(scenario, "ablation")
    rows = [name for name in settings.mechanisms or MECHANISMS if getattr(scenario.mechanisms, name)]
    if not rows:
        off = ", ".join(f"{name}=false" for name in settings.mechanisms or MECHANISMS)
        raise ScenarioError(f"mechanisms must have one of those asked for switched on for study=ablation, got {off}")
    return sorted(rows, key=MECHANISMS.index)


def _settings(mechanisms: Sequence[str]) -> list[Setting]:
    return [(ALL_OFF, ""), (ALL_ON, ""), *((how, name) for name in mechanisms for how in (ALONE, LEFT_OUT))]


def _switched(scenario: Checked, setting: Setting) -> Checked:
    """The scenario with its switches as the setting wants them; what it has off stays off."""
    how, mechanism = setting
    on = {
        ALL_OFF: lambda name: False,
        ALL_ON: lambda name: True,
        ALONE: lambda name: name == mechanism,
        LEFT_OUT: lambda name: name != mechanism,
    }[how]
    switches = Mechanisms(**{name: getattr(scenario.mechanisms, name) and on(name) for name in MECHANISMS})
    try:
        return scenario.with_({"mechanisms": switches})
    except ScenarioError as refused:
        setting_in_words = f"{mechanism} {how}" if mechanism else how
        raise ScenarioError(f"study=ablation, {setting_in_words.replace('_', ' ')}: {refused}") from refused


# --- running ----------------------------------------------------------------------------------------------------------


def _planned(settings: Mapping[Setting, Checked], names: Sequence[str]) -> tuple[Arms, dict[tuple[Setting, str], int]]:
    """What must be run, and which of it answers for an organisation in a setting.

    Organisations that come to the same under the switches share an arm, except with all off: there, that they come to
    the same is what is to be seen.
    """
    arms = Arms()
    places = {
        (setting, name): arms.add(scenario, name, anew=setting[0] == ALL_OFF)
        for setting, scenario in settings.items()
        for name in names
    }
    return arms, places


# --- what came out ----------------------------------------------------------------------------------------------------


def _effects(scenario: Checked, mechanisms: Sequence[str], at: Mapping[tuple[Setting, str], Found]) -> Iterator[Effect]:
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


def _remaining(off: Checked, at: Mapping[tuple[Setting, str], Found]) -> dict[str, tuple[str, ...]]:
    """Challengers with a gap, however small, when all is off, and the keys in which they then differ."""
    baseline, *challengers = off.compared()
    lived = off.lived.organisations
    return {
        name: tuple(
            f"{key} ({'none' if one is None else one} and {'none' if other is None else other})"
            for key, one, other in differing(lived[baseline], lived[name])
        )
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


def _notes(scenario: Checked, mechanisms: Sequence[str]) -> Iterator[str]:
    off = [name for name in MECHANISMS if not getattr(scenario.mechanisms, name)]
    if off:
        yield f"switched off by the scenario, so off in every setting and without a row: {', '.join(off)}"
    of_market = [name for name in mechanisms if name not in ORGANISATION_NEUTRAL]
    if of_market:
        yield (
            f"of the market, not of an organisation: {', '.join(of_market)}; alone they meet organisations that are "
            "all the same and open no gap, left out they show how they widen or narrow what the others open"
        )
