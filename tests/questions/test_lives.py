"""Single lives, beside a log that is told by hand and beside the event log on disk."""

import datetime
from collections import Counter

import numpy as np
import pyarrow.parquet as pq
import pytest

from simulator.engines.report import LOG_DTYPE
from simulator.model.words import Activity, Outcome, Role, Stage, Topic
from simulator.questions.frame.event_words import EVENTS
from simulator.questions.lives import wording
from simulator.questions.lives.figure import MOST
from simulator.questions.lives.story import in_sum, lines, moment, period, span, title, told, who_it_is
from simulator.questions.lives.tell import QUESTION, lives_table, lives_text
from simulator.questions.lives.wording import TOLD, Kind
from simulator.questions.lives.work import Life, Lives
from simulator.questions.registry import run_and_report
from simulator.results.frames import ACTIVITY, CASE, RESOURCE, TIMESTAMP
from simulator.scenario.checked import check
from tests.questions.drawn_lives import found, ids, journeys, scenario
from tests.questions.layout import faults, said
from tests.questions.telling import drawn, printed
from tests.results.fake_journeys import DAY, HOUR, fake_scenario

MINUTE = HOUR // 60

# --- a life made by hand: it comes on a Wednesday at 09:00, the third day of the run ----------------------------------

PEOPLE = np.array([Role.MARKETER, Role.SDR, Role.REP])
CAME = 2 * DAY + 9 * HOUR


def row(day, hours, activity, stage=0, topic=-1, person=-1):
    """An event so many days and hours after it came."""
    return CAME + day * DAY + round(hours * HOUR), 5, person, int(activity), stage, topic


def life(*rows, outcome=Outcome.NO_DECISION, ended=0, **about):
    """A buyer to whom this happened."""
    fields = {
        "outcome": int(outcome), "segment": "mid", "channel": "paid_ads", "complexity": 0.5, "fit": 0.8, "members": 5,
        "value_cents": 3_000_000, "paid_cents": 2_790_000, "first_contact_at": -1, "contradictions": 0, "lead_id": "",
        "work_us": [0, 0, 0], **about,
    }  # fmt: skip
    return Life(77, fields, CAME, CAME + 3 * HOUR, CAME + ended, np.array(list(rows), LOG_DTYPE))


SOLD = life(
    row(0, 0, Activity.READ_RIVAL, 0, Topic.WHY_CHANGE),
    row(0, 1, Activity.READ_OURS, 0, Topic.WHY_CHANGE),
    row(0, 2, Activity.READ_OURS, 0, Topic.WHY_CHANGE),
    row(0, 3, Activity.INQUIRY),
    row(0, 3, Activity.HAND_RAISE),
    row(0, 3, Activity.MQL),
    row(0, 3, Activity.READ_OURS, 0, Topic.WHY_CHANGE),
    row(0, 3, Activity.STAGE_ENTERED, 1),
    row(1, 4, Activity.REFUSED, 1, person=1),
    row(1, 4, Activity.DROPPED, 1),
    row(2, 0, Activity.HAND_RAISE, 1),
    row(2, 0, Activity.MQL, 1),
    row(2, 0.5, Activity.SAL, 1, person=1),
    row(2, 0.5, Activity.CONVERSATION, 1, Topic.WHY_NOW, 1),
    row(2, 0.5, Activity.SQL, 1),
    row(2, 0.5, Activity.OWNER_ASSIGNED, 1, person=2),
    row(5, 2, Activity.OPPORTUNITY, 1, person=2),
    row(5, 2, Activity.MEETING, 1, Topic.WHY_NOW, 2),
    row(8, 0, Activity.READ_REVIEW, 1, Topic.WHY_NOW),
    row(9, 0, Activity.HAND_RAISE, 1),
    row(9, 5, Activity.MEETING, 1, Topic.WHY_NOW, 2),
    row(12, 5, Activity.MEETING, 1, Topic.WHY_NOW, 2),
    row(12, 6, Activity.MAIL_UNOPENED, 1),
    row(30, 1, Activity.GROUP_DISAGREED, 1, Topic.TERMS),
    row(40, 2, Activity.DISCOUNT_OFFERED, 1, person=2),
    row(41, 2, Activity.WON, 1),
    outcome=Outcome.WON,
    ended=41 * DAY + 2 * HOUR,
    first_contact_at=CAME + 2 * DAY,
    work_us=[0, 20 * MINUTE, 100 * MINUTE],
    contradictions=2,
)

BY_HAND = [
    ("day 0, Wednesday", "It read 4 pieces, 3 of ours and 1 of rivals."),
    ("day 0, Wednesday 12:00", "It made itself known to us. It asked for a person. Marketing passed it to sales (MQL). "
                               "It began to ask why it should change now."),
    ("day 1, Thursday 13:00", "SDR 1 refused it, 25 hours after marketing had passed it on. Sales dropped it."),
    ("day 2, Friday 09:00", "It asked for a person. Marketing passed it to sales (MQL)."),
    ("day 2, Friday 09:30", "SDR 1 accepted it (SAL). SDR 1 called it and talked about why now, 30 minutes after it "
                            "had asked. Sales found it worth a rep's time (SQL). Rep 2 took it over."),
    ("day 5, Monday 11:00", "Rep 2 opened a deal (opportunity). Rep 2 met it and talked about why now."),
    ("days 8 to 12", "It read a customer's review about why now. It left a mail of ours unopened. It asked for a "
                     "person once more. Rep 2 met it twice more."),
    ("day 30, Friday 10:00", "Its buying group voted and did not agree."),
    ("day 40, Monday 11:00", "Rep 2 offered it a discount."),
    ("day 41, Tuesday 11:00", "It bought from us for 27,900 usd."),
]  # fmt: skip


def test_a_life_is_told_as_by_hand():
    assert [(line.when, line.said) for line in lines(SOLD, PEOPLE)] == BY_HAND
    assert title(SOLD) == "segment mid, through paid ads: bought from us on day 41"
    assert who_it_is(SOLD) == (
        "A fairly complex purchase (complexity 0.50 of 1) worth 30,000 usd; our offer fits it well (0.80 of 1); "
        "5 people decide."
    )
    assert in_sum(SOLD, PEOPLE) == (
        "In all it read 5 pieces, 3 of them ours. It asked for a person 3 times. We first spoke with it 45 hours after "
        "it made itself known. SDR 1 and rep 2 talked with it 4 times. Our people spent 120 minutes on it (SDRs 20, "
        "reps 100). It caught us contradicting ourselves twice."
    )


def test_what_waits_is_timed_from_the_latest_request_as_one_is_open_at_a_time():
    one = life(
        row(0, 0, Activity.INQUIRY),
        row(1, 0, Activity.HAND_RAISE),
        row(2, 0, Activity.HAND_RAISE),
        row(3, 12, Activity.CALL_UNANSWERED, person=1),
        row(4, 0, Activity.ANSWER, 0, Topic.PRICE, 0),
        row(5, 0, Activity.ANSWER, 0, Topic.PRICE, 1),
    )
    assert [event.clause for event in told(one, PEOPLE)][3:] == [
        "SDR 1 tried to reach it in vain, 36 hours after it had asked",
        "marketer 0 answered it and talked about the price, 2 days after it had asked",
        "SDR 1 answered it and talked about the price",
    ]


def test_a_project_that_paused_goes_on():
    one = life(
        row(0, 0, Activity.PROJECT_BEGAN), row(5, 0, Activity.PROJECT_PAUSED), row(9, 0, Activity.PROJECT_BEGAN),
        row(11, 0, Activity.PROJECT_PAUSED), row(20, 0, Activity.ELSEWHERE),
    )  # fmt: skip
    assert [event.clause.split(",")[0] for event in told(one, PEOPLE)][::2] == [
        "Its project began", "Its project went on", "Its project went on",
    ]  # fmt: skip


def test_a_life_that_goes_on_says_so_and_one_without_events_is_told():
    still = life(row(0, 0, Activity.READ_OURS, 0, Topic.PRICE), outcome=Outcome.OPEN, ended=100 * DAY)
    assert [(line.when, line.said) for line in lines(still, PEOPLE)] == [
        ("day 0, Wednesday 09:00", "It read a piece of ours about the price."),
        ("day 100, Friday 09:00", "We look no further. It has not decided yet."),
    ]
    assert lines(life(), PEOPLE) == [] and "Nobody of ours ever spoke with it." in in_sum(life(), PEOPLE)


def test_times_are_said_as_people_say_them():
    assert [span(us) for us in (0, MINUTE, 50 * MINUTE, 90 * MINUTE, 12 * HOUR, 47 * HOUR, 2 * DAY, 99.6 * DAY)] == [
        "at once", "1 minute", "50 minutes", "1.5 hours", "12 hours", "47 hours", "2 days", "100 days",
    ]  # fmt: skip
    start = datetime.datetime(2024, 1, 1)  # a Monday, as every run begins
    for hours in (0, 14.99, 15, 15.01, 100.5, 5000.75):
        at, one = CAME + round(hours * HOUR), start + datetime.timedelta(microseconds=CAME + round(hours * HOUR))
        days = (one.date() - (start + datetime.timedelta(microseconds=CAME)).date()).days
        assert moment(at, SOLD) == f"day {days}, {one:%A %H:%M}"
    assert period(CAME, CAME + HOUR, SOLD) == "day 0, Wednesday" and period(CAME, CAME, SOLD) == moment(CAME, SOLD)
    assert period(CAME, CAME + 1500 * DAY, SOLD) == "days 0 to 1,500"


# --- words for everything there is ------------------------------------------------------------------------------------


def test_everything_has_words():
    assert set(TOLD) == {*Activity}, "say in simulator/questions/lives/wording.py how it is told"
    tables = (wording.STAGES, Stage), (wording.TOPICS, Topic), (wording.ROLES, Role), (wording.OUTCOMES, Outcome)
    for table, kind in tables:
        assert set(table) == {*kind}
    assert {activity.name.lower() for activity in Activity} <= set(EVENTS)


@pytest.mark.parametrize("activity", Activity, ids=lambda activity: activity.name.lower())
def test_every_activity_is_told_alone_and_together(activity):
    """Once, and so often that further ones are told together: complete sentences, and no mark is left open."""
    for often in (1, 2, 9):
        rows = [row(day, 0, activity, 1, Topic.PRICE, 1) for day in range(often)]
        story = lines(life(*rows), PEOPLE)
        assert sorted(place for line in story for place in line.places) == [*range(often)]
        text = " ".join(line.said for line in story)
        assert text.endswith(".") and "{" not in text and "  " not in text and text[0].isupper()
        assert not any(f" {passive} by " in text for passive in ("refused", "accepted", "dropped", "answered"))


def test_what_the_table_lacks_is_told_by_its_name_or_number(monkeypatch):
    rows = [row(0, 0, 99), row(1, 0, Activity.SUPPORT, 1, Topic.PRICE, 0), row(2, 0, 99), row(3, 0, 99)]
    monkeypatch.setattr(wording, "TOLD", {key: said for key, said in TOLD.items() if key != Activity.SUPPORT})
    monkeypatch.setattr(wording, "OUTCOMES", {})
    one = life(*rows, outcome=7, ended=3 * DAY)
    assert [line.said for line in lines(one, PEOPLE)] == [
        "This happened: number 99.", "This happened: support.", "This happened: number 99 twice more.",
    ]  # fmt: skip
    assert title(one).endswith(": number 7 on day 3")
    result = Lives(check(fake_scenario()), "relay_race", 9, datetime.date(2024, 1, 1), PEOPLE, [one])
    assert "something else" in said(drawn(QUESTION, result)["lives"]) and len(lives_table(result)) == 4


# --- what is told of them ---------------------------------------------------------------------------------------------


def test_events_are_those_of_the_event_log_on_disk(tmp_path, undrawn_figures):
    """All of them and no other: what a comparison of the same scenario writes to touches.parquet."""
    asked = scenario().with_(
        {"study.name": "compare", "run.record": "touches", "compare.organisations": ["relay_race"]}
    )
    run_and_report(asked, tmp_path / "run")
    touches = pq.read_table(tmp_path / "run" / "touches.parquet").to_pandas()
    table = lives_table(found())
    assert sorted(set(table["life"])) == [*range(1, 11)]
    for buyer, mine in table.groupby("buyer"):
        logged = touches[touches[CASE] == f"relay_race/0/{buyer}"]
        assert mine["activity"].tolist() == logged[ACTIVITY].tolist()
        assert mine["at"].tolist() == logged[TIMESTAMP].tolist()
        assert mine["stage"].tolist() == logged["stage"].astype(str).tolist()
        assert mine["topic"].tolist() == ["" if topic != topic else topic for topic in logged["topic"]]
        persons = [name.lower() or "buyer" for name in mine["person"]]
        assert persons == logged[RESOURCE].tolist()


def test_facts_are_those_of_the_journeys():
    for one in found().lives:
        row = journeys().loc[one.buyer]
        assert (one.about["segment"], one.about["channel"]) == (row["segment"], row["channel"])
        assert one.about["complexity"] == row["complexity"] and one.about["fit"] == row["fit"]
        assert one.about["value_cents"] / 100 == row["deal_value_usd"] and one.about["members"] == row["group_size"]
        assert Outcome(one.outcome).name.lower() == row["outcome"]
        read = sum(row[f"touches_{kind}"] for kind in ("ours", "third_party", "rival"))
        said = f"In all it read {read:,} pieces, {row['touches_ours']} of them ours."
        if read == 1:
            said = f"In all it read one piece, {'ours' if row['touches_ours'] else 'none of ours'}."
        assert said in in_sum(one, found().people)


def test_every_event_is_told_in_one_line_and_lines_go_forward():
    for name in ("relay_race", "integrated"):
        for one in found("study.lives.buyers=60", f"study.lives.organisation={name}").lives:
            story = lines(one, found().people)
            places = [place for line in story for place in line.places]
            assert sorted(places) == [*range(len(one.events))]
            at = [int(one.events["at"][place]) for place in places]
            assert at == sorted(at)


def test_terminal_text_and_table_say_the_same():
    result, text = found(), lives_text(found())
    shown = printed(QUESTION, result)
    plain, wide = " ".join(text.split()), " ".join(shown.split())
    for number, one in enumerate(result.lives, start=1):
        head = f"{number}. Segment {one.about['segment']}"
        assert head in plain and head in wide
        for line in lines(one, result.people):
            assert f"{line.when} {line.said}" in plain
    assert max(map(len, text.splitlines())) <= 110 and max(map(len, shown.splitlines())) <= 140
    table = lives_table(result)
    assert table["words"].str.endswith(".").all() and (table["day"] >= 0).all()
    counted = table.groupby("life")["line"].max().tolist()
    assert counted == [sum(bool(line.places) for line in lines(one, result.people)) for one in result.lives]


def test_the_answer_counts_how_they_ended():
    ends = Counter(one.outcome for one in found().lives)
    first, second = QUESTION.conclusion(found())
    assert first.startswith(
        f"Of 10 buyers drawn at random from {found().population} inquiries of the cohort in relay race,"
    )
    assert f"{ends[Outcome.NO_DECISION]} bought nothing" in first and "study=compare" in second
    assert QUESTION.facts(found())["buyers"] == ids(found())


def test_who_were_chosen_by_their_outcome_are_not_said_to_be_drawn_whatever_became_of_them():
    for drawn_from, so in (("inquiries", True), ("opportunities", True), ("no_decision", False)):
        result = found(f"study.lives.drawn_from={drawn_from}")
        (figure,) = drawn(QUESTION, result).values()
        for text in (lives_text(result), printed(QUESTION, result), said(figure)):
            assert ("whatever became of them" in " ".join(text.split())) == so


def test_nobody_to_draw_from_is_said_everywhere(tmp_path, capsys):
    nobody = scenario("market.inquiries_per_year=0")
    run_and_report(nobody, tmp_path / "run")
    assert "There is nobody to draw from: 0 inquiries of the cohort in relay race." in capsys.readouterr().out
    assert (tmp_path / "run" / "figures" / "lives.png").is_file()
    assert (tmp_path / "run" / "lives.csv").read_text().startswith("life,buyer,")


# --- the figure -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [(), ("study.lives.organisation=integrated",), ("study.lives.drawn_from=won",),
                                  ("study.lives.buyers=1",), ("study.lives.buyers=30",)])  # fmt: skip
def test_the_figure_shows_every_event_of_a_kind_and_no_text_lies_over_another(more):
    result = found(*more)
    (figure,) = drawn(QUESTION, result).values()
    assert faults(figure) == []
    shown = result.lives[:MOST]
    kinds = Counter(wording.of(int(activity)).kind for one in shown for activity in one.events["activity"])
    marks = Counter()
    for mark in figure.axes[0].lines:
        marks[mark.get_marker(), mark.get_markeredgecolor()] += len(mark.get_xdata())
    for kind, marker in ((Kind.ASKS, "^"), (Kind.REFUSED, "x"), (Kind.DEAL, "D")):
        assert sum(count for (each, _), count in marks.items() if each == marker) == kinds[kind]
    read = sum(count for (each, _), count in marks.items() if each == "|")
    assert read == kinds[Kind.READS_OURS] + kinds[Kind.READS_OTHERS]
    days = max((one.end_us - one.arrived_us) / DAY for one in shown)
    assert figure.axes[0].get_xlim()[1] == pytest.approx(1.012 * days)
    assert (f"The first {MOST} of them" in said(figure)) == (len(result.lives) > MOST)
