"""What CONTRIBUTING.md says of adding things is true: a copy of the package with its patches runs."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import simulator

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"^```diff\n(.*?)^```$", re.DOTALL | re.MULTILINE)

HEADINGS = ("How to add an organisation key", "How to add a channel attribute", "How to add a mechanism")

#: Small enough for plain Python: some 60 buyers.
TINY = ["run.warm_up_days=20", "run.cohort_days=60", "run.follow_up_days=30", "market.inquiries_per_year=200",
        "organisation=[relay_race]", "run.engine=reference"]  # fmt: skip

#: What is tried in the copy, by the name of the arm.
ARMS = {
    "default": [],
    "key": ["organisations.relay_race.handoff.reminder_share=1"],
    "channel": ["market.channels.organic_search.duplicate_share=0.5"],
    "mechanism": ["organisations.relay_race.content.upkeep_share=1"],
    "off": ["organisations.relay_race.content.upkeep_share=1", "mechanisms.upkeep=false"],
}
_SCRIPT = """
import json, sys
from simulator.documents.mechanism_pages import mechanisms_page
from simulator.documents.reference import parameters_page
from simulator.scenario.help import keys_text
from tests.test_contributing import ARMS, journeys
pages = {"keys": keys_text(), "parameters": parameters_page(), "mechanisms": mechanisms_page()}
print(json.dumps({**pages, **{name: journeys(settings) for name, settings in ARMS.items()}}))
"""


def journeys(settings: list[str]) -> str:
    """The journeys of a tiny run in the reference engine, as CSV."""
    scenario = simulator.load_scenario("baseline", TINY + settings)
    return str(simulator.simulate(scenario, "relay_race").journeys.to_csv(index=False))


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


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a copy of the package with all patches says of its keys, and its journeys by arm."""
    root = tmp_path_factory.mktemp("copy")
    for part in ("simulator", "conf", "scenarios"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "tests").mkdir()
    (root / "tests" / "__init__.py").touch()
    shutil.copy(__file__, root / "tests")
    for heading in HEADINGS:
        for file, old, new in patches(heading):
            text = (root / file).read_text(encoding="utf-8")
            assert text.count(old) == 1, f"CONTRIBUTING.md does not meet {file}: {old}"
            (root / file).write_text(text.replace(old, new), encoding="utf-8")
    settings = {**os.environ, "PYTHONPATH": str(root), "NUMBA_DISABLE_JIT": "1"}
    ran = subprocess.run([sys.executable, "-c", _SCRIPT], cwd=root, env=settings, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    said: dict[str, str] = json.loads(ran.stdout)
    return said


@pytest.mark.parametrize("heading", HEADINGS)
def test_at_most_three_source_files_each(heading: str) -> None:
    assert 1 <= len({file for file, *_ in patches(heading)}) <= 3


def test_what_is_added_changes_nothing_by_default(copy: dict[str, str]) -> None:
    assert copy["default"] == journeys([])


def test_an_organisation_key_acts_and_is_shown(copy: dict[str, str]) -> None:
    assert copy["key"] != copy["default"]
    assert "organisations.<name>.handoff.reminder_share\n    share of the wait on sales' list that" in copy["keys"]
    assert "| `reminder_share` | `0.0` |  | 0 to 1 | share of the wait on sales' list" in copy["parameters"]


def test_a_channel_attribute_acts_on_its_channel_alone(copy: dict[str, str]) -> None:
    arrived, fewer = (_channels(copy[arm]) for arm in ("default", "channel"))
    assert 0 < fewer.pop("organic_search") < arrived.pop("organic_search") and fewer == arrived
    assert "market.channels.<name>.duplicate_share\n" in copy["keys"]
    assert "| `duplicate_share` | `0.0` |  | 0 to 0.9 |" in copy["parameters"]


def test_a_mechanism_acts_and_is_neutral_when_off(copy: dict[str, str]) -> None:
    assert copy["default"] == copy["off"] != copy["mechanism"]
    assert "mechanisms.upkeep\n" in copy["keys"] and "organisations.<name>.content.upkeep_share\n" in copy["keys"]
    said = "| [upkeep](mechanisms/upkeep.md) | marketers keep old pieces fresh | 1 | pieces age as they do |"
    assert said in copy["mechanisms"]


def _channels(journeys: str) -> dict[str, int]:
    """Buyers that arrived by channel."""
    head, *rows = (line.split(",") for line in journeys.splitlines())
    counts: dict[str, int] = {}
    for row in rows:
        counts[row[head.index("channel")]] = counts.get(row[head.index("channel")], 0) + 1
    return counts
