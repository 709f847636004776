"""Each mechanism has a page: what it does, what it costs, where its numbers come from; and what it names is there."""

import dataclasses
import re
from functools import cache
from pathlib import Path

import pytest

from simulator.documents.mechanism_pages import FOLDER, SECTIONS, mechanism_page, mechanisms_page, neutral
from simulator.results.metrics import METRICS
from simulator.scenario.composing import load_scenario
from simulator.scenario.mechanisms import Mechanisms
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import described

ROOT = Path(__file__).parents[2]
NAMES = [one.name for one in dataclasses.fields(Mechanisms)]


@cache
def page(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def section(name: str, title: str) -> str:
    return page(name).partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def commands(name: str) -> list[list[str]]:
    """The settings of each command on a page."""
    typed = re.findall(r"^python -m simulator (.*?)(?: +# .*)?$", page(name), re.MULTILINE)
    return [[word for word in line.split() if word != "--multirun"] for line in typed]


def test_each_switch_has_a_page_and_a_line_in_the_index() -> None:
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(NAMES)
    assert re.findall(r"^\| \[(\w+)\]\(mechanisms/\1\.md\) \|", mechanisms_page(), re.MULTILINE) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_its_sections(name: str) -> None:
    assert tuple(re.findall(r"^## (.*)$", page(name), re.MULTILINE)) == SECTIONS
    title, what, *_ = page(name).split("\n\n")
    assert title.startswith("# ") and len(re.findall(r"[.?!](?:\s|$)", what)) == 1, "one sentence says what it is"
    for needed in SECTIONS:
        assert section(name, needed).strip()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_all_its_keys_with_values_and_sources(name: str) -> None:
    values, sources = section(name, "Its keys"), section(name, "Where its numbers come from")
    for key in neutral(name):
        assert f"\n| `{key}` | " in values and f"\n| `{key}` | " in sources
    about = dict(described(Scenario))
    for line in re.findall(r"^\| `.*$", sources, re.MULTILINE):
        key, meaning, source = (cell.strip() for cell in line.strip("|").split(" | "))
        assert (meaning, source) == (about[key.strip("`")].metadata["doc"], about[key.strip("`")].metadata["source"])


def test_values_are_those_of_the_baseline() -> None:
    baseline = load_scenario("baseline")
    kept = " | ".join(f"`{one.handoff.context_kept:g}`" for one in baseline.organisations.values())
    assert f"| `organisations.<name>.handoff.context_kept` |  | 0 to 1 | `1` | {kept} |" in mechanism_page("context")
    line = f"| `market.rivals.count` |  | 0 to 100 | `0` | `{baseline.market.rivals.count}` |"
    assert line in mechanism_page("rivals")


@pytest.mark.parametrize("name", NAMES)
def test_commands_are_understood_and_one_moves_the_mechanism(name: str) -> None:
    own = [f"mechanisms.{name}", *(key.replace("<name>", r"\w+") for key in neutral(name))]
    typed = commands(name)
    assert any(re.match(f"(?:{'|'.join(own)})=", word) for words in typed for word in words)
    for words in typed:
        assert "run.replications=4" in words, "a small run"
        for end in (0, -1):  # the first and the last value of a sweep
            overrides = [f"{key}={value.split(',')[end]}" for key, _, value in (word.partition("=") for word in words)]
            assert load_scenario("baseline", overrides).run.replications == 4


@pytest.mark.parametrize("name", NAMES)
def test_what_a_page_names_is_there(name: str) -> None:
    for file, function in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page(name)):
        assert re.search(rf"^def {function}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE), function
    code = re.findall(r"`(simulator/[\w/]+\.py)` \(((?:`\w+`,?\s?)+)\)", page(name))
    assert code and "`tests/" in section(name, "How to try it")
    for file, functions in code:
        for function in re.findall(r"\w+", functions):
            assert re.search(rf"^def {function}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE), function
    for scenario in re.findall(r"`scenario=([\w/]+)`", page(name)):
        assert (ROOT / "scenarios" / f"{scenario}.yaml").is_file(), scenario
    for target in re.findall(r"\]\(([^)]+)\)", page(name)):
        assert (FOLDER / target).is_file(), target
    rows = {" ".join(row.split()) for row in re.findall(r"\*(\w[^*]+)\*", section(name, "How to try it"))}
    assert rows and rows <= {metric.label for metric in METRICS}, "rows of the table"
