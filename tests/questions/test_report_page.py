"""report.html of a comparison: the same numbers as the tables beside it, and nothing that runs or leaves."""

import io
import re
from functools import cache

import pandas as pd
import pytest
from rich.console import Console

from simulator.questions.compare.tell import QUESTION
from simulator.questions.frame.terminal import PLAIN_WIDTH, show
from simulator.questions.frame.typed_settings import about_study, command, overrides
from simulator.questions.registry import run_and_report
from simulator.results.metrics import BY_KEY, METRICS
from simulator.scenario.composing import load_scenario
from tests.questions.report_pages import checked, rows, section
from tests.results.fake_journeys import fake_scenario, fake_simulate

NAMES = ("relay_race", "aligned", "integrated")
FACTORS = {"%": 100.0, "k usd": 1e-3, "M usd": 1e-6, "": 1.0, "usd": 1.0, "h": 1.0, "days": 1.0}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a comparison of three organisations, and what was found."""
    folder = tmp_path_factory.mktemp("page") / "run"
    return folder, run_and_report(fake_scenario(*NAMES), folder, simulate=fake_simulate)


def numbers(cell):
    return [float(one.replace(",", "")) for one in re.findall(r"[-+]?[\d,]*\d(?:\.\d+)?", cell)]


def near(shown, value, unit, cell):
    """Whether a number is what another one is when it is rounded as the cell is."""
    decimals = max((len(one) for one in re.findall(r"\.(\d+)", cell)), default=0)
    return abs(shown - value * FACTORS[unit]) <= 0.5 * 10.0**-decimals * (1 + 1e-9)


def test_the_page_has_the_numbers_of_the_tables(run):
    folder, _ = run
    page = checked(folder / "report.html")
    head, *lines = rows(section(page, "numbers").all("table")[0])
    assert head == ["", "", "relay race", "aligned", "integrated", "aligned - relay race", "integrated - relay race"]
    estimates, differences = (
        pd.read_csv(folder / f"{name}.csv").set_index(["metric", "organisation"]) for name in ("metrics", "comparisons")
    )
    shown = {line[0]: line[1:] for line in lines if len(line) > 1}
    assert list(shown) == [metric.label for metric in sorted(
        (one for one in METRICS if one.headline), key=lambda one: ("Funnel", "Speed", "Cost").index(one.group)
    )]  # fmt: skip
    for metric in (one for one in METRICS if one.headline):
        unit, *cells = shown[metric.label]
        for name, cell in zip(NAMES, cells[:3], strict=True):
            row, told = estimates.loc[metric.key, name], numbers(cell)
            assert near(told[0], row.estimate, unit, cell)
            assert near(told[1], (row.ci_high - row.ci_low) / 2, unit, cell)
        for name, cell in zip(NAMES[1:], cells[3:], strict=True):
            row, told = differences.loc[metric.key, name], numbers(cell)
            assert all(near(one, value, unit, cell)
                       for one, value in zip(told, (row.difference, row.ci_low, row.ci_high), strict=True))  # fmt: skip
            assert cell.endswith("*") == (row.ci_low > 0 or row.ci_high < 0)


def test_the_page_says_what_the_terminal_says(run):
    folder, found = run
    page, out = checked(folder / "report.html"), io.StringIO()
    show(QUESTION.told(found), Console(file=out, width=PLAIN_WIDTH))
    said = out.getvalue()
    told = section(page, "numbers").words()
    assert sorted("".join(said.split())) == sorted("".join(told.removeprefix("Numbers Numbers").split()))
    answer = section(page, "answer").words()
    for sentence in (folder / "conclusion.txt").read_text().splitlines():
        assert sentence in answer


def test_the_top_has_three_metrics_and_one_figure(run):
    folder, _ = run
    page = checked(folder / "report.html")
    top = section(page, "answer")
    [table] = top.all("table")
    full = {line[0]: line for line in rows(section(page, "numbers").all("table")[0])}
    squeezed = {label: ["".join(cell.split()) for cell in line] for label, line in full.items()}
    for line in rows(table)[1:]:
        assert ["".join(cell.split()) for cell in line] == squeezed[line[0]]
    labels = [BY_KEY[key].label for key in ("win_rate_inquiries", "project_cycle_median", "cost_per_won")]
    assert [line[0] for line in rows(table)[1:]] == labels
    assert "n = 4 replications, seed 1" in top.words()
    titles = [one.all("title")[0].words() for one in page.all("svg")]
    assert titles[0] == "How long until buyers have bought from us?" and len(titles) == len(set(titles)) == 8
    assert len(top.all("svg")) == 1


def test_settings_and_files_beside_it(run):
    folder, _ = run
    repeat = section(checked(folder / "report.html"), "repeat")
    assert repeat.all("pre")[0].words() == f"python -m simulator --repeat {folder}"
    assert repeat.all("details")[0].all("code")[0].text() == (folder / "config.yaml").read_text()
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {one.attributes["href"] for one in repeat.all("a")} == files - {"report.html"}


def test_markup_in_texts_stays_text(tmp_path):
    evil = '</script><script>alert(1)</script><img src=x onerror="alert(2)">\'"&amp;'
    name = "pods"
    scenario = fake_scenario("relay_race", name)
    scenario.question = scenario.organisations[name].description = evil
    scenario.organisations[name].handoff.context_kept = 0.123
    run_and_report(scenario, tmp_path / "run", simulate=fake_simulate)
    page = checked(tmp_path / "run" / "report.html")
    assert page.all("h1")[0].text() == evil
    assert not page.all("script") and not page.all("img") and not page.all("b")
    assert all(not key.startswith("on") for one in page.all() for key in one.attributes)
    assert name in [one.words() for one in section(page, "assumptions").all("th")]
    assert any(f"{name} wins" in one.words() or name in one.words() for one in section(page, "answer").all("p"))


# --- what to type -----------------------------------------------------------------------------------------------------


@cache
def shipped(*typed):
    return load_scenario(overrides=list(typed))


@pytest.mark.parametrize(
    "typed",
    [
        (),
        ("scenario=enterprise", "study=when", "study.when.metrics=[net,wins]", "mechanisms.access=false", "run.seed=5"),
        ("organisations.relay_race.description='a, \"b\" = {c} it\\'s'", "compare.organisations=[relay_race,aligned]",
         "market.journey.step_days=0.1", "organisations.aligned.tilt.hours=-1e-3"),
    ],
)  # fmt: skip
def test_what_differs_from_the_shipped_scenario_makes_it_again(typed):
    scenario = shipped(*typed)
    again = overrides(scenario)
    assert again is not None and len(again) == len(typed)
    assert load_scenario(overrides=again) == scenario


def test_what_takes_a_file_of_its_own_has_no_such_line():
    scenario = load_scenario(overrides=["~organisations.aligned"])
    assert overrides(scenario) is None
    scenario.name = "mine"
    assert overrides(scenario) is None


def test_a_line_is_safe_to_paste():
    assert command(["a=b", "c=[x, y]"]) == "python -m simulator a=b 'c=[x, y]'"
    asked = about_study(["scenario=enterprise", "study=when", "study.when.points=3", "run.seed=2"], "sensitivity")
    assert asked == ["scenario=enterprise", "run.seed=2", "study=sensitivity"]
