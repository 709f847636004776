"""A talk that goes on from worry to worry: worked out by hand, and against a clock that ticks by the second."""

import math
import random

import pytest

from simulator.model import buyer as buying
from simulator.model import talking
from simulator.model.content import cell_of
from simulator.model.tally import HEARD
from simulator.model.words import STAGE_TOPICS, TOPICS, Decision, Role, Topic
from simulator.scenario.market import Market, Segment
from simulator.scenario.organisation import Organisation
from tests.model.lives import FORM, KEY, SEGMENT, Buyer, Luck, rules

#: A rep of skill 0.6 without a piece for anything: half of a talk hangs on it, and general ones match a quarter.
RELEVANCE = 1 - 0.5 * 0.75
#: The share that needs no trust, and what is trusted of the rest.
BELIEVED = 0.4 + 0.6 * 0.6
#: How useful it is for what is not about us, and for what is, where fit is 1/2.
USE = 0.6 * RELEVANCE * BELIEVED
USE_ABOUT_US = USE * 0.75
#: Rate at which worries fall by minutes; and the minutes that take one of 0.8 to 0.3.
RATE, RATE_ABOUT_US = 2.0 * USE / 60, 2.0 * USE_ABOUT_US / 60
NEEDED, NEEDED_ABOUT_US = math.log(0.8 / 0.3) / RATE, math.log(0.8 / 0.3) / RATE_ABOUT_US


def talk(buyer: Buyer, **changes: object) -> None:
    given = {"talk_gain_per_hour": 2.0, "talk_least_use": 0.2, **changes}
    talking.work_through(buyer.t, buyer.b, buyer.h, rules(**given), KEY, Role.REP)


def use(luck: Luck, *topics: int, u: float = 0.5) -> Luck:
    """How useful the talk is for each of these worries, by luck of its own."""
    for topic in topics:
        luck(Decision.TALK_USEFULNESS, u, topic, 3)
    return luck


def heard(buyer: Buyer) -> set[int]:
    """The topics of which we heard the question, once each."""
    assert set(buyer.t.tally.values()) <= {1}
    return {topic for topic in range(TOPICS) if HEARD + cell_of(topic, SEGMENT, FORM) in buyer.t.tally}


def in_talk(minutes: float, **state: object) -> Buyer:
    return Buyer(**{"minutes": minutes, "task_no": 4, "piece": 0.25, "piece_topic": 0, **state})


def test_a_short_talk_is_about_the_first_worry(luck: Luck) -> None:
    """And the second is looked at no more than to find that no minutes are left."""
    use(luck, 0, 1)
    buyer = in_talk(20.0)
    talk(buyer)
    assert buyer.uncertainty == pytest.approx([0.8 * math.exp(-20 * RATE), *[0.8] * 7])
    assert buyer.cleared_total == pytest.approx(0.8 - buyer.uncertainty[0]) and heard(buyer) == {0}


def test_a_longer_one_goes_on_to_what_comes_next_also_of_stages_to_come(luck: Luck) -> None:
    """Three worries are cleared, and the next, about us, is eased for the rest of the time; the stage waits."""
    use(luck, 0, 1, 2, 3, 4)
    buyer = in_talk(3 * NEEDED + 10)
    talk(buyer)
    left = 0.8 * math.exp(-10 * RATE_ABOUT_US)
    assert buyer.uncertainty == pytest.approx([0.3, 0.3, 0.3, left, *[0.8] * 4]) and heard(buyer) == {0, 1, 2, 3}
    assert buyer.uncertainty[:3] == [0.3] * 3, "clear, not nearly"
    assert buyer.stage == 0 and buyer.cleared_total == pytest.approx(3 * 0.5 + 0.8 - left)


def test_what_is_clear_is_passed_over_and_what_lies_behind_is_left(luck: Luck) -> None:
    use(luck, Topic.INTEGRATION, Topic.PRICE, Topic.RISK)
    buyer = in_talk(NEEDED_ABOUT_US + 5, stage=2, uncertainty=[0.8, 0.8, 0.3, 0.8, 0.1, 0.8, 0.8, 0.8])
    talk(buyer)
    left = 0.8 * math.exp(-5 * RATE_ABOUT_US)
    assert buyer.uncertainty == pytest.approx([0.8, 0.8, 0.3, 0.3, 0.1, left, 0.8, 0.8])
    assert heard(buyer) == {Topic.INTEGRATION, Topic.PRICE}


def test_when_all_is_clear_there_is_nothing_to_talk_about() -> None:
    buyer = in_talk(60.0, uncertainty=[0.3] * TOPICS)
    talk(buyer)
    assert buyer.uncertainty == [0.3] * TOPICS and heard(buyer) == set()


@pytest.mark.parametrize(("least", "goes_on"), [(USE_ABOUT_US - 1e-9, True), (USE_ABOUT_US + 1e-9, False)])
def test_it_goes_on_to_nothing_that_it_is_of_no_use_for(luck: Luck, least: float, goes_on: bool) -> None:
    use(luck, 0, 1, 2, 3, *([4] if goes_on else []))
    buyer = in_talk(3 * NEEDED + 10)
    talk(buyer, talk_least_use=least)
    assert (buyer.uncertainty[3] < 0.8) == goes_on and heard(buyer) == {0, 1, 2} | ({3} if goes_on else set())


def test_it_does_not_jump_over_what_it_is_of_no_use_for(luck: Luck) -> None:
    """Of the second worry luck is bad: the third, of which it would be good, is not spoken of."""
    use(luck, 0)
    use(luck, 1, u=1e-9)
    buyer = in_talk(500.0)
    talk(buyer, talk_least_use=USE - 0.01)
    assert buyer.uncertainty[:3] == [0.3, 0.8, 0.8]


def test_a_piece_serves_its_topic_alone(luck: Luck) -> None:
    use(luck, 0, 1, 2)
    buyer = in_talk(30.0, piece=0.9, piece_topic=0)
    talk(buyer)
    best = 2.0 * 0.6 * (1 - 0.5 * 0.1) * BELIEVED / 60
    needed = math.log(0.8 / 0.3) / best
    assert buyer.uncertainty[0] == pytest.approx(0.8 * math.exp(-30 * best)) and needed > 30
    buyer = in_talk(needed + 10, piece=0.9, piece_topic=0)
    talk(buyer)
    assert buyer.uncertainty[:3] == pytest.approx([0.3, 0.8 * math.exp(-10 * RATE), 0.8])


@pytest.mark.parametrize("least", [0.0, 0.2])
def test_a_talk_of_no_use_at_all_does_nothing(luck: Luck, least: float) -> None:
    """Also where nothing is too little use to go on: it ends with its first worry."""
    use(luck, 0, *([] if least else [1]))
    buyer = in_talk(60.0)
    talk(buyer, skill=[1.0, 0.8, 0.0], talk_least_use=least)
    assert buyer.uncertainty == [0.8] * TOPICS and heard(buyer) == (set() if least else {0})


def test_where_nothing_is_ever_clear_a_talk_is_about_the_first_worry(luck: Luck) -> None:
    use(luck, 0, 1)
    buyer = in_talk(30.0)
    talk(buyer, clear_level=0.0)
    assert buyer.uncertainty[:2] == pytest.approx([0.8 * math.exp(-30 * RATE), 0.8])


def ticking(minutes: float, stage: int, uncertainty: list[float], uses: list[float], least: float) -> list[float]:
    """The same by a clock: each second takes its share of the first worry of this stage or later ones that is open."""
    seconds, left = round(60 * minutes), list(uncertainty)
    open_ = [topic for topic in range(TOPICS) if topic >= STAGE_TOPICS[stage][0] and left[topic] > 0.3]
    while seconds > 0 and open_ and uses[open_[0]] >= least:
        topic = open_[0]
        left[topic] *= math.exp(-2.0 * uses[topic] / 3600)
        seconds -= 1
        if left[topic] <= 0.3:
            left[topic] = 0.3
            open_.pop(0)
    return left


def test_talks_against_a_clock_that_ticks(luck: Luck) -> None:
    """A hundred talks: all that differs is less than what a second does for each worry."""
    draw = random.Random(3)
    for _ in range(100):
        luck.given.clear()
        stage, minutes, least = draw.randrange(6), draw.choice([5, 30, 120, 400]), draw.choice([0.0, 0.2, 0.3])
        uncertainty = [draw.uniform(0.0, 1.0) for _ in range(TOPICS)]
        buyer = in_talk(minutes, stage=stage, uncertainty=list(uncertainty), trust=draw.random(), fit=draw.random())
        us = [draw.random() for _ in range(TOPICS)]
        for topic in range(TOPICS):
            luck(Decision.TALK_USEFULNESS, us[topic], topic, 3)
        believed = 0.4 + 0.6 * buyer.trust
        fits = [1.0 if topic < Topic.INTEGRATION else 1 - 0.5 * (1 - buyer.fit) for topic in range(TOPICS)]
        uses = [0.6 * RELEVANCE * (0.6 + 0.8 * u) * believed * fit for u, fit in zip(us, fits, strict=True)]
        talk(buyer, talk_least_use=least)
        expected = ticking(minutes, stage, uncertainty, uses, least)
        assert buyer.uncertainty == pytest.approx(expected, abs=TOPICS * 2.0 / 3600)
    luck.given.clear()


def test_an_hour_is_worth_three_to_six_of_our_pages() -> None:
    """At the defaults' median traits: what each takes off the logarithm of a worry that is not about us, or is.

    A page and a piece match as our library does at the start of the baseline: 0.71 to 0.9, by topic; 0.78 on average.
    """
    market, organisation, segment = Market(), Organisation(), Segment()
    complexity = (segment.complexity_low + segment.complexity_high) / 2
    journey, talks, trust = market.journey, market.talks, market.trust.initial
    fit = 1 / (1 + math.exp(-market.fit_mean_logit))
    for match in (0.72, 0.78, 0.9):
        for topic in (Topic.APPROACH, Topic.PRICE):
            convincing = buying.fit_of_claims(topic, fit, journey.fit_drag)
            page = buying.effect(
                buying.content_power(journey.content_gain, journey.complexity_drag, complexity),
                buying.usefulness(0.5, organisation.content.relevance * match, journey.usefulness_spread),
                trust,
                convincing,
            )
            useful = buying.talk_use(
                0.5,
                organisation.roles.rep.skill,
                1 - organisation.content.piece_share * (1 - match),
                trust,
                convincing,
                talks.use_spread,
                talks.trust_floor,
            )
            assert useful > talks.least_use
            after_an_hour = buying.uncertainty_after_talk(1.0, 60.0, useful, talks.gain_per_hour)
            assert 3.0 < math.log(after_an_hour) / math.log(1 - page) < 6.0
