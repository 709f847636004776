"""What CONTRIBUTING.md says of adding things is true: a copy of the package with its patches runs."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"^```diff\n(.*?)^```$", re.DOTALL | re.MULTILINE)

#: Small enough for plain Python: some 60 buyers.
TINY = ["run.warm_up_days=20", "run.cohort_days=60", "run.follow_up_days=30", "market.inquiries_per_year=200",
        "organisation=[relay_race]", "run.engine=reference"]  # fmt: skip

#: Run in the copy: the journeys under each list of settings, and what is said of a key.
_SCRIPT = """
import json, sys
import simulator
from simulator.documents.reference import mechanisms_page, parameters_page
from simulator.scenario.help import keys_text
tiny, key, arms = json.loads(sys.argv[1])
def journeys(settings):
    scenario = simulator.load_scenario("baseline", tiny + settings)
    return simulator.simulate(scenario, "relay_race").journeys.to_csv(index=False)
said = [keys_text(key), parameters_page(), mechanisms_page()] if key else []
print(json.dumps([{name: journeys(settings) for name, settings in arms.items()}, said]))
"""


def patches(heading: str) -> list[tuple[str, str, str]]:
    """(file, old text, new text) of every patch below a heading of CONTRIBUTING.md."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    changes = []
    for block in _BLOCK.findall(section):
        for part in block.split("--- ")[1:]:
            file, *lines = part.splitlines()
            old, new = (
                "".join(f"{line[1:]}\n" for line in lines if line[:1] in ends) for ends in ((" ", "-"), (" ", "+"))
            )
            changes.append((file, old, new))
    return changes


def patched(heading: str, folder: Path) -> Path:
    """A copy of the package with the patches below a heading."""
    for part in ("simulator", "conf", "scenarios", "docs"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.png", "*.svg"))
    changes = patches(heading)
    assert changes and len({file for file, *_ in changes}) <= 3
    for file, old, new in changes:
        text = (folder / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"CONTRIBUTING.md does not meet {file}: {old}"
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder


def run(root: Path, key: str, **arms: list[str]) -> tuple[dict[str, str], list[str]]:
    """Journeys under each list of settings, as CSV, and what ``--keys`` and the pages say."""
    settings = {**os.environ, "PYTHONPATH": str(root), "NUMBA_DISABLE_JIT": "1"}
    given = json.dumps([TINY, key, arms])
    ran = subprocess.run([sys.executable, "-c", _SCRIPT, given], cwd=root, env=settings, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    journeys, said = json.loads(ran.stdout)
    return journeys, said


@pytest.fixture(scope="module")
def before() -> str:
    """The journeys of the package as it is."""
    return run(ROOT, "", plain=[])[0]["plain"]


def test_an_organisation_key_acts_and_is_shown(tmp_path: Path, before: str) -> None:
    root = patched("How to add an organisation key", tmp_path)
    settings = ["organisations.relay_race.handoff.reminder_share=1"]
    journeys, (keys, parameters, _) = run(root, "reminder", default=[], acts=settings)
    assert journeys["default"] == before != journeys["acts"]
    assert "organisations.<name>.handoff.reminder_share" in keys and "(number 0..1; default 0.0; assumption)" in keys
    assert "| `reminder_share` | `0.0` |  | 0 to 1 | share of the wait on sales' list" in parameters


def test_a_channel_attribute_acts_on_its_channel_alone(tmp_path: Path, before: str) -> None:
    root = patched("How to add a channel attribute", tmp_path)
    settings = ["market.channels.organic_search.duplicate_share=0.5"]
    journeys, (keys, parameters, _) = run(root, "duplicate", default=[], acts=settings)
    assert journeys["default"] == before
    arrived, fewer = (_channels(journeys[arm]) for arm in ("default", "acts"))
    assert 0 < fewer.pop("organic_search") < arrived.pop("organic_search") and fewer == arrived
    assert "market.channels.<name>.duplicate_share" in keys and "| `duplicate_share` | `0.0` |" in parameters


def test_a_mechanism_acts_and_is_neutral_when_off(tmp_path: Path, before: str) -> None:
    root = patched("How to add a mechanism", tmp_path)
    settings = ["organisations.relay_race.content.upkeep_share=1"]
    arms = {"default": [], "acts": settings, "off": [*settings, "mechanisms.upkeep=false"]}
    journeys, (keys, _, mechanisms) = run(root, "upkeep", **arms)
    assert journeys["default"] == journeys["off"] == before != journeys["acts"]
    assert "mechanisms.upkeep" in keys and "organisations.<name>.content.upkeep_share" in keys
    assert (
        "| upkeep | marketers keep old pieces fresh | `organisations.<name>.content.upkeep_share` | 0.0 |" in mechanisms
    )


def _channels(journeys: str) -> dict[str, int]:
    """Buyers that arrived by channel."""
    head, *rows = (line.split(",") for line in journeys.splitlines())
    counts: dict[str, int] = {}
    for row in rows:
        counts[row[head.index("channel")]] = counts.get(row[head.index("channel")], 0) + 1
    return counts
