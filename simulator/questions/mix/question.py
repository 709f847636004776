"""The best team for a payroll: tables, figures, the team as settings, and what is printed."""

from typing import TYPE_CHECKING

from omegaconf import OmegaConf

from simulator.questions.frame.question import Question
from simulator.questions.mix.tables import front_table, trials_table
from simulator.questions.mix.words import conclusion, print_mix
from simulator.questions.mix.work import TeamSearch, mix
from simulator.scenario.config_sources import option_names
from simulator.scenario.scenario import payroll_usd_per_year

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure


def _figures(found: TeamSearch) -> "Mapping[str, Figure]":
    from simulator.questions.mix.figure import mix_figures  # brings matplotlib: the runs need not wait for it

    return mix_figures(found)


def team_yaml(found: TeamSearch) -> str:
    """The recommended team as a scenario: what was asked about, with these people and policies on top.

    With ``--config-dir FOLDER scenario=team`` it is run as it is. Settings given on the command line of the search are
    in ``config.yaml``, not here.
    """
    name = found.scenario.name
    base = {"defaults": [name, "_self_"]} if name in option_names("scenario") else {}
    settings = OmegaConf.create(base)
    for path, value in found.settings().items():
        OmegaConf.update(settings, path, value, force_add=True)
    pay = found.pay(found.recommended.candidate)
    others = [payroll_usd_per_year(found.scenario.organisations[one]) for one in found.scenario.compared()]
    if max(*others, pay) > 1.005 * min(*others, pay):  # what a comparison refuses unless it is meant
        OmegaConf.update(settings, "compare.equal_payroll", False, force_add=True)
    said = [
        f"# The scenario {name} with the team that a search recommends for {found.organisation}.",
        "# To run it: --config-dir <this folder> scenario=team",
    ]
    return "\n".join(said) + "\n" + OmegaConf.to_yaml(settings)


QUESTION = Question(
    study="mix",
    files=("trials.csv", "front.csv", "team.yaml"),
    find=lambda scenario, tell, simulate: mix(scenario, tell, simulate=simulate),
    tables=lambda found: {"trials.csv": trials_table(found), "front.csv": front_table(found)},
    figures=_figures,
    show=print_mix,
    conclusion=conclusion,
    texts=lambda found: {"team.yaml": team_yaml(found)},
    metrics=lambda found: found.scenario.study.mix.objectives,
    about=lambda found: {
        "organisation": found.organisation,
        "recommended": found.settings(),
        "trials": len(found.candidates),
        "stopped": found.stopped,
        "runs": found.runs,
    },
)
