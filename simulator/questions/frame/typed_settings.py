"""Settings as they are typed: what sets a scenario apart from the shipped one of its name."""

import dataclasses
import functools
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from simulator.questions.frame.differing import leaves
from simulator.scenario.composing import load_checked
from simulator.scenario.config_sources import option_names
from simulator.scenario.scenario import Scenario

_PLAIN = re.compile(r"[A-Za-z_][\w./-]*")
#: What says no more than the rest does, or not what is found.
_UNSAID = ("name", "question", "run.threads", "sweep.")


def overrides(scenario: Scenario) -> list[str] | None:
    """What to type after ``python -m simulator`` for this scenario; None if it takes a file of its own."""
    if scenario.name not in option_names("scenario"):
        return None
    before = _shipped(scenario.name, scenario.study.name, Path.cwd())
    now = dict(leaves(dataclasses.asdict(scenario)))
    if set(before) != set(now):
        return None  # an organisation, a segment or the like more or less
    typed = [
        f"{key}={_typed(value)}" for key, value in now.items() if value != before[key] and not key.startswith(_UNSAID)
    ]
    asked = {"scenario": (scenario.name, "baseline"), "study": (scenario.study.name, "compare")}
    return [f"{key}={value}" for key, (value, usual) in asked.items() if value != usual] + typed


@functools.lru_cache(maxsize=16)
def _shipped(name: str, study: str, _folder: Path) -> Mapping[str, Any]:
    """Every setting of a shipped scenario, which the reports of a sweep's jobs ask for again and again.

    A path in it may be one of the folder that we are in.
    """
    return dict(leaves(dataclasses.asdict(load_checked(name, [f"study={study}"]))))


def command(typed: list[str]) -> str:
    """A line for a shell."""
    return " ".join(["python -m simulator", *map(shlex.quote, typed)])


def about_study(typed: list[str], study: str) -> list[str]:
    """The same scenario asked another question."""
    kept = [one for one in typed if not one.startswith("study")]
    return [*kept, f"study={study}"]


def as_scenario(scenario: Scenario, settings: Mapping[str, Any], file: str, *about: str) -> str:
    """Settings as a scenario on top of the shipped one of its name, with what it is in its first lines.

    With ``--config-dir FOLDER scenario=FILE`` it is run as it is. Settings that were typed are in ``config.yaml``.
    """
    base = {"defaults": [scenario.name, "_self_"]} if scenario.name in option_names("scenario") else {}
    made = OmegaConf.create(base)
    for path, value in settings.items():
        OmegaConf.update(made, path, value, force_add=True)
    run = f"To run it: --config-dir <this folder> scenario={file}"
    return "".join(f"# {line}\n" for line in (*about, run)) + OmegaConf.to_yaml(made)


def _typed(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{','.join(map(_typed, value))}]"
    if isinstance(value, str) and (not _PLAIN.fullmatch(value) or value.lower() in ("null", "true", "false")):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return str(value)
