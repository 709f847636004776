"""Figures of a calibration: nothing cut off or over another, marks where numbers counted otherwise say."""

import math
from datetime import timedelta

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from simulator.fit.calibration import FITTED, Calibration
from simulator.questions.calibrate.marks import plainly
from simulator.questions.calibrate.tell import QUESTION
from simulator.questions.frame.style import INK, PALETTE
from tests.questions.layout import faults, said
from tests.questions.made_up_calibration import DRAWS, HORIZON, made_up
from tests.questions.telling import drawn

CUTOFFS = ["2024-05-05", "2024-06-02", "2024-06-30"]
LONG = [f"a channel with a long name, number {number} of those of the export" for number in range(9)]


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> tuple[Calibration, dict[str, Figure]]:
    """Nine channels with long names, 18 other parameters, three cutoffs, three organisations."""
    found = made_up(tmp_path_factory.mktemp("large"), LONG, CUTOFFS)
    return found, drawn(QUESTION, found)


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> tuple[Calibration, dict[str, Figure]]:
    """One channel, two other parameters, no check, one organisation."""
    found = made_up(tmp_path_factory.mktemp("small"), ["web"], [], hold=17, organisations=1)
    return found, drawn(QUESTION, found)


def lines(axes, tint: str, points: int | None = None) -> list:
    """Lines of a colour, from the top down or from the left to the right as they were drawn."""
    return [line for line in axes.lines if to_hex(line.get_color()) == tint.lower()
            and (points is None or len(line.get_xdata()) == points)]  # fmt: skip


def test_nothing_is_cut_off_and_nothing_lies_over_another(large, small) -> None:
    for (found, figures), size in ((large, 28), (small, 3)):
        assert len(found.prior) == size
        for name, figure in figures.items():
            assert faults(figure) == [], name
            assert "n = " in said(figure) and ("90%" in said(figure) or name == "held_out_weeks")
    assert set(large[1]) == set(small[1]) | {"held_out_weeks", "held_out_curves"}
    assert "(17)" in said(small[1]["parameters"]) and "and 9 more" in said(small[1]["parameters"])


def test_a_row_of_a_parameter_is_its_interval_in_its_own_scale(large) -> None:
    found, figures = large
    [axes, _] = figures["parameters"].axes
    told = [place for place, status in enumerate(found.statuses) if status == FITTED]
    drawn = {tuple(np.round(line.get_xdata(), 9)) for line in lines(axes, PALETTE[1], 2)}
    assert drawn == {tuple(np.round(np.quantile(found.fit.posterior.points[:, i], [0.05, 0.95]), 9)) for i in told}
    diamonds = [line.get_xdata()[0] for line in lines(axes, INK, 1)]
    assert sorted(diamonds) == pytest.approx(sorted(found.best.point), abs=1e-3)  # values are run with four digits
    words = said(figures["parameters"])
    assert f"It tells {len(told)} of 28" in words and f"cannot tell ({28 - len(told)})" in words
    place = next(i for i in told if found.prior.free[i].log)
    one = found.prior.free[place]
    middle, low, high = (
        one.low * (one.high / one.low) ** np.quantile(found.fit.posterior.points[:, place], share)
        for share in (0.5, 0.05, 0.95)
    )
    assert f"{middle:.2g} [{low:.2g}, {high:.2g}]" in words


def test_flat_profiles_say_so(large, small) -> None:
    for found, figures in (large, small):
        plots = figures["profiles"].axes
        assert len(plots) == len(found.prior)
        for place, axes in enumerate(plots):
            flat = max(found.profiles[place].deviance) <= 2.7055
            texts = [text.get_text() for text in axes.texts]
            assert ("flat" in texts) == flat and flat == (place % 3 == 2)
            assert not (flat and lines(axes, PALETTE[1]))


def test_shares_stand_beside_those_of_the_export_and_what_is_missed_stands_out(large) -> None:
    found, figures = large
    figure = figures["export_met"]
    leads = found.funnel.leads
    won = (leads["outcome"] == "won").groupby(leads["channel"].astype(str)).agg(["sum", "count"])
    orange = [line for axes in figure.axes for line in lines(axes, PALETTE[2], 1) if line.get_marker() == "|"]
    assert len(orange) == 2  # in the key, and of the first number
    first = found.fit.statistics.numbers[0].of
    cases, size = next(row for name, row in won.iterrows() if name.replace(",", "").replace(" ", "_") == first)
    assert orange[1].get_xdata()[0] == pytest.approx(100 * (cases + 0.375) / (size + 0.75))
    assert f"{len(found.fit.statistics.numbers) - 1} of {len(found.fit.statistics.numbers)} numbers" in said(figure)
    bars = [line.get_xdata() for axes in figure.axes[1:] for line in axes.lines if len(line.get_xdata()) == 2]
    low, high = np.quantile(found.seen.reshape(2 * DRAWS, -1), [0.05, 0.95], axis=0)
    shares = 100 * np.sin(np.clip(np.stack([low, high], axis=1), 0.0, np.pi) / 2) ** 2
    assert np.sort(bars, axis=0).ravel() == pytest.approx(np.sort(shares, axis=0).ravel())


def test_the_weeks_after_a_cutoff_are_counted_as_in_the_export(large) -> None:
    found, figures = large
    leads = found.funnel.leads
    *plots, _ = figures["held_out_weeks"].axes  # the last one is the key
    soon = (leads["outcome"] == "won") & (leads["ended"] - leads["created"] <= timedelta(days=HORIZON))
    for axes, check in zip(plots, found.checks, strict=True):
        start = np.datetime64(check.holdout.day) + 1
        week = (leads["created"].to_numpy() - start) // np.timedelta64(7, "D")
        real = [int((soon & (week == number)).sum()) for number in range(4)]
        assert [line.get_ydata()[0] for line in lines(axes, INK, 2)] == real
        assert [label.get_text().endswith("21 leads") for label in axes.get_xticklabels()] == [True] * 4
        texts = [text.get_text() for text in axes.texts]
        assert f"{sum(real)} really won" in texts and any("regression, log score" in text for text in texts)
        drawn = check.holdout.within(check.scores["simulator"].rows).sum(axis=(-1))
        marks = [line.get_ydata()[0] for line in lines(axes, PALETTE[1], 1)]
        assert marks == pytest.approx(drawn.mean(axis=0))


def test_curves_end_where_the_leads_ended(large) -> None:
    found, figures = large
    leads = found.funnel.leads
    for axes, check in zip(figures["held_out_curves"].axes, found.checks, strict=True):
        start = np.datetime64(check.holdout.day) + 1
        mine = leads[leads["created"].to_numpy().astype("datetime64[us]") >= start].head(4 * 21)
        age = (mine["ended"] - mine["created"]).where(mine["outcome"] == "won").to_numpy() / np.timedelta64(1, "D")
        last = lines(axes, INK)[0]
        share = 100 * np.nanmean(np.where(age <= last.get_xdata()[-1], 1.0, 0.0))
        assert last.get_ydata()[-1] == pytest.approx(share)
        steps, curve = last.get_ydata()[1:], lines(axes, PALETTE[1])[0].get_ydata()[1:]
        assert f"off by at most {np.abs(steps - curve).max():.1f} points" in [text.get_text() for text in axes.texts]


def test_differences_are_of_the_same_set(large, small) -> None:
    found, figures = large
    level, apart = figures["leads_elsewhere"].axes
    base = found.replays[0].facts["won_share"]
    for place, one in enumerate(found.replays[1:], start=1):
        difference = 100 * (one.facts["won_share"] - base)
        [dots] = lines(apart, PALETTE[place], DRAWS)
        assert sorted(dots.get_xdata()) == pytest.approx(sorted(difference))
        assert f"{difference.mean():+.1f}" in said(figures["leads_elsewhere"])
    won = (found.funnel.leads["outcome"] == "won").mean()
    assert f"recorded {100 * won:.1f}%" in [text.get_text() for text in level.texts]
    assert len(small[1]["leads_elsewhere"].axes) == 1 and "elsewhere" not in said(small[1]["leads_elsewhere"])


def test_names_are_no_formulas() -> None:
    assert plainly("$x^{$ \x1b[31m") == r"\$x^{\$ ·[31m" and len(plainly("a" * 99, 10)) == 10
    assert math.isfinite(len(plainly("")))
