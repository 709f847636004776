"""What reading an export shows: counts that can be added up by hand, nothing cut off, nothing an export could do."""

import io
import re
from datetime import datetime
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from simulator.leads.funnel import Funnel, read_funnel
from simulator.leads.settings import Crm
from simulator.questions.read_crm.figure import leads_and_wins
from simulator.questions.read_crm.tell import QUESTION, shown
from simulator.questions.read_crm.work import (
    ALL,
    MOST_CHANNELS,
    OTHERS,
    Reading,
    channels_table,
    median,
    months_table,
    wilson,
)
from tests.leads.made_up_crm import clean, crm, write
from tests.questions.layout import faults, said
from tests.questions.telling import printed


@pytest.fixture(scope="module")
def funnel(tmp_path_factory) -> Funnel:
    return read_funnel(crm(clean(tmp_path_factory.mktemp("clean"), 400)))


def reading(funnel: Funnel) -> Reading:
    return Reading(funnel, channels_table(funnel), months_table(funnel))


def with_channels(folder: Path, channels: list[str]) -> Funnel:
    rows = "".join(f'r{i},2024-0{1 + i % 9}-01,"{name}"\n' for i, name in enumerate(channels))
    return read_funnel(Crm(leads=str(write(folder, "id,created,channel\n" + rows) / "leads.csv")))


def test_tables_add_up(funnel: Funnel) -> None:
    channels, months, leads = channels_table(funnel), months_table(funnel), funnel.leads
    counts = pd.crosstab(leads["channel"].astype(str), leads["outcome"].astype(str))
    each = channels.set_index("channel").drop(ALL)
    pd.testing.assert_frame_equal(each[["won", "lost", "open"]].sort_index(), counts[["won", "lost", "open"]],
                                  check_names=False)  # fmt: skip
    assert channels["channel"][0] == ALL and (each["leads"].sum(), each["won"].sum()) == tuple(
        channels[["leads", "won"]].iloc[0]
    )
    assert (months["leads"].sum(), months["won"].sum()) == (len(leads), (leads["outcome"] == "won").sum())
    january = months[months["period"] == "2024-01-01"]["leads"].sum()
    assert january == leads["created"].between("2024-01-01", "2024-01-31 23:59:59").sum() > 0
    assert months["period"].max() == pd.Timestamp(funnel.exported_at).to_period("M").start_time


def test_long_times_are_told_by_quarter_or_year(tmp_path: Path) -> None:
    for last, unit in (("2020-12-31", "month"), ("2024-06-01", "quarter"), ("2150-01-01", "year")):
        write(tmp_path, f"id,created,channel\na,2018-05-01,web\nb,{last},web\n")
        months = months_table(read_funnel(Crm(leads=str(tmp_path / "leads.csv"))))
        assert set(months["unit"]) == {unit} and months["leads"].tolist()[0] == months["leads"].tolist()[-1] == 1


def test_intervals_are_those_of_the_books() -> None:
    z, p, n = 1.959964, 0.1, 50  # Wilson 1927
    middle, half = p + z * z / (2 * n), z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    assert wilson(5, 50) == pytest.approx(
        [(middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)], abs=1e-6
    )
    for n in (6, 15, 40):
        _, low, high = median(np.arange(1.0, n + 1))
        assert low + high == n + 1
        outside = 2 * binom.cdf(low - 1, n, 0.5)
        assert outside <= 0.05 < outside + 2 * binom.pmf(low, n, 0.5)
    assert np.isnan(median(np.array([1.0, 2.0]))[1:]).all() and np.isnan(median(np.array([]))).all()


def test_the_figure_is_whole_and_says_what_it_shows(funnel: Funnel) -> None:
    figure = leads_and_wins(reading(funnel))
    assert faults(figure) == []
    words, won = said(figure), int((funnel.leads["outcome"] == "won").sum())
    assert (
        f"n = 400 leads, {won} wins until" in words
        and "95% interval" in words
        and f"[{100 * wilson(won, 400)[0]:.1f}" in words
    )
    heights = [round(bar.get_height()) for bar in figure.axes[0].patches]
    assert sum(heights) == 400 and sum(round(bar.get_height()) for bar in figure.axes[1].patches) == won


def test_what_an_export_says_does_nothing_where_it_is_shown(tmp_path: Path) -> None:
    odd = ["$x^{$", "\x1b[31mred", "[bold]b[/bold]", "two\nlines", "é" * 80, "$", "=cmd()", "web", "fair", "mail"]
    funnel = with_channels(tmp_path, odd * 3)
    text = printed(QUESTION, reading(funnel), 120)
    assert "\x1b" not in text and "[bold]b[/bold]" in text and "two·lines" in text and "·[31mred" in text
    figure = leads_and_wins(reading(funnel))
    with mpl.rc_context({"svg.fonttype": "none"}):
        figure.savefig(stream := io.StringIO(), format="svg")
    assert faults(figure) == [] and "\x1b" not in stream.getvalue()
    assert shown("a\tb" + "c" * 100) == "a·b" + "c" * 60 + "…"


def test_very_many_channels_are_told_together(tmp_path: Path) -> None:
    funnel = with_channels(tmp_path, ["web"] * 3 + [f"page {i}" for i in range(300)])
    channels, months = channels_table(funnel), months_table(funnel)
    assert len(channels) == MOST_CHANNELS + 2 and channels["channel"].iloc[-1] == OTHERS
    assert channels["leads"].iloc[1:].sum() == months["leads"].sum() == 303
    assert (
        "There are 301 channels" in printed(QUESTION, reading(funnel), 120)
        and "from 301 channels" in QUESTION.conclusion(reading(funnel))[0]
    )
    assert faults(leads_and_wins(reading(funnel))) == []


def test_words_tell_what_was_read_and_what_was_not(tmp_path: Path) -> None:
    write(tmp_path, "id,created,channel\na,2024-01-05,Web\nb,never,web\nc,2024-02-05,web\nc,2024-02-05,web\n",
          "id,closed\na,2024-01-09\n")  # fmt: skip
    funnel = read_funnel(Crm(leads=str(tmp_path / "leads.csv"), deals=str(tmp_path / "deals.csv")))
    text = printed(QUESTION, reading(funnel), 120)
    assert re.search(r"leads.csv: duplicate id +1 +5 +c,2024-02-05,web", text)
    assert re.search(r"rows +4 +1\n", text) and "2 (50.0%)" in text and "'Web', 'web'" in text
    first, second = QUESTION.conclusion(reading(funnel))
    assert first == (
        "The export holds 2 leads of 2024-01-05 to 2024-02-05 from 2 channels; until 2024-02-05 1 of them were won, "
        "50.0% [9.5, 90.5], 0 were lost and 1 are open; half of the wins took at most 4.0 days."
    )
    assert second == "Of 5 rows 2 (40.0%) are set aside: 1 date cannot be read and 1 duplicate id."
    assert any("no losses" in line for line in QUESTION.sure(reading(funnel)))
    assert funnel.until(datetime(2024, 1, 8)).leads["outcome"].tolist() == ["open"]
