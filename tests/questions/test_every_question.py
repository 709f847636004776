"""What is the same for every question: what it leaves and prints, and what it survives."""

import contextlib
import copy
import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

from simulator import cli
from simulator.questions.compare import work as comparing
from simulator.questions.frame import arms, question
from simulator.questions.frame.question import FAULTS, Asked
from simulator.questions.mix import work as mixing
from simulator.questions.registry import STUDY_FILES, Incomplete, room_of, run_and_report
from simulator.results import folder as folders
from simulator.results.estimate import Estimate, estimates
from simulator.scenario.composing import load_config_file, load_scenario
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError
from simulator.scenario.study import STUDIES, Free
from tests.drawing import undrawn
from tests.leads.made_up_crm import clean
from tests.questions.known_gaps import CLASHES, DOUBT, TRUST, asking, unit_ranges
from tests.questions.made_up_exports import QUICK, export
from tests.questions.made_up_exports import scenario as replayed
from tests.questions.made_up_teams import MadeUp
from tests.questions.made_up_teams import asked as team_asked
from tests.questions.report_pages import checked, section
from tests.questions.test_reporting_read_crm import DEALS
from tests.results.fake_journeys import changed, fake_scenario, fake_simulate

_SMALL = ["run.replications=2", "run.warm_up_days=10", "run.cohort_days=30", "run.follow_up_days=60", "run.threads=1",
          "market.inquiries_per_year=900", "compare.organisations=[relay_race,integrated]"]  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A small scenario that asks a question, and what stands in for the engine; None runs it."""

    scenario: Callable[[], Scenario]
    simulate: Callable[..., Any] | None = fake_simulate
    settings: dict[str, Any] = field(default_factory=dict)

    def asked(self) -> Scenario:
        scenario = copy.deepcopy(_composed(self.scenario))
        scenario.run.threads = 1
        for key, value in self.settings.items():
            setattr(getattr(scenario.study, scenario.study.name), key, value)
        return scenario


def _fake(study: str) -> Callable[[], Scenario]:
    def scenario() -> Scenario:
        made = fake_scenario(replications=3, cohort_days=200)
        made.study.name = study
        made.organisations["integrated"].handoff.context_kept = 0.9
        made.organisations["relay_race"].handoff.context_kept = 0.4
        return made

    return scenario


def _gap(study: str) -> Callable[[], Scenario]:
    return lambda: asking(study, unit_ranges(trust=TRUST, doubt=DOUBT, clashes=CLASHES))


def _real(study: str, *more: str) -> Callable[[], Scenario]:
    return lambda: load_scenario(overrides=[*_SMALL, f"study={study}", *more])


def _limit() -> Scenario:
    return load_scenario("limits/null", ["run.replications=1", "run.cohort_days=10", "run.follow_up_days=10",
                                         "run.warm_up_days=0", "run.threads=1"])  # fmt: skip


#: Folders with exports, for as long as the tests run.
_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []


def _folder() -> Path:
    _FOLDERS.append(tempfile.TemporaryDirectory(prefix="export-"))
    return Path(_FOLDERS[-1].name)


def _read() -> Scenario:
    clean(folder := _folder(), 120)
    typed = [f"crm.leads={folder}/leads.csv", f"crm.deals={folder}/deals.csv"]
    return load_scenario(overrides=["study=read_crm", *typed, *DEALS])


def _fitted() -> Scenario:
    typed, _ = export(0, _folder())
    few = ("study.fit.points=80", "study.fit.trials=2")
    return replayed(*typed, *QUICK, *few)


_ONE_METRIC = {"metrics": ["cost_per_won"]}
CASES = {
    "compare": Case(_fake("compare")),
    "ablation": Case(_fake("ablation"), settings={**_ONE_METRIC, "mechanisms": ["context"]}),
    "attribution": Case(_fake("attribution"), settings={**_ONE_METRIC, "mechanisms": ["context"]}),
    "sensitivity": Case(_gap("sensitivity"), settings={"method": "both", "trajectories": 3, "sobol_points": 4,
                                                       "resamples": 100}),
    "when": Case(_gap("when"), settings={"x": Free(TRUST, 0, 1), "y": Free(CLASHES, 0, 1), "points": 3,
                                         "hypercube": 20, "held_out": 10, "rule_replications": 2}),
    "mix": Case(lambda: team_asked("cost_per_won", "net", trials=5, finalists=3, check_replications=3), MadeUp()),
    "transition": Case(_real("transition"), None),
    "lives": Case(_real("lives"), None),
    "twins": Case(_real("twins", "study.twins.detail_replications=1"), None),
    "audit": Case(_real("audit", "study.audit.thresholds=[1.0]"), None),
    "calibrate_defaults": Case(_real("calibrate_defaults", "study.calibration.trials=3",
                                     "study.calibration.replications=2", "study.calibration.finalists=1",
                                     "study.calibration.finalist_replications=2",
                                     "study.calibration.profile_points=2"), None),
    "limits": Case(_limit, None),
    "read_crm": Case(_read, None),
    "calibrate": Case(_fitted, None),
}  # fmt: skip
FAST = [name for name, case in CASES.items() if case.simulate is not None]


@pytest.fixture(autouse=True)
def figures_undrawn():
    with undrawn():
        yield


@cache
def _composed(scenario):
    return scenario()


@cache
def question_of(name):
    return room_of(CASES[name].asked(), "tell").QUESTION


@cache
def result_of(name):
    """What the work finds, once for all tests."""
    case, told = CASES[name], mock.Mock()
    with tempfile.TemporaryDirectory() as here, folders.Folder(Path(here, "run")) as results:
        return question_of(name).work(Asked(case.asked(), told, case.simulate, results, Path(here)))


def answered(name, folder, monkeypatch, **instead):
    """Answer with a result that is ready, and with other methods in place of the question's."""
    asking, result = question_of(name), result_of(name)
    for method, stand_in in {"work": lambda self, asked: result, **instead}.items():
        monkeypatch.setattr(type(asking), method, stand_in)
    return run_and_report(CASES[name].asked(), folder, simulate=CASES[name].simulate)


def plain(text):
    return " ".join(text.split())


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_no_question_is_forgotten():
    assert set(CASES) == {*STUDIES, "limits"}


@pytest.mark.parametrize("name", CASES)
def test_it_leaves_and_says_the_same_everywhere(name, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "run"
    with undrawn(laid_out=True):
        result, asked = answered(name, folder, monkeypatch), question_of(name)
    assert result is result_of(name)
    expected = {*asked.tables(result), *asked.texts(result), *STUDY_FILES}
    expected |= {f"figures/{figure}.{kind}" for figure in asked.figures(result) for kind in ("svg", "png")}
    assert set(files(folder)) == expected
    assert {*asked.tables(result), *asked.texts(result)} <= set(asked.files) | {"transition.csv"}
    about = json.loads((folder / "manifest.json").read_text())
    said = (folder / "conclusion.txt").read_text().splitlines()
    assert (about["study"], about["conclusion"]) == (asked.study, said) and said and "missing" not in about
    assert load_config_file(folder / "config.yaml") == CASES[name].asked()
    page, printed = checked(folder / "report.html"), capsys.readouterr()
    assert all(plain(sentence) in section(page, "answer").words() for sentence in said)
    assert plain(" ".join(said)) in plain(printed.out)
    assert printed.out.endswith(f"\nResults are in {folder}\nReport: {folder / 'report.html'}\n")
    assert len(page.all("figure")) == len(asked.figures(result)) and section(page, "numbers").all("table")


@pytest.mark.parametrize("name", CASES)
def test_a_used_folder_is_refused_before_anything_runs(name, tmp_path, monkeypatch):
    for used in (question_of(name).files[0], "manifest.json"):
        folder = tmp_path / used
        folder.mkdir()
        (folder / used).write_text("mine")
        with pytest.raises(ScenarioError, match=rf"{re.escape(used)} exists already"):
            answered(name, folder, monkeypatch, work=lambda self, asked: pytest.fail("it ran"))
        assert files(folder) == [used]


@pytest.mark.parametrize("fault", [KeyboardInterrupt, ZeroDivisionError])
@pytest.mark.parametrize("name", CASES)
def test_work_that_ends_early_leaves_nothing(name, fault, tmp_path, monkeypatch):
    def ended(self, asked):
        asked.results.file("half")
        raise fault

    with pytest.raises(fault):
        answered(name, tmp_path / "run", monkeypatch, work=ended)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", [name for name in FAST if name != "mix"])  # its stand-in keeps runs by their order
@pytest.mark.long
def test_threads_do_not_change_a_byte(name, tmp_path):
    for threads in (1, 2):
        scenario = CASES[name].asked()
        scenario.run.threads = threads
        run_and_report(scenario, tmp_path / str(threads), simulate=CASES[name].simulate)
    for file in files(tmp_path / "1"):
        if file not in ("manifest.json", "config.yaml", "report.html"):  # these say how many threads and when
            assert (tmp_path / "1" / file).read_bytes() == (tmp_path / "2" / file).read_bytes(), file


def fails(*_):
    raise ValueError("cannot convert float NaN\nto integer")


#: Part of an answer -> the method of a question that makes it.
PARTS = {"conclusion": "conclusion", "printed tables": "told", "figures": "figures", "report": "sure"}


@pytest.mark.parametrize(
    "name, parts", [*(("compare", (part,)) for part in PARTS), *((name, (*PARTS,)) for name in CASES)]
)
def test_parts_that_fail_leave_all_others(name, parts, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "run"
    with pytest.raises(Incomplete) as incomplete:
        answered(name, folder, monkeypatch, **{PARTS[part]: fails for part in parts})
    why = "ValueError: cannot convert float NaN to integer"
    missing = dict.fromkeys(parts, why)
    assert incomplete.value.failed == missing and incomplete.value.result is result_of(name)
    said = "; ".join(f"{part} ({why})" for part in incomplete.value.failed)
    assert str(incomplete.value) == f"could not be made: {said}; all else is in {folder}"
    about = json.loads((folder / "manifest.json").read_text())
    assert about["missing"] == missing and "in fails" in (folder / FAULTS).read_text()
    there = set(files(folder))
    assert set(question_of(name).tables(result_of(name))) <= there
    assert ("conclusion.txt" in there, "report.html" in there) == ("conclusion" not in parts, "report" not in parts)
    assert f"Results are in {folder}" in capsys.readouterr().out


@pytest.mark.parametrize("name", [name for name in CASES if name != "limits"])
def test_one_figure_that_fails_leaves_the_others(name, tmp_path, monkeypatch):
    drawings = question_of(name).figures(result_of(name))
    broken = next(iter(drawings))
    with pytest.raises(Incomplete) as incomplete:
        answered(name, tmp_path / "run", monkeypatch, figures=lambda self, result: {**drawings, broken: fails})
    assert list(incomplete.value.failed) == [f"figure {broken}"]
    left = {Path(name).stem for name in files(tmp_path / "run") if name.startswith("figures/")}
    assert left == set(drawings) - {broken}
    assert len(checked(tmp_path / "run" / "report.html").all("figure")) == len(left)


@pytest.mark.parametrize("name", CASES)
def test_ctrl_c_after_the_work_leaves_the_tables(name, tmp_path, monkeypatch):
    def interrupted(self, result):
        raise KeyboardInterrupt

    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt) as ended:
        answered(name, folder, monkeypatch, figures=interrupted)
    asked, result = question_of(name), result_of(name)
    kept = {*asked.tables(result), *asked.texts(result), "config.yaml", "manifest.json"}
    assert set(files(folder)) == kept
    assert set(json.loads((folder / "manifest.json").read_text())["missing"]) == {"conclusion", "figures", "report"}
    assert str(folder) in ended.value.__notes__[0]


def test_the_command_line_says_it_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(type(question_of("limits")), "conclusion", fails)
    typed = ["scenario=limits/null", "run.replications=1", "run.cohort_days=5", "run.follow_up_days=5"]
    assert cli.main([*typed, "hydra.run.dir=run"]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert (
        last
        == "error: could not be made: conclusion (ValueError: cannot convert float NaN to integer); all else is in run"
    )
    monkeypatch.setattr(question, "draw", mock.Mock(side_effect=KeyboardInterrupt))
    assert cli.main([*typed, "hydra.run.dir=again"]) == 130
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "interrupted: its tables are in again; manifest.json names what is missing"


# --- what a metric may come to ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def every_metric_is(value):
    """Whatever is estimated comes to this, in every replication."""

    def made(summaries, *metrics):
        return {key: Estimate(value, np.full(len(summaries), value)) for key in estimates(summaries, *metrics)}

    with contextlib.ExitStack() as stack:
        for module in (arms, comparing, mixing):
            stack.enter_context(mock.patch.object(module, "estimates", made))
        yield


def complete(name, folder, capsys, simulate):
    """The answer is there in all its parts, and says nothing that no reader understands."""
    try:
        run_and_report(CASES[name].asked(), folder, simulate=simulate)
    except ScenarioError as refused:  # what a search needs to begin with
        assert name == "mix" and "must be known of the present team" in str(refused)
        return
    assert {*STUDY_FILES} <= set(files(folder)) and FAULTS not in files(folder)
    said = capsys.readouterr().out + (folder / "conclusion.txt").read_text()
    assert not re.search(r"\bnan\b", said), said


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("value", [np.nan, 1.0, np.inf], ids=["undefined", "constant", "infinite"])
@pytest.mark.parametrize("name", FAST)
def test_a_metric_may_come_to_anything(name, value, tmp_path, capsys):
    with every_metric_is(value):
        complete(name, tmp_path / "run", capsys, CASES[name].simulate)


def few(buyers):
    """As many buyers in every run, whoever simulates."""
    return lambda scenario, organisation, **how: changed(
        fake_simulate(scenario, organisation, **how), order=slice(buyers)
    )


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("buyers", [0, 1])
@pytest.mark.parametrize("name", FAST)
def test_nobody_or_one_buyer_is_enough(name, buyers, tmp_path, capsys):
    complete(name, tmp_path / "run", capsys, few(buyers))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("inquiries", [0, 6])
@pytest.mark.parametrize("name", ["transition"])
def test_an_engine_without_buyers_is_enough(name, inquiries, tmp_path, capsys, monkeypatch):
    asked = CASES[name].asked()
    asked.market.inquiries_per_year = inquiries
    monkeypatch.setitem(CASES, name, Case(lambda: asked, None))
    complete(name, tmp_path / "run", capsys, None)
