"""Which limits there are: what a scenario may name in ``limit``."""

from collections.abc import Callable, Mapping

from simulator.questions.limits.bass import bass_limit
from simulator.questions.limits.chain import absorbing_chain_limit
from simulator.questions.limits.deadline import deadline_limit
from simulator.questions.limits.exact import conservation_limit, null_limit, worlds_limit
from simulator.questions.limits.finding import Finding
from simulator.questions.limits.group import group_limit
from simulator.questions.limits.little import little_limit
from simulator.questions.limits.projects import projects_limit
from simulator.questions.limits.quarter_end import quarter_end_limit
from simulator.questions.limits.queues import erlang_a_limit, erlang_c_limit
from simulator.questions.limits.reach import reach_limit
from simulator.questions.limits.runs import Progress
from simulator.questions.limits.stage_chain import stage_chain_limit
from simulator.scenario.checked import Checked

#: Name, as ``Scenario.limit`` has it -> what runs the scenario and sets theory beside it.
LIMITS: Mapping[str, Callable[[Checked, Progress | None], Finding]] = {
    "null": null_limit,
    "worlds": worlds_limit,
    "conservation": conservation_limit,
    "erlang_c": erlang_c_limit,
    "erlang_a": erlang_a_limit,
    "absorbing_chain": absorbing_chain_limit,
    "little": little_limit,
    "bass": bass_limit,
    "group": group_limit,
    "quarter_end": quarter_end_limit,
    "stage_chain": stage_chain_limit,
    "reach": reach_limit,
    "projects": projects_limit,
    "deadline": deadline_limit,
}


def limit(scenario: Checked, progress: Progress | None = None) -> Finding:
    """Set theory beside simulation for a checked scenario that names a limit."""
    return LIMITS[scenario.limit](scenario, progress)
