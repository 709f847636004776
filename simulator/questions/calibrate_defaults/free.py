"""What a calibration of the defaults may set, and what it may not touch; brings nothing heavy, to refuse at once."""

from simulator.scenario.free import FreeParameter, parameters, paths_of
from simulator.scenario.mechanisms import ORGANISATION_NEUTRAL
from simulator.scenario.paths import ALL
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError

_FIT = "study.calibration.free"


def calibrated_organisation(scenario: Scenario) -> str:
    """Name of the organisation whose published figures are to be met."""
    return scenario.study.calibration.organisation or scenario.compared()[0]


def refuse(scenario: Scenario) -> None:
    """Refuse a calibration that cannot be run, or that would fit what it must not.

    Raises
    ------
    ScenarioError
        One line naming the field, the rule and the value.
    """
    settings, known = scenario.study.calibration, ", ".join(scenario.organisations)
    if calibrated_organisation(scenario) not in scenario.organisations:
        raise ScenarioError(f"study.calibration.organisation must be one of {known}, got {settings.organisation!r}")
    free = free_parameters(scenario)
    if settings.trials and not free:
        raise ScenarioError(f"{_FIT} must name at least one parameter to search, got none")
    if settings.trials and settings.seed == scenario.run.seed:
        raise ScenarioError(
            f"study.calibration.seed must differ from run.seed: a report is made from other runs than those fitted to, "
            f"got {settings.seed}"
        )


def free_parameters(scenario: Scenario) -> list[FreeParameter]:
    """The free parameters of a scenario's calibration, checked.

    Raises
    ------
    ScenarioError
        When a path is unknown, belongs to a mechanism, holds no number or different ones, or its range is not valid.
    """
    for name, free in scenario.study.calibration.free.items():
        for path in paths_of(free):
            _refuse_what_is_not_fitted(f"{_FIT}.{name}", path)
    return parameters(scenario, _FIT, scenario.study.calibration.free)


def _refuse_what_is_not_fitted(where: str, path: str) -> None:
    section, _, below = path.partition(".")
    if section not in ("market", "organisations"):
        raise ScenarioError(f"{where}.path must be a key below market or organisations.*, got {path!r}")
    if section == "market":
        return
    name, _, key = below.partition(".")
    owner = next((mechanism for mechanism, keys in ORGANISATION_NEUTRAL.items() if key in keys), None)
    if owner:
        raise ScenarioError(
            f"{where}.path must not belong to a mechanism, in which organisations differ, got {path!r} of {owner}"
        )
    if name != ALL:
        raise ScenarioError(f"{where}.path must be organisations.*.{key}: one value for all, got {path!r}")
