"""What studies ask for, checked in the same words everywhere."""

import difflib
from collections.abc import Sequence

from simulator.results.metrics import BY_KEY
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError


def check_names(where: str, given: Sequence[str], what: str, known: Sequence[str]) -> None:
    """Refuse a name that is not known, or that is given twice."""
    for name in given:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f": did you mean {close[0]}?" if close else f" (there are {', '.join(known)})"
            raise ScenarioError(f"{where} must name {what}s, got {name!r}{hint}")
    if len(set(given)) < len(given):
        raise ScenarioError(f"{where} must name each {what} once, got {', '.join(given)}")


def check_metrics(where: str, given: Sequence[str]) -> None:
    """Refuse keys of metrics that there are not, and none at all."""
    check_names(where, given, "metric", tuple(BY_KEY))
    if not given:
        raise ScenarioError(f"{where} must name at least one metric, got none")


def check_arms(scenario: Scenario, study: str, most: int | None = None) -> None:
    """Refuse to compare fewer than two organisations, or more than ``most``."""
    names = scenario.compared()
    if len(names) < 2:
        raise ScenarioError(
            f"compare.organisations must name at least two organisations for study={study}, got {', '.join(names)}"
        )
    if most is not None and len(names) > most:
        raise ScenarioError(
            f"compare.organisations must name at most {most} organisations for study={study}, got {', '.join(names)}"
        )


def check_replications(scenario: Scenario, study: str) -> None:
    """Refuse a single replication where intervals are needed."""
    if scenario.run.replications < 2:
        raise ScenarioError(
            f"run.replications must be at least 2 for study={study}, which needs intervals, "
            f"got {scenario.run.replications}"
        )


def pair(scenario: Scenario, where: str, challenger: str) -> tuple[str, str]:
    """The baseline, and the organisation that is compared with it: ``challenger``, or the last one if it is empty.

    ``where`` is the key of the study's settings, for messages.
    """
    baseline, *others = scenario.compared()
    if challenger:
        check_names(f"{where}.challenger", [challenger], "compared organisation", others)
    return baseline, challenger or others[-1]
