"""From the overrides of a job to its scenario, quickly: a sweep of thousands must not compose settings for each.

Building blocks (``scenario=``, ``organisation=``) are composed once for each choice. A plain ``key=value`` is then set
on the checked scenario, its value read and converted as Hydra and OmegaConf do; whatever is less plain (a key that is
added or deleted, a group of keys, settings that refer to others) is composed as a whole, and so is what is wrong: it is
refused in the words that a run by itself would be.
"""

import dataclasses
import re
from collections.abc import Callable, Sequence
from typing import Any

from omegaconf import OmegaConf

from simulator.scenario.checked import Checked
from simulator.scenario.composing import Planned, composed, to_scenario, value_of
from simulator.scenario.paths import GROUPS, value_at
from simulator.scenario.refusals import FAULTS
from simulator.scenario.schema import ContradictionError, ScenarioError

_PLAIN = re.compile(r"[\w-]+(\.[\w-]+)*")
#: Keys whose values are worked on once they are composed: a name comes from the choice of a file, a path is looked for.
_COMPOSED = ("name", "market.leads.", "crm.")


class Points:
    """Scenarios by their overrides.

    Parameters
    ----------
    fixed : overrides that all have.
    config_dir : a user's own folder of scenarios, "" if none.
    """

    def __init__(self, fixed: Sequence[str], config_dir: str) -> None:
        self._fixed, self._config_dir = list(fixed), config_dir or None
        self._bases: dict[tuple[str, ...], Checked | None] = {}

    def scenario(self, point: Sequence[str]) -> Checked:
        """The checked scenario of a design point.

        Raises
        ------
        ScenarioError
            One line saying what is wrong.
        """
        chosen = tuple(override for override in point if override.partition("=")[0] in GROUPS)
        base = self._base(chosen)
        changes = None if base is None else _changes(base, [one for one in point if one not in chosen])
        if base is not None and changes is not None:
            return base.with_(changes)
        return to_scenario(composed([*self._fixed, *point], self._config_dir))

    def _base(self, chosen: tuple[str, ...]) -> Checked | None:
        """The scenario with these building blocks; None if settings refer to each other."""
        if chosen not in self._bases:
            cfg = composed([*self._fixed, *chosen], self._config_dir)
            refers = OmegaConf.to_yaml(OmegaConf.masked_copy(cfg, [str(key) for key in cfg if key != "hydra"]))
            self._bases[chosen] = None if "${" in refers else to_scenario(cfg)
        return self._bases[chosen]


def refuse_jobs(found: Planned, refuse: Callable[[Checked], None]) -> tuple[Checked | None, str]:
    """Make the scenario of a single run, or those of a sweep's jobs, and refuse what is wrong before anything runs.

    If jobs are very many, enough of them to meet each value are made. Jobs whose values contradict each other are left
    to be told of at the end, as long as there are others.

    Returns
    -------
    The scenario of a single run, or of the last job; what to tell of jobs that cannot run, "" if all can.

    Raises
    ------
    ScenarioError
        At the first that is wrong, or when no job can run.
    """
    if found.axes is None or not found.is_ours:
        last = None
        for cfg in found.settings():
            refuse(last := to_scenario(cfg))
        return last, ""
    points, jobs = Points(found.of_all_jobs(), str(found.config_dir or "")), found.jobs()
    last, impossible = None, []
    for job in jobs:
        try:
            refuse(scenario := points.scenario(job))
            last = scenario
        except ContradictionError as contradiction:
            impossible.append(f"{' '.join(job)}: {contradiction}")
    if not impossible:
        return last, ""
    if last is None:
        raise ScenarioError(f"none of the jobs can run, {impossible[0]}")
    return last, f"{len(impossible)} of {len(jobs)} jobs cannot run, the others do; {impossible[0]}"


def _changes(scenario: Checked, overrides: Sequence[str]) -> dict[str, Any] | None:
    """Dotted key -> value of overrides that set single values; None if one of them takes more than that."""
    changes: dict[str, Any] = {}
    for override in overrides:
        key, found, _ = override.partition("=")
        if not found or not _PLAIN.fullmatch(key) or key.startswith(_COMPOSED):
            return None
        parents, _, leaf = key.rpartition(".")
        try:
            node = value_at(scenario, parents) if parents else scenario
            own = value_at(node, leaf)
            if (
                not dataclasses.is_dataclass(node)
                or own is None
                or isinstance(own, dict)
                or dataclasses.is_dataclass(own)
            ):
                return None
            typed = OmegaConf.structured(node.__class__)
            OmegaConf.update(typed, leaf, value_of(override))
            value = OmegaConf.select(typed, leaf)
        except (*FAULTS, AttributeError, KeyError, TypeError):
            return None
        changes[key] = OmegaConf.to_object(value) if OmegaConf.is_config(value) else value
    return changes
