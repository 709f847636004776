import io
import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from rich.console import Console

from simulator.questions.compare.tell import QUESTION
from simulator.questions.compare.work import compare
from simulator.questions.frame.blocks import MARK
from simulator.questions.frame.numbers import Scale, scale_for, times, usd
from simulator.questions.frame.progress import progress
from simulator.results.estimate import Estimate, half_widths
from simulator.results.metrics import METRICS
from tests.questions.telling import printed
from tests.results.fake_journeys import fake_scenario, fake_simulate


@cache
def comparison(*names, replications=4):
    return compare(fake_scenario(*names, replications=replications), simulate=fake_simulate)


@pytest.mark.parametrize("width", [60, 80, 120, 140])
@pytest.mark.parametrize("names", [("relay_race",), ("relay_race", "aligned", "integrated")])
@pytest.mark.parametrize("replications", [1, 4])
def test_it_fits_and_loses_nothing(width, names, replications):
    text = printed(QUESTION, comparison(*names, replications=replications), width)
    assert max(map(len, text.splitlines())) <= width and "…" not in text
    for metric in METRICS:
        assert (metric.label in text) == metric.headline, metric.key
    for name in names:
        assert name.replace("_", " ") in text
    assert "Equal payroll: 1.21 M usd a year each" in text
    assert "\x1b" not in text


def test_wide_is_one_table_and_narrow_is_two():
    found = comparison("relay_race", "integrated")
    label = "win rate of opportunities "
    assert printed(QUESTION, found, 120).count(label) == 1
    assert printed(QUESTION, found, 80).count(label) >= 2


def test_numbers_are_those_of_the_tables():
    found = comparison("relay_race", "integrated")
    row = next(line for line in printed(QUESTION, found, 140).splitlines() if line.startswith("never contacted"))
    table = found.metrics.set_index(["organisation", "metric"])
    apart = found.differences.set_index("metric").loc["never_contacted"]
    numbers = [float(number) for number in re.findall(r"[-+]?\d+\.?\d*", row)]
    estimates = [table.loc[(name, "never_contacted")] for name in found.organisations]
    expected = [x for e in estimates for x in (e["estimate"], (e["ci_high"] - e["ci_low"]) / 2)]
    expected += [apart["difference"], apart["ci_low"], apart["ci_high"]]
    assert numbers == pytest.approx([100 * x for x in expected], abs=0.051)
    assert row.rstrip().endswith(MARK) == (apart["ci_low"] > 0 or apart["ci_high"] < 0)


def test_an_interval_that_excludes_0_does_not_seem_to_touch_it():
    found = comparison("relay_race", "integrated")
    base, offsets = found.found["relay_race"]["wins"], np.array([-1.5, -0.5, 0.5, 1.5])
    known = Estimate(base.value + 5.0, base.left_out + offsets * 4.96 / half_widths(offsets))
    assert (known - base).interval == pytest.approx((0.04, 9.96))
    found = replace(found, found={**found.found, "integrated": {**found.found["integrated"], "wins": known}})
    row = next(line for line in printed(QUESTION, found, 140).splitlines() if "wins" in line)
    assert row.rstrip().endswith("+5.00 [+0.04, +9.96] *")


def test_a_difference_is_coloured_by_what_is_better():
    found = comparison("relay_race", "integrated", replications=4)
    text = printed(QUESTION, found, 140, force_terminal=True, color_system="standard")
    row = next(line for line in text.splitlines() if "never contacted" in line)
    assert "\x1b[32m" in row  # fewer: green


def test_one_replication_says_why_there_are_no_intervals():
    text = printed(QUESTION, comparison("relay_race", "integrated", replications=1), 140)
    assert "One replication has no intervals" in text and "±" not in text and MARK not in text


def test_unequal_payrolls_are_printed():
    scenario = fake_scenario()
    scenario.compare.equal_payroll = False
    scenario.organisations["integrated"].roles.rep.headcount += 1
    text = printed(QUESTION, compare(scenario, simulate=fake_simulate), 200)
    assert "Payroll differs, usd a year: relay race 1.21 M usd, integrated 1.40 M usd" in text


@pytest.mark.parametrize(
    ("unit", "values", "widths", "value", "text"),
    [
        ("share", [0.0243], [0.0021], 0.0243, "2.43%"),
        ("share", [0.5], [], 0.5, "50.0%"),
        ("usd", [61_234.0], [5_100.0], 61_234.0, "61.2 k usd"),
        ("usd", [1_330_000.0], [], 1_330_000.0, "1.33 M usd"),
        ("usd", [199.0], [12.0], 199.0, "199 usd"),
        ("days", [64.2], [12.0], 64.2, "64 days"),
        ("hours", [0.04], [0.002], 0.04, "0.04 h"),
        ("count", [1234.0], [100.0], 1234.0, "1,234"),
        ("count", [0.0], [], 0.0, "0"),
        ("share", [0.5], [], float("nan"), "-"),
    ],
)
def test_numbers(unit, values, widths, value, text):
    assert scale_for(unit, values, widths).with_unit(value) == text


def test_signs():
    scale = Scale(100.0, "%", 1)
    assert [scale.text(x, sign=True) for x in (0.012, -0.012, 0.0001, -0.0001)] == ["+1.2", "-1.2", "0.0", "0.0"]
    assert Scale(1.0, "").telling_from_0([3.0, -0.02]).decimals == 2 and Scale(1.0, "").telling_from_0([]).decimals == 0
    assert Scale(1.0, "").telling_from_0([1e-9]).decimals == 3
    assert usd(12_345.0) == "12.3 k usd" and [times(2.44), times(17.2)] == ["2.4", "17"]


def test_progress_without_a_terminal_is_a_few_lines():
    out = io.StringIO()
    with progress(Console(file=out, width=80), "baseline") as tell:
        for done in range(101):
            tell(done, 100)
    lines = out.getvalue().splitlines()
    assert len(lines) == 5 and lines[0] == "baseline: 0 of 100 runs" and lines[-1].startswith("baseline: 100 of 100")


def test_progress_on_a_terminal_leaves_nothing():
    out = io.StringIO()
    with progress(Console(file=out, width=80, force_terminal=True), "baseline") as tell:
        tell(1, 2)
    assert "baseline" in out.getvalue()
