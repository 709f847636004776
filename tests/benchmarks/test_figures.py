"""The table of figures: complete, judged in both directions, kept, and refused in one line. Nothing is timed here."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks import __main__ as command
from benchmarks.cases import CORE, WHOLE, setup, staffed
from benchmarks.figure import Figure, Measured, NotMeasured, Row
from benchmarks.figures.threads import arithmetic_gain
from benchmarks.measuring import interleaved, ratio, timed
from benchmarks.picture import LINES, Point, drawn
from benchmarks.registry import BY_NAME, FIGURES
from benchmarks.running import measured
from benchmarks.sizes import QUICK_BUYERS, Sizes
from benchmarks.table import (
    BEGIN,
    CSV_COLUMNS,
    END,
    NO_REASON,
    OTHER_SIZES,
    WIDTH,
    cells,
    into_page,
    markdown,
    show,
    shown,
    to_csv,
)
from simulator.engines.compiled.loop import run as run_compiled
from simulator.questions.frame.style import styled

NAMES = (
    "reference", "mesa", "simpy", "numpy_small", "numpy_large", "floor", "growth", "memory", "memory_whole", "threads",
    "recording", "recording_memory", "sweep", "sweep_memory", "crm", "crm_memory", "help", "first_event",
    "cold_compile",
)  # fmt: skip
#: (limit, whether it is the least): what was promised.
GOALS = {
    "reference": (300, True), "mesa": (100, True), "simpy": (300, True), "numpy_small": (12, True),
    "numpy_large": (5, True), "floor": (2, False), "growth": (1.5, False), "memory": (200, False),
    "memory_whole": (None, False), "threads": (1.9, True), "recording": (1.5, False), "recording_memory": (1, False),
    "sweep": (5, False), "sweep_memory": (10, False),
    "crm": (20, False), "crm_memory": (2147, False),
    "help": (0.7, False), "first_event": (1.5, False), "cold_compile": (20, False),
}  # fmt: skip
MACHINE = {"processor": "a processor", "system": "a system", "libraries": "some libraries"}


def figure(value: float = 1.0, **changed: Any) -> Figure:
    def measure(sizes: Sizes, runs: int) -> Measured:
        return Measured(value, value / 2, value * 2, str(runs), "a floor")

    return replace(Figure("name", "a sentence", "2 times or more", 2.0, True, "times", measure, "a reason"), **changed)


def row(value: float = 1.0, **changed: Any) -> Row:
    (one,) = measured([figure(value, **changed)], Sizes(), 5)
    return one


def words_of(one: Row) -> str:
    """What stands in the last cell."""
    return cells(one)[-1]


def text_of(rows: list[Row], sizes: Sizes = Sizes()) -> str:  # noqa: B008
    stream = io.StringIO()
    show(rows, MACHINE, sizes, Console(file=stream, width=WIDTH))
    return stream.getvalue()


def test_every_figure_is_there_once_and_in_order() -> None:
    assert tuple(one.name for one in FIGURES) == NAMES
    assert len(BY_NAME) == len(FIGURES)
    assert not set(BY_NAME) & set(command.LOOKS)


def test_goals_are_those_that_were_promised() -> None:
    assert {one.name: (one.limit, one.least) for one in FIGURES} == GOALS


def test_a_goal_in_words_names_its_limit() -> None:
    for one in FIGURES:
        assert one.limit is None or f"{one.limit:g}" in one.goal
        assert one.sentence and one.unit in ("times", "bytes", "s", "%", "MB")


@pytest.mark.parametrize(
    "limit, least, value, verdict",
    [
        (2.0, True, 2.1, "met"), (2.0, True, 2.0, "met"), (2.0, True, 1.9, "missed"),
        (2.0, False, 1.9, "met"), (2.0, False, 2.0, "met"), (2.0, False, 2.1, "missed"),
        (None, False, 1e9, "no goal"), (None, True, 0.0, "no goal"),
        (2.0, True, float("nan"), "missed"), (2.0, False, float("nan"), "missed"),
    ],
)  # fmt: skip
def test_a_goal_is_met_or_missed(limit: float | None, least: bool, value: float, verdict: str) -> None:
    assert figure(limit=limit, least=least).verdict(value) == verdict


def test_the_screen_shows_goal_value_spread_floor_and_machine() -> None:
    text = text_of([row(3.0)])
    for word in ("2 times or", "3.00", "1.50 to 6.00", "n = 5", "met", "a floor", *MACHINE.values()):
        assert word in text
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "a reason" not in text and OTHER_SIZES not in text


def test_a_miss_is_shown_with_its_reason() -> None:
    assert "missed" in text_of([row(1.0)])
    assert "Missed: a reason" in words_of(row(1.0))
    assert f"Missed: {NO_REASON}" in words_of(row(1.0, reason=""))


def test_a_reason_that_was_measured_comes_before_one_that_was_written() -> None:
    def slow(sizes: Sizes, runs: int) -> Measured:
        return Measured(1.0, 1.0, 1.0, "1", "a floor", "no machine could")

    assert "Missed: no machine could" in words_of(row(measure=slow))


def test_other_sizes_are_said() -> None:
    for sizes in (Sizes(buyers=1000), Sizes(quick=True)):
        assert OTHER_SIZES in text_of([row()], sizes)


@pytest.mark.parametrize("kind", [NotMeasured, NotImplementedError])
def test_what_is_not_measured_says_why(kind: type[Exception]) -> None:
    def nothing(sizes: Sizes, runs: int) -> Measured:
        raise kind("one core only")

    found = row(measure=nothing)
    assert (found.verdict, found.measured, found.why) == ("not measured", None, "one core only")
    assert "one core only" in text_of([found]) and "a reason" not in text_of([found])


def test_a_figure_that_fails_does_not_take_the_others_with_it() -> None:
    def fault(sizes: Sizes, runs: int) -> Measured:
        raise RuntimeError("broken")

    rows = measured([figure(measure=fault), figure(3.0, name="other")], Sizes(), 1)
    assert [one.verdict for one in rows] == ["failed", "met"]
    assert rows[0].why == "RuntimeError: broken"


def test_rows_keep_their_order_though_memory_comes_last() -> None:
    order: list[str] = []

    def noting(name: str, timed: bool) -> Figure:
        def measure(sizes: Sizes, runs: int) -> Measured:
            order.append(name)
            return Measured(1.0, 1.0, 1.0, "1")

        return figure(name=name, measure=measure, timed=timed)

    rows = measured([noting("memory", False), noting("first", True), noting("second", True)], Sizes(), 1)
    assert [one.figure.name for one in rows] == ["memory", "first", "second"]
    assert order == ["first", "second", "memory"]


def test_the_csv_has_every_column(tmp_path: Path) -> None:
    file = to_csv([row(1.0), row(3.0)], MACHINE, Sizes(buyers=500), tmp_path)
    with file.open(newline="", encoding="utf-8") as stream:
        missed, met = csv.DictReader(stream)
    assert tuple(missed) == CSV_COLUMNS
    assert (missed["verdict"], missed["reason"], met["reason"]) == ("missed", "a reason", "")
    assert (met["measured"], met["low"], met["high"], met["limit"]) == ("3.0", "1.5", "6.0", "2.0")
    assert (met["buyers_asked"], met["processor"]) == ("500", "a processor")


def test_a_page_gets_the_table_in_its_place(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    for _ in range(2):
        into_page(page, markdown([row(3.0)], MACHINE, 1.0))
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text
    assert text.count("`name`: a sentence") == 1
    page.write_text("no place")
    with pytest.raises(ValueError, match="once each"):
        into_page(page, "table")


def test_the_page_of_the_project_has_a_place_for_the_table() -> None:
    text = (Path(__file__).parents[2] / "docs/performance.md").read_text(encoding="utf-8")
    assert text.count(BEGIN) == text.count(END) == 1


@pytest.mark.parametrize(
    "value, unit, text",
    [(1234.5, "times", "1,234"), (12.34, "times", "12.3"), (1.234, "times", "1.23"), (0.7, "s", "0.70 s"),
     (199.6, "bytes", "200")],
)  # fmt: skip
def test_values_have_three_digits(value: float, unit: str, text: str) -> None:
    assert shown(value, unit) == text


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["nothing"], "name must be one of reference, mesa"),
        (["reference", "nothing", "more"], "got nothing, more"),
        (["--buyers", "0"], "from 100 to 10,000,000, got '0'"),
        (["--buyers", "many"], "got 'many'"),
        (["--buyers", "1e4"], "got '1e4'"),
        (["--buyers", "99999999"], "got '99999999'"),
        (["--runs", "0"], "from 1 to 1,000, got '0'"),
        (["--runs", "-1"], "got '-1'"),
        (["--slow"], "unrecognized arguments: --slow"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refusal:
        command.main(arguments)
    told = capsys.readouterr()
    assert refusal.value.code == 2
    assert told.err.startswith("error: ") and says in told.err and told.err.count("\n") == 1 and told.out == ""


@pytest.mark.parametrize("name", command.LOOKS.values())
def test_every_look_is_a_module_with_a_main(name: str) -> None:
    import importlib

    assert callable(importlib.import_module(name).main)


@pytest.mark.parametrize(
    "names",
    [
        ["help"],
        pytest.param(
            ["floor", "reference", "numpy_small", "mesa", "simpy", "growth", "recording"], marks=pytest.mark.long
        ),
    ],
    ids=" ".join,
)
def test_named_figures_run_end_to_end(
    names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("benchmarks.measuring.FOLDER", tmp_path / "kept")
    assert command.main(["--quick", *names]) == 0
    (file,) = (tmp_path / "kept").iterdir()
    with file.open(newline="", encoding="utf-8") as stream:
        found = {line["figure"]: line for line in csv.DictReader(stream)}
    assert sorted(found) == sorted(names)
    for line in found.values():
        assert float(line["measured"]) > 0.0 and line["runs"].startswith("1") and line["quick"] == "True"
    assert OTHER_SIZES in " ".join(capsys.readouterr().out.split())


def test_a_figure_takes_the_size_that_is_asked_for() -> None:
    assert (Sizes().of(7), Sizes(buyers=500).of(7), Sizes(quick=True).of(7)) == (7, 500, QUICK_BUYERS)
    assert Sizes(buyers=500, quick=True).of(7) == 500
    found = BY_NAME["reference"].measure(Sizes(buyers=150), 2)
    assert "of 150 buyers" in found.beside and found.runs == "2, reference 2"
    assert found.low <= found.value <= found.high


@pytest.mark.long
def test_memory_is_measured_in_a_fresh_process() -> None:
    held = b"x" * 200_000_000  # of this process, which must not count
    found = BY_NAME["memory_whole"].measure(Sizes(quick=True), 1)
    assert 0 <= found.value * QUICK_BUYERS < 100_000_000 < len(held)
    assert "with the table of journeys" in found.beside


def test_contestants_take_turns() -> None:
    order: list[str] = []
    taken = interleaved({"a": (lambda: order.append("a"), 3), "b": (lambda: order.append("b"), 1)})
    assert order == ["a", "b", "a", "a"]
    assert [len(times) for times in taken.values()] == [3, 1]


def test_the_collector_is_on_again_after_a_fault() -> None:
    import gc

    with pytest.raises(ZeroDivisionError):
        timed(lambda: 1 / 0)
    assert gc.isenabled()


def test_a_ratio_pairs_runs_side_by_side() -> None:
    assert ratio([2.0, 6.0, 4.0], [1.0, 2.0, 4.0]) == (2.0, 1.0, 3.0)
    assert ratio([8.0], [1.0, 2.0, 4.0]) == (4.0, 2.0, 8.0)


def test_two_processes_gain_something_that_can_be_measured() -> None:
    assert 0.1 < arithmetic_gain() < 10.0


@pytest.mark.parametrize("scenario", [WHOLE, CORE])
def test_as_many_buyers_come_as_asked_for(scenario: str) -> None:
    """Within 6 standard errors of a Poisson number, of which the growth of a run with other people is a part."""
    assert len(run_compiled(setup(scenario, 5000)).rows) == pytest.approx(5000, abs=6 * 5000**0.5)


@pytest.mark.parametrize("scenario", [WHOLE, CORE])
@pytest.mark.parametrize("people", [5, 50, 500])
def test_people_are_as_many_as_asked_for(scenario: str, people: int) -> None:
    (organisation,) = staffed(scenario, 1000, people).organisations.values()
    roles = (organisation.roles.marketer, organisation.roles.sdr, organisation.roles.rep)
    assert sum(role.headcount for role in roles) == people


def test_the_picture_draws_both_panels() -> None:
    found = [
        Point(against, name, buyers, buyers + 7, people, 5, 0.5, 300.0, 290.0, 310.0)
        for name in LINES
        for against, buyers, people in (("buyers", 1000, 5), ("buyers", 10000, 50), ("people", 3000, 5),
                                        ("people", 3000, 50))
    ]  # fmt: skip
    with styled():
        made = drawn(found, "n = 5")
    words = " ".join(text.get_text() for axes in made.axes for text in axes.texts)
    assert len(made.axes) == 2
    assert all(called in words for called, _, _ in LINES.values()) and "0.5 s" in words
    assert "3,000 buyers" in made.axes[1].get_xlabel()
