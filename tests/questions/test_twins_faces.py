"""What is printed, told and drawn of both lives, on lives made up by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from simulator.model.words import Activity
from simulator.questions.frame.coalitions import REST
from simulator.questions.frame.divergence import EACH_NEEDED, EVENT_DTYPE, GAINED, LOST, NEVER_COMES, NO_SINGLE, NOTHING
from simulator.questions.frame.event_words import EVENTS, event, happens, meaning
from simulator.questions.frame.without_mechanism import Part
from simulator.questions.twins.stories import stories_table, stories_text
from simulator.questions.twins.tell import QUESTION, coupling, notes
from simulator.questions.twins.typical_buyers import KINDS, Story
from simulator.questions.twins.work import ALL, FATES, SCOPES, Twins
from simulator.results.summary import DAY
from tests.questions.telling import drawn, printed, texts
from tests.results.fake_journeys import fake_scenario

#: Buyers won by both, only the baseline, only the challenger, neither: mean and change from replication to replication.
COUNTS = {"both": (30, 1), "only_baseline": (10, 1), "only_challenger": (20, -1), "neither": (940, -1)}


def sums(counts=COUNTS, usd=1000.0):
    found = np.zeros((4, len(SCOPES), 2, len(FATES), 4))
    for replication in range(4):
        for place, fate in enumerate(FATES):
            mean, change = counts[fate]
            buyers = mean + change * (replication - 1.5) * 2 / 3 if mean else 0
            won = fate in ("both", "only_baseline"), fate in ("both", "only_challenger")
            found[replication, :, :, place] = [buyers, buyers * usd * won[0], buyers * usd * won[1], 0]
    return found


ROWS = (  # mechanism, flip, what happens in either life, after, how many in each replication
    ("access", "", "mql", NOTHING, "hand_raise", 60),
    ("access", GAINED, "mql", NOTHING, "hand_raise", 3),
    ("access", LOST, "mql", NOTHING, "hand_raise", 1),
    (EACH_NEEDED, "", "read_ours", "read_rival", "read_ours", 10),
    (NO_SINGLE, "", NEVER_COMES, "read_ours", "arrived", 5),
    ("", "", "", "", "", 20),
)


def lives(rows=ROWS):
    table = []
    for replication in range(2):
        for mechanism, flip, left, right, after, count in rows:
            one = {"replication": replication, "flip": flip, "parted": bool(mechanism), "mechanism": mechanism,
                   "stage": "exploring_solutions" if mechanism else "", "after": after, "event_baseline": left,
                   "event_challenger": right, "waiting": mechanism == EACH_NEEDED, "at_work": mechanism,
                   "undone_by": "access" if flip == GAINED else ""}  # fmt: skip
            table += [one] * (count + replication)
    return pd.DataFrame(table)


def life(*events):
    """(day, activity, stage, topic, role) each, of a buyer that arrived on day 3."""
    rows = [((3 + day) * DAY, activity, stage, topic, role) for day, activity, stage, topic, role in events]
    return np.array([tuple(int(value) for value in row) for row in rows], EVENT_DTYPE)


SHARED = ((0, Activity.READ_OURS, 0, 0, -1), (1, Activity.READ_RIVAL, 0, 0, -1), (2, Activity.HAND_RAISE, 0, -1, -1))
LEFT = (*SHARED, (2, Activity.MQL, 0, -1, -1), (9, Activity.REFUSED, 0, -1, 1), (9, Activity.DROPPED, 0, -1, -1),
        (30, Activity.NO_DECISION, 0, -1, -1))  # fmt: skip
RIGHT = (*SHARED, (3, Activity.ANSWER, 0, 0, 0), (3, Activity.STAGE_ENTERED, 1, -1, -1),
         (12, Activity.MEETING, 1, 1, 2), (20, Activity.WON, 1, -1, -1))  # fmt: skip

ABOUT = {"replication": 1, "buyer": 77, "segment": "mid", "channel": "search", "complexity": 0.5, "group_size": 3,
         "deal_value_usd": 20_000.0, "place": 3, "parted_day": 2.0, "stage": "loosening_status_quo",
         "after": "hand_raise", "event_baseline": "mql", "event_challenger": NOTHING, "role_baseline": "",
         "role_challenger": "", "mechanism": "access", "at_work": "access", "waiting": False,
         "outcome_baseline": "no_decision", "outcome_challenger": "won", "won_baseline": False, "won_challenger": True,
         "value_usd_baseline": 0.0, "value_usd_challenger": 20_000.0, "asked_again_baseline": 0.6,
         "asked_again_challenger": 0.0, "handoffs_baseline": 1.0, "handoffs_challenger": 2.0,
         "contradictions_baseline": 3.0, "contradictions_challenger": 0.0}  # fmt: skip

STORY = Story(KINDS[0], ABOUT, life(*LEFT), life(*RIGHT), 3 * DAY, 6)
NO_STORY = Story(KINDS[1], None, np.zeros(0), np.zeros(0), 0, 0)


def found(counts=COUNTS, rows=ROWS, told=(STORY, NO_STORY), crowd=20):
    scenario = fake_scenario("relay_race", "integrated")
    scenario.study.twins.detail_replications = 2
    parts = (
        Part("access", {"access.education": ("nobody", "marketer")}),
        Part("context", {"handoff.context_kept": (0.4, 0.9)}),
    )
    return Twins(scenario, "relay_race", "integrated", (ALL, "mid"), sums(counts), parts, lives(rows), told, crowd, 30)


def test_every_event_has_words():
    assert {activity.name.lower() for activity in Activity} <= set(EVENTS)
    assert event("hand_raise") == "asks for a person" and happens("mql") == "it is passed to sales (MQL)"
    assert happens(NOTHING) == "nothing happens at this moment"
    for name in ("access", EACH_NEEDED, NO_SINGLE, REST):
        assert meaning(name)


def test_the_conclusion_says_who_flips_and_where_lives_part():
    flips, divergence_place = QUESTION.conclusion(found())
    assert flips.startswith("Of 100 buyers who inquire in either life, integrated wins 2.0")
    assert "that relay race does not, and does not win 1.0" in flips and "(3.0" in flips and "are won by both)" in flips
    assert "the flips are worth +10.0 k usd [" in flips
    assert "of the cohort's buyers live lives that part, most often through access (" in divergence_place
    assert divergence_place.endswith(
        "once the buyer asks for a person, in relay race it is passed to sales (MQL) and in integrated nothing happens "
        "at this moment."
    )


def test_the_conclusion_of_organisations_that_are_the_same():
    none = {"both": (30, 1), "only_baseline": (0, 0), "only_challenger": (0, 0), "neither": (970, -1)}
    same = found(none, [("", "", "", "", "", 20)], told=(NO_STORY,))
    assert QUESTION.conclusion(same)[0].startswith(
        "No buyer flips: integrated wins exactly those that relay race wins, 3.0"
    )
    assert (
        QUESTION.conclusion(same)[1]
        == "No life parts: every event of every buyer is the same in relay race and integrated."
    )
    assert "Through what lives part" not in printed(QUESTION, same) and list(QUESTION.figures(same)) == ["twins_flips"]
    nobody = found(dict.fromkeys(FATES, (0, 0)), [("", "", "", "", "", 1)])
    assert QUESTION.conclusion(nobody)[0].startswith("No buyer inquired") and "no win rate" in coupling(nobody)


def test_lives_are_counted_in_every_table():
    tables = QUESTION.tables(complete())
    assert tables["divergences.csv"]["buyers"].sum() == tables["lives.csv"]["parted"].sum() == 79 + 84
    assert "arrived_us" not in tables["lives.csv"]


def complete():
    """With the columns that only files show."""
    result = found()
    return Twins(**{**vars(result), "divergences": result.divergences.assign(arrived_us=0)})


def test_the_coupling_of_buyers_is_said_beside_the_effect():
    said = coupling(found())
    assert said.startswith("The same buyers, paired: the win rate differs by +1.0") and "share people's time" in said
    share = 100 * (10 + 11) / (79 + 84)
    assert f"{share:.1f}%" in said and "(21) would not part there if nobody had to wait" in said
    assert "had to wait" not in coupling(found(crowd=1))  # nothing was shown


def test_the_tables():
    text = printed(QUESTION, found())
    assert "Who flipped, relay race and integrated" in text and "only by integrated" in text
    row = next(line for line in text.splitlines() if line.startswith("access "))
    assert row.split()[1] == f"{60 + 61 + 3 + 4 + 1 + 2:,}" and row.split()[-2:] == [
        "100",
        "0",
    ]  # gains and losses undone
    assert any("never comes" in line and "arrives" in line for line in text.splitlines())
    assert "several, each needed" in text and "4 replications (seed 1)" in text
    assert max(map(len, printed(QUESTION, found(), 120).splitlines())) <= 120


def test_what_else_a_reader_must_know():
    one = found()
    one.sums[..., 3] = 2.0
    others = [f"sales.key_{i}" for i in range(7)]
    changed = Twins(**{**vars(one), "parts": (Part(REST, {key: (1, 2) for key in others}),), "note": "leads left out"})
    said = list(notes(changed))
    assert said[0] == "leads left out" and "came to one organisation only" in said[1]
    assert "sales.key_0 (1 and 2)" in said[2] and said[2].endswith("and 2 more")
    assert list(notes(found())) == []  # context undoes none of the flips


def test_a_story_tells_both_lives_side_by_side():
    text = stories_text(found())
    assert "## 1. Gained through the commonest mechanism: integrated wins it, relay race does not" in text
    assert "On day 2.0, loosening status quo; the last thing that both lives share: it asks for a person." in text
    assert "access.education is nobody and marketer" in text
    for row in (
        "| 0.0 | reads 1 piece of ours, 1 rival's piece, about why change | the same |",
        "| 2.0 | asks for a person | the same |",
        "| 2.0 | is passed to sales (MQL) |  |",
        "| 3.0 |  | gets an answer from a person (a marketer), about why change; moves on to *committing to change* |",
        "| 9.0 | is refused by sales; is dropped as a lead |  |",
        "| 20.0 |  | buys from us |",
    ):
        assert row in text.splitlines(), row
    assert "Relay race: no decision; it was handed on once, had to tell again 60% of its history" in text
    assert (
        "Integrated: won for 20,000 usd; it was handed on twice, had to tell again 0% of its history, and never" in text
    )
    assert "## 2. Lost: relay race wins it, integrated does not\n\nThere is no such buyer" in text


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"mechanism": EACH_NEEDED, "at_work": "access+context"}, "They are access, context."),
        ({"mechanism": NO_SINGLE, "at_work": ""}, "each opens the gap without the others"),
        ({"waiting": True}, "If nobody had to wait for a person who is busy with others, they would not part there."),
        ({"event_challenger": NEVER_COMES, "outcome_challenger": "never_came"}, "Integrated: it never came."),
        ({"place": 0, "after": "arrived"}, "the last thing that both lives share: it arrives."),
        ({"event_baseline": "answer", "role_baseline": "sdr"}, "it gets an answer from a person (an SDR)"),
    ],
)
def test_what_a_story_says_of_other_partings(changes, said):
    story = Story(KINDS[2], ABOUT | changes, life(*LEFT), life(*RIGHT), 3 * DAY, 6)
    assert said in stories_text(found(told=(story,)))


def test_events_of_told_buyers_are_tidy():
    table = stories_table(found())
    assert len(table) == len(LEFT) + len(RIGHT) and set(table["organisation"]) == {"relay_race", "integrated"}
    mine = table[table["organisation"] == "integrated"]
    assert mine["days_since_arrival"].tolist() == [0, 1, 2, 3, 3, 12, 20] and mine["shared"].sum() == 3
    assert mine["role"].tolist() == ["", "", "", "marketer", "", "rep", ""] and mine["topic"].iloc[3] == "why_change"


def test_the_figures_show_the_numbers():
    shown = drawn(QUESTION, found())
    assert list(shown) == ["twins_flips", "twins_partings", "twins_stories"]
    (flips,) = shown["twins_flips"].axes
    widths = sorted({round(patch.get_width(), 6) for patch in flips.patches})
    assert widths == [-1.0, 2.0] and "+1.0" in texts(shown["twins_flips"])
    bars = [patch.get_width() for patch in shown["twins_partings"].axes[0].patches]
    assert bars[0] == pytest.approx(100 * 131 / 163) and len(bars) == 3  # nothing parts through context
    said = texts(shown["twins_stories"])
    assert "buys from us" in said and "lives part on day 2.0 through: access" in said and "reads" in said


def test_one_detailed_replication_has_no_interval_and_a_life_that_never_began_is_drawn():
    result = found()
    result.scenario.study.twins.detail_replications = 1
    alone = Twins(**{**vars(result), "divergences": result.divergences[result.divergences["replication"] == 0]})
    assert "[" not in QUESTION.conclusion(alone)[1] and drawn(QUESTION, alone)
    absent = Story(KINDS[0], ABOUT | {"event_baseline": NEVER_COMES, "outcome_baseline": "never_came", "place": 0},
                   life(), life(*RIGHT), 3 * DAY, 1)  # fmt: skip
    shown = drawn(QUESTION, found(told=(absent,)))["twins_stories"]
    assert "never comes" in texts(shown)
    assert math.isnan(alone.rate(alone.divergences["parted"], alone.divergences["parted"]).interval[0])
