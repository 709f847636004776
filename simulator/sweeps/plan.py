"""What a sweep is to run: its axes, and which settings each job has. Kept in its folder, so that it can be resumed."""

import hashlib
import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from simulator.scenario.schema import ScenarioError

#: The plan's file in the folder of its sweep.
PLAN_FILE = "sweep.json"

#: Keys that say how jobs run and where results go, which a resumed sweep may change.
HOW = ("sweep.backend", "sweep.workers", "sweep.jobs_per_task", "hydra.", "hydra/", "run.threads")


@dataclass(frozen=True)
class Plan:
    """A sweep over a grid.

    Attributes
    ----------
    axes : key -> what is typed for each of its values; the last key varies fastest.
    fixed : overrides that every job has.
    config_dir : a user's own folder of scenarios, "" if none.
    settings : digest of the settings of a job without axes, and of the model's sources: a sweep whose settings or
        model have changed since cannot be resumed.
    """

    axes: Mapping[str, Sequence[str]]
    fixed: Sequence[str]
    config_dir: str
    settings: str

    @property
    def jobs(self) -> int:
        """How many jobs there are."""
        return math.prod(len(values) for values in self.axes.values())

    def values(self, job: int) -> tuple[str, ...]:
        """What is typed for each axis in a job."""
        found = []
        for values in reversed(list(self.axes.values())):
            job, place = divmod(job, len(values))
            found.append(values[place])
        return tuple(reversed(found))

    def point(self, job: int) -> list[str]:
        """The overrides that set a job apart from the others."""
        return [f"{key}={value}" for key, value in zip(self.axes, self.values(job), strict=True)]

    def overrides(self, job: int) -> list[str]:
        """All overrides of a job."""
        return [*self.fixed, *self.point(job)]

    def said(self, job: int) -> str:
        """A job as it is spoken of."""
        return f"job {job}: {' '.join(self.point(job)) or 'nothing overridden'}"

    def text(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self), indent=2) + "\n"

    @staticmethod
    def read(folder: Path) -> "Plan":
        """The plan of a sweep's folder.

        Raises
        ------
        ScenarioError
            If there is none, or none that can be read.
        """
        try:
            found = json.loads((folder / PLAN_FILE).read_text(encoding="utf-8"))
            plan = Plan(**found)
            plan.point(0)
            if any(str(one).lstrip("+~").startswith("hydra") for one in (*plan.axes, *plan.fixed)):
                raise ValueError("it has keys of Hydra, which only the command line may set")
        except FileNotFoundError as fault:
            raise ScenarioError(
                f"--resume must name the folder of a sweep, with its {PLAN_FILE}, or of a calibration that was "
                f"stopped, got {str(folder)!r}"
            ) from fault
        except OSError as fault:
            raise ScenarioError(f"cannot read {folder / PLAN_FILE}: {fault.strerror or fault}") from fault
        except (ValueError, TypeError, AttributeError) as fault:
            raise ScenarioError(f"{folder / PLAN_FILE} is not what a sweep leaves: {fault}") from fault
        return plan


def digest(*texts: str) -> str:
    """A short name for texts, by which a change is seen."""
    found = hashlib.blake2b(digest_size=12)
    for text in texts:
        found.update(text.encode() + b"\0")
    return found.hexdigest()


def is_how(override: str) -> bool:
    """Whether an override says how jobs run, not what they are."""
    return override.lstrip("+~").startswith(HOW)


def told_apart(overrides: Sequence[str]) -> tuple[list[str], list[str]]:
    """Overrides that say how jobs run, and the others."""
    return [one for one in overrides if is_how(one)], [one for one in overrides if not is_how(one)]


def refuse_other(plan: Plan, asked: Mapping[str, Sequence[str]], fixed: Sequence[str]) -> None:
    """Refuse to resume a sweep with other settings than it was begun with.

    Raises
    ------
    ScenarioError
        Naming the first difference.
    """
    for key in dict.fromkeys((*plan.axes, *asked)):
        before, now = (",".join(axes[key]) if key in axes else "nothing" for axes in (plan.axes, asked))
        if before != now:
            raise ScenarioError(
                f"--resume goes on with the settings of the sweep: {key} was swept over {before}, got {now}"
            )
    begun, given = _by_key(plan.fixed), _by_key(fixed)
    for key in dict.fromkeys((*begun, *given)):
        if begun.get(key) != given.get(key):
            raise ScenarioError(
                f"--resume goes on with the settings of the sweep: {key} was {begun.get(key, 'not set')}, got "
                f"{given.get(key, 'nothing')}"
            )


def _by_key(overrides: Sequence[str]) -> dict[str, str]:
    parts = (override.partition("=") for override in overrides if not is_how(override))
    return {key: value for key, _, value in parts}


def tasks(jobs: Sequence[int], size: int) -> Iterator[list[int]]:
    """Jobs in tasks of so many each."""
    left = iter(jobs)
    while task := list(itertools.islice(left, size)):
        yield task
