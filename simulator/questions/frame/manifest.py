"""What a run leaves: the names of its files, and what repeats it."""

import platform
from collections.abc import Mapping
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from simulator.scenario.scenario import Scenario

#: The page of every answer.
REPORT = "report.html"

#: What every answer leaves besides its tables and figures.
STUDY_FILES = ("conclusion.txt", "config.yaml", REPORT, "manifest.json")

#: In the manifest, the parts of an answer that are not there: while it is put together, or since they failed.
MISSING = "missing"

#: Libraries whose versions a result may depend on.
LIBRARIES = ("mesa", "numba", "llvmlite", "numpy", "pandas", "pyarrow", "scipy", "simpy", "hydra-core", "matplotlib",
             "optuna", "SALib", "ema-workbench")  # fmt: skip


class Incomplete(Exception):
    """A part of an answer could not be made; everything else lies in the folder.

    Attributes
    ----------
    result : what was found.
    failed : why, by the name of the part.
    """

    def __init__(self, folder: Path, result: object, failed: Mapping[str, str]) -> None:
        parts = "; ".join(f"{part} ({why})" for part, why in failed.items())
        super().__init__(f"could not be made: {parts}; all else is in {folder}")
        self.result, self.failed = result, failed


def repeating(scenario: Scenario, started: datetime, seconds: float) -> dict[str, Any]:
    """What repeats a run, and when it was made."""
    made = {"started": started.isoformat(timespec="seconds"), "duration_seconds": round(seconds, 3)}
    return what_repeats(scenario) | made


def what_repeats(scenario: Scenario) -> dict[str, Any]:
    """Seed, size and versions."""
    return {
        "scenario": scenario.name,
        "version": version(),
        "seed": scenario.run.seed,
        "replications": scenario.run.replications,
        "engine": scenario.run.engine,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "libraries": {name: _version(name) for name in LIBRARIES},
    }


def version() -> str:
    """Of this program."""
    return _version("buyer-journeys")


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"
