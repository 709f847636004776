"""A buyer's request for a person, worked out by hand: asking, waiting, giving up, being answered, reached, refused."""

import math
from statistics import NormalDist

import pytest

from simulator.model import journey, lead, serving
from simulator.model.birth import NEVER_WISHES
from simulator.model.numerics import DAY_US, HOUR_US, MINUTE_US, NEVER
from simulator.model.records import ANSWERED_AT, INQUIRY_AT, MQL_AT, REQUESTED_AT
from simulator.model.tally import LEADS
from simulator.model.words import (
    NOBODY,
    STAGES,
    TOPICS,
    Activity,
    Attention,
    Decision,
    Duty,
    LeadStatus,
    Role,
    Stage,
    Task,
    TaskResult,
)
from tests.model.lives import KEY, NOW, Buyer, Luck, rules

TERMS = Stage.MAKING_SELECTION
SDRS = [Role.SDR] * STAGES


# --- wanting a person -------------------------------------------------------------------------------------------------


def wants(buyer: Buyer, stage: int = 1, n: int = 2, **changes: object) -> bool:
    return bool(journey.wants_person(buyer.b, buyer.h, rules(**changes), KEY, stage, n))


@pytest.mark.parametrize("state", [{"attention": Attention.QUEUED}, {"attention": Attention.SERVED}, {"request": 1}])
def test_one_request_at_a_time_and_none_while_somebody_is_there(luck: Luck, state: dict[str, int]) -> None:
    assert not wants(Buyer(wish=1.0, **state))


@pytest.mark.parametrize(("u", "asks"), [(0.49, True), (0.5, False)])
def test_a_wish_is_a_chance_at_each_step(luck: Luck, u: float, asks: bool) -> None:
    luck(Decision.WANTS_PERSON, u, stage=1, occurrence=2)
    assert wants(Buyer(wish=0.5)) == asks


def test_who_wants_no_rep_does_not_ask(luck: Luck) -> None:
    assert not wants(Buyer(wish=NEVER_WISHES))


STUCK = {"stage": TERMS, "uncertainty": [0.3] * TOPICS, "complexity": 0.51}


@pytest.mark.parametrize(
    ("wish", "lost", "chance"),
    [(0.1, 0.0, 0.6), (0.7, 0.0, 0.7), (NEVER_WISHES, 0.0, 0.6), (0.1, 0.5, 0.6 * math.exp(-0.5))],
)
def test_who_cannot_finish_without_a_rep_asks(luck: Luck, wish: float, lost: float, chance: float) -> None:
    """Even who wants no rep; whoever wishes more asks sooner; refusals cost this too."""
    buyer = Buyer(**STUCK, wish=wish, wish_lost=lost)
    luck(Decision.WANTS_PERSON, chance - 1e-9, TERMS, 2)
    assert wants(buyer, TERMS)
    luck(Decision.WANTS_PERSON, chance + 1e-9, TERMS, 2)
    assert not wants(buyer, TERMS)


@pytest.mark.parametrize(
    "change", [{"complexity": 0.5}, {"offer_at": NOW + DAY_US}, {"uncertainty": [0.31] * TOPICS}, {"stage": 4}]
)
def test_who_is_not_stuck(luck: Luck, change: dict[str, object]) -> None:
    """It can finish; an offer comes; terms are not clear; it is not there yet."""
    buyer = Buyer(**{**STUCK, "wish": 0.05, **change})
    luck(Decision.WANTS_PERSON, 0.1, buyer.stage, 2)
    assert not wants(buyer, buyer.stage)


def test_a_dear_purchase_needs_a_rep_too(luck: Luck) -> None:
    buyer = Buyer(**{**STUCK, "complexity": 0.1}, wish=0.05)  # of 10 usd
    luck(Decision.WANTS_PERSON, 0.1, TERMS, 2)
    assert not wants(buyer, TERMS, self_serve_max_value_usd=10.0)
    assert wants(buyer, TERMS, self_serve_max_value_usd=9.99)


# --- asking -----------------------------------------------------------------------------------------------------------


def ask(buyer: Buyer, **changes: object) -> bool:
    return bool(lead.ask(buyer.t, buyer.b, rules(**changes), KEY, NOW))


def delays(luck: Luck, u: float = 0.5, n: int = 0) -> Luck:
    """When somebody turns to the request; two hours at the median, at most the SLA of half an hour."""
    return luck(Decision.REQUEST_DELAY, u, occurrence=n)


def test_an_anonymous_buyer_who_asks_becomes_known_and_goes_to_sales(luck: Luck) -> None:
    """Where nobody may answer before the handoff."""
    delays(luck, n=4)
    buyer = Buyer(channel=1, attempts=2, request_no=4, touched_at=0)
    assert ask(buyer)
    assert buyer.t.activities == [Activity.INQUIRY, Activity.HAND_RAISE, Activity.MQL]
    assert (buyer.status, buyer.hand_raised, buyer.engagement, buyer.attempts) == (LeadStatus.MQL, 1, 1, 0)
    assert (buyer.duty, buyer.duty_at) == (Duty.REQUEST, NOW + 30 * MINUTE_US)
    assert (buyer.request, buyer.request_no, buyer.asked_at, buyer.request_until) == (1, 5, NOW, NEVER)
    assert (buyer.heat_no, buyer.touched_at) == (2, NOW)
    assert buyer.t.moments == {INQUIRY_AT: NOW, REQUESTED_AT: NOW, MQL_AT: NOW} and buyer.t.tally == {LEADS + 1: 1}


@pytest.mark.parametrize("u", [0.1, 0.5, 0.9])
def test_it_takes_a_time_until_somebody_turns_to_it(luck: Luck, u: float) -> None:
    """Log-normal, in the working hours of the buyer's team, which open twelve hours later."""
    delays(luck, u)
    buyer = Buyer(team=1, status=LeadStatus.INQUIRY)
    hours = {"day_opens": [0, DAY_US // 2], "day_window": [1, DAY_US // 2], "sla_minutes": 1e9}
    assert ask(buyer, access=SDRS, **hours) and buyer.status == LeadStatus.INQUIRY
    minutes = 120 * math.exp(NormalDist().inv_cdf(u))
    assert buyer.duty_at == pytest.approx(NOW + DAY_US // 2 + minutes * MINUTE_US, abs=2)


def test_the_owner_hears_of_it_at_once(luck: Luck) -> None:
    buyer = Buyer(status=LeadStatus.OWNED, duty=Duty.FOLLOW_UP, duty_at=NOW + DAY_US)
    assert ask(buyer, requests_taken=0.0)
    assert (buyer.duty, buyer.duty_at, buyer.request) == (Duty.REQUEST, NOW, 1)
    assert buyer.t.activities == [Activity.HAND_RAISE]


@pytest.mark.parametrize("access", [NOBODY, Role.SDR])
def test_a_request_opens_a_dropped_lead_again(luck: Luck, access: int) -> None:
    delays(luck)
    buyer = Buyer(status=LeadStatus.DROPPED)
    assert ask(buyer, access=[access] * STAGES)
    assert buyer.status == (LeadStatus.MQL if access == NOBODY else LeadStatus.INQUIRY)


def test_an_mql_is_one_once(luck: Luck) -> None:
    delays(luck)
    buyer = Buyer(status=LeadStatus.MQL, duty=Duty.ROUTE, duty_at=NOW + DAY_US)
    assert ask(buyer) and buyer.t.activities == [Activity.HAND_RAISE]


@pytest.mark.parametrize(("on_its_way", "taken", "at"), [
    (10, 1.0, 10), (90, 1.0, 30), (10, 0.0, 10)])  # fmt: skip
def test_a_lead_on_its_way_to_sales_gets_there_no_later(luck: Luck, on_its_way: int, taken: float, at: int) -> None:
    buyer = Buyer(status=LeadStatus.MQL, duty=Duty.ROUTE, duty_at=NOW + on_its_way * MINUTE_US)
    if taken:
        delays(luck)
    else:
        luck(Decision.REQUEST_TAKEN, 0.5)
    luck(Decision.REQUEST_PATIENCE, 0.5)
    assert ask(buyer, requests_taken=taken, request_patience_days=3.0)
    assert (buyer.duty, buyer.duty_at) == (Duty.REQUEST, NOW + at * MINUTE_US)


def test_a_request_may_find_nobody(luck: Luck) -> None:
    """Then it waits as long as the buyer's patience with it lasts: a median of three days."""
    buyer = Buyer(status=LeadStatus.NURTURE, duty=Duty.NURTURE, duty_at=NOW + DAY_US, request_no=1)
    luck(Decision.REQUEST_TAKEN, 0.7, occurrence=1)(Decision.REQUEST_PATIENCE, 0.8, occurrence=1)
    assert ask(buyer, requests_taken=0.7, request_patience_days=3.0)
    assert (buyer.request, buyer.duty, buyer.duty_at) == (1, Duty.REQUEST, NEVER)
    patience = 3 * DAY_US * math.exp(0.5 * NormalDist().inv_cdf(0.8))
    assert buyer.request_until == pytest.approx(NOW + patience) and buyer.status == LeadStatus.MQL


@pytest.mark.parametrize("status", [LeadStatus.ANONYMOUS, LeadStatus.DROPPED, LeadStatus.NURTURE, LeadStatus.MQL])
def test_who_would_wait_for_ever_is_told_so(luck: Luck, status: int) -> None:
    """The lead stays where it stood, and what was under way comes."""
    duty = {LeadStatus.NURTURE: Duty.NURTURE, LeadStatus.MQL: Duty.ROUTE}.get(LeadStatus(status), Duty.NONE)
    buyer = Buyer(status=status, duty=duty, duty_at=NOW + DAY_US if duty else NEVER)
    luck(Decision.REQUEST_TAKEN, 0.7)
    assert not ask(buyer, requests_taken=0.7) and buyer.request == 0
    opened = status in (LeadStatus.ANONYMOUS, LeadStatus.DROPPED)
    assert buyer.status == (LeadStatus.INQUIRY if opened else status)
    assert (buyer.duty, buyer.duty_at) == ((Duty.NURTURE, NOW + 7 * DAY_US) if opened else (duty, NOW + DAY_US))
    assert Activity.MQL not in buyer.t.activities and buyer.hand_raised == 1


def test_who_waits_is_not_scored() -> None:
    buyer = Buyer(status=LeadStatus.INQUIRY, engagement=99, request=1)
    lead.consider_passing(buyer.t, buyer.b, rules(), KEY, NOW)
    assert buyer.status == LeadStatus.INQUIRY


# --- giving up --------------------------------------------------------------------------------------------------------


def wish(lost: float) -> float:
    """Complexity 0.4, first stage, no taste of its own."""
    return 1 / (1 + math.exp(-(-1.0 + 2.0 * 0.4 - lost)))


@pytest.mark.parametrize(
    ("status", "left", "duty", "days"),
    [
        (LeadStatus.OWNED, LeadStatus.OWNED, Duty.FOLLOW_UP, 6),
        (LeadStatus.MQL, LeadStatus.DROPPED, Duty.NONE, None),
        (LeadStatus.INQUIRY, LeadStatus.INQUIRY, Duty.NURTURE, 7),
        (LeadStatus.NURTURE, LeadStatus.NURTURE, Duty.NURTURE, 7),
    ],
)
def test_a_wish_is_given_up(luck: Luck, status: int, left: int, duty: int, days: int | None) -> None:
    """A rival has answered by now, the wish is less for good, and we go on as if there had been no request."""
    if status == LeadStatus.MQL:
        luck(Decision.RECYCLING, 0.9)
    buyer = Buyer(status=status, request=1, duty=Duty.REQUEST, duty_at=NOW + 9 * DAY_US, rival_progress=0.25)
    journey.give_wish_up(buyer.t, buyer.b, buyer.h, rules(), KEY, NOW)
    assert buyer.t.rows[0] == (NOW, Activity.WISH_GIVEN_UP, NOBODY, -1)
    assert buyer.request == 0 and buyer.rival_progress == pytest.approx(0.33)
    assert buyer.wish_lost == 0.75 and buyer.wish == pytest.approx(wish(0.75))
    assert (buyer.status, buyer.duty) == (left, duty)
    assert buyer.duty_at == (NEVER if days is None else NOW + days * DAY_US)
    if status == LeadStatus.OWNED:
        assert buyer.follow_up_at == buyer.duty_at, "and not at an old instant, after a deadline"


def test_the_wish_of_who_wants_no_rep_cannot_fall_but_its_need_of_one_does() -> None:
    buyer = Buyer(wish=NEVER_WISHES, wish_lost=0.25)
    lead.lose_wish(buyer.b, rules(), 0.5)
    assert (buyer.wish, buyer.wish_lost) == (NEVER_WISHES, 0.75)


def test_nothing_is_lost_for_nothing() -> None:
    buyer = Buyer(wish=0.123)
    lead.lose_wish(buyer.b, rules(), 0.0)
    assert (buyer.wish, buyer.wish_lost) == (0.123, 0.0)


@pytest.mark.parametrize(("until", "gives_up"), [(NOW, True), (NOW + 1, False)])
def test_patience_with_a_request_ends_at_a_step(luck: Luck, until: int, gives_up: bool) -> None:
    """Who waits in a line leaves it, and does not ask in the same step; who waits on reads on."""
    buyer = Buyer(request=1, request_until=until, attention=Attention.QUEUED, asked=1, status=LeadStatus.INQUIRY)
    luck(Decision.DISTRACTION, 0.5)(Decision.RIVAL_ENTERS, 0.5)(Decision.SOURCE, 0.99)(Decision.USEFULNESS, 0.5)
    luck(Decision.STEP_GAP, math.exp(-5.0))
    journey.research(buyer.t, buyer.b, buyer.h, buyer.g, rules(), KEY, NOW)
    assert (Activity.WISH_GIVEN_UP in buyer.t.activities) == gives_up == journey.leaves_line(buyer.b)
    assert buyer.step_at == (NOW + 10 * DAY_US if gives_up else until), "else the next step is when patience ends"


# --- being answered ---------------------------------------------------------------------------------------------------


def answers(buyer: Buyer, waited: int, **changes: object) -> None:
    buyer.b |= {"request": 1, "asked_at": NOW - waited}
    serving.answer(buyer.t, buyer.b, rules(**changes), NOW)


def test_an_answer_comes_perhaps_after_a_rivals() -> None:
    """63% of what a request in vain brings it, after eight hours."""
    buyer = Buyer(request_no=1, rival_progress=0.25)
    answers(buyer, 8 * HOUR_US)
    assert buyer.request == 0 and buyer.t.moments == {ANSWERED_AT: NOW}
    assert buyer.rival_answered == pytest.approx(1 - math.exp(-1.0))
    assert buyer.rival_progress == pytest.approx(0.25 + 0.08 * (1 - math.exp(-1.0)))


@pytest.mark.parametrize("hours", [(12.0,), (6.0, 6.0), (1.0, 11.0), (11.0, 0.0, 1.0), (0.5,) * 24])
def test_who_asks_often_is_not_harmed_by_being_answered(hours: tuple[float, ...]) -> None:
    """Twelve hours of waiting in all, of which a rival has eight for 63%, however many requests they were for."""
    buyer = Buyer(rival_progress=0.25)
    for waited in hours:
        answers(buyer, int(waited * HOUR_US))
    assert buyer.rival_progress == pytest.approx(0.25 + 0.08 * (1 - math.exp(-1.5)), abs=1e-12)


def test_all_requests_together_bring_a_rival_no_more_than_one_in_vain() -> None:
    buyer = Buyer(rival_progress=0.25)
    for _ in range(400):
        answers(buyer, DAY_US)
        assert buyer.rival_progress <= 0.25 + 0.08 + 1e-12
    assert buyer.rival_answered == 1.0 and buyer.rival_progress == pytest.approx(0.33)


def test_without_a_rival_who_answers_nothing_is_won() -> None:
    buyer = Buyer(rival_progress=0.25)
    answers(buyer, DAY_US, rival_answers=0.0)
    lead.in_vain(buyer.b, rules(rival_answers=0.0))
    assert (buyer.rival_progress, buyer.rival_answered, buyer.wish_lost) == (0.25, 0.0, 0.75)


def test_after_a_request_in_vain_a_rival_gains_nothing_more() -> None:
    """Some of it came while another waited; this one brings the rest. The wish falls each time."""
    buyer = Buyer(rival_progress=0.25, status=LeadStatus.INQUIRY)
    answers(buyer, 8 * HOUR_US)
    for n in range(3):
        buyer.b["request"] = 1
        journey.give_wish_up(buyer.t, buyer.b, buyer.h, rules(), KEY, NOW)
        assert buyer.rival_answered == 1.0 and buyer.rival_progress == pytest.approx(0.33)
        assert buyer.wish_lost == pytest.approx(0.75 * (n + 1))
        answers(buyer, 30 * DAY_US)
        assert buyer.rival_progress == pytest.approx(0.33)


@pytest.mark.parametrize("gives_up", [False, True])
def test_reported_is_when_the_first_request_was_answered(luck: Luck, gives_up: bool) -> None:
    """If it was given up, the answer to a later one is no answer to it; nor does a later one move the instant."""
    buyer = Buyer(status=LeadStatus.INQUIRY)
    for n, at in enumerate((NOW, NOW + 9 * DAY_US)):
        delays(luck, n=n)
        assert lead.ask(buyer.t, buyer.b, rules(access=SDRS), KEY, at)
        if n == 0 and gives_up:
            journey.give_wish_up(buyer.t, buyer.b, buyer.h, rules(), KEY, at + HOUR_US)
        else:
            serving.answer(buyer.t, buyer.b, rules(), at + HOUR_US)
        answered = {} if gives_up else {ANSWERED_AT: NOW + HOUR_US}
        assert buyer.t.moments == {REQUESTED_AT: NOW, **answered} and buyer.request == 0
    assert buyer.request_no == 2


REACH = 0.6 * 0.5 + (1 - 0.6 * 0.5) * 0.2 * 0.5 ** (1 / 72)  # an hour after the last sign of interest
REQUEST_REACH = 0.6 * 0.5 + (1 - 0.6 * 0.5) * 0.4 * 0.5 ** (1 / 72)


@pytest.mark.parametrize(("hand_raised", "chance"), [(0, REACH), (1, REQUEST_REACH)])
def test_a_call_finds_the_buyer_or_not(luck: Luck, hand_raised: int, chance: float) -> None:
    buyer = Buyer(touched_at=NOW - HOUR_US, hand_raised=hand_raised, task_no=3, task_stage=1)
    for u, found in ((chance - 1e-9, True), (chance + 1e-9, False)):
        luck(Decision.REACHED, u, stage=1, occurrence=2)
        assert bool(serving.is_reached(buyer.b, rules(), KEY, NOW)) == found


@pytest.mark.parametrize(("attempts", "u", "again"), [(1, 0.29, True), (1, 0.3, False), (2, None, False)])
def test_who_was_not_reached_may_be_called_again(luck: Luck, attempts: int, u: float | None, again: bool) -> None:
    if u is not None:
        luck(Decision.CALLED_AGAIN, u, stage=1, occurrence=2)
    buyer = Buyer(attempts=attempts, task_no=3, task_stage=1)
    assert bool(serving.is_called_again(buyer.b, rules(), KEY)) == again


@pytest.mark.parametrize(("hand_raised", "progress", "lost"), [(0, 0.25, 0.0), (1, 0.33, 0.75)])
def test_only_who_asked_is_refused(luck: Luck, hand_raised: int, progress: float, lost: float) -> None:
    """A call on us that finds no project is in vain for us alone. Else it costs the wish, and a rival goes on."""
    luck(Decision.TALK_CHECKS, 0.5)(Decision.RECYCLING, 0.9)
    buyer = Buyer(task=Task.QUALIFY, task_result=TaskResult.TALKED, task_no=1, status=LeadStatus.MQL, project=0,
                  hand_raised=hand_raised, rival_progress=0.25, wish=wish(0.0))  # fmt: skip
    serving.served(buyer.t, buyer.b, buyer.h, buyer.g, rules(), KEY, 7, Role.SDR, NOW)
    assert buyer.status == LeadStatus.DROPPED and buyer.rival_progress == pytest.approx(progress)
    assert buyer.wish_lost == lost and buyer.wish == pytest.approx(wish(lost))
    answers(buyer, 30 * DAY_US)
    assert buyer.rival_progress == pytest.approx(0.33), "a rival who was asked already wins no more of it"
