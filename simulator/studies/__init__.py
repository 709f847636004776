"""Questions that can be asked of a scenario, a module each; it is named as the study is."""

from importlib import import_module

from simulator.domain.scenario import Scenario


def refuse(scenario: Scenario) -> None:
    """Refuse what only a look at the study itself can tell, before anything runs.

    Raises
    ------
    ScenarioError
        One line naming the field, the rule and the value.
    """
    if scenario.limit or scenario.study.name == "calibrate_defaults":  # what these need is checked with the scenario
        return
    import_module(f"{__name__}.{scenario.study.name}").refuse(scenario)
