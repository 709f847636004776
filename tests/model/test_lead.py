"""What we do with a lead, worked out by hand: known, passed, judged, given up, owned."""

import math

import pytest

from simulator.model import lead
from simulator.model.numerics import DAY_US, MINUTE_US, NEVER, normal
from simulator.model.records import INQUIRY_AT, MQL_AT, OWNED_AT, RELEASED_AT, SQL_AT
from simulator.model.tally import LEADS
from simulator.model.words import NOBODY, Activity, Attention, Decision, Duty, LeadStatus
from tests.model.lives import KEY, NOW, Buyer, Luck, rules


@pytest.mark.parametrize("enter_as", [0, 1, 2])
def test_how_a_buyer_enters_the_stream(luck: Luck, enter_as: int) -> None:
    buyer = Buyer(channel=3)
    if enter_as > 1:
        luck(Decision.PICKUP, 0.5)
    lead.enter_stream(buyer.t, buyer.b, rules(enter_as=enter_as), KEY, NOW)
    statuses = (LeadStatus.ANONYMOUS, LeadStatus.INQUIRY, LeadStatus.MQL)
    duties = (Duty.NONE, Duty.NURTURE, Duty.ROUTE)
    assert (buyer.status, buyer.duty) == (statuses[enter_as], duties[enter_as])
    assert buyer.t.activities == [Activity.INQUIRY, Activity.MQL][:enter_as]
    assert buyer.t.tally == ({LEADS + 3: 1} if enter_as else {})


def test_an_inquiry_is_nurtured_and_shows_interest() -> None:
    buyer = Buyer(heat_no=4, touched_at=1)
    lead.become_known(buyer.t, buyer.b, rules(), KEY, NOW)
    assert buyer.duty_at == NOW + 7 * DAY_US and buyer.t.moments == {INQUIRY_AT: NOW}
    assert (buyer.heat_no, buyer.touched_at) == (5, NOW)
    assert buyer.t.rows == [(NOW, Activity.INQUIRY, NOBODY, -1)]


@pytest.mark.parametrize(
    ("state", "passes"),
    [
        ({"engagement": 4}, True),  # 0.5 + 4 x 0.05 = 0.7
        ({"engagement": 3}, False),
        ({"engagement": 4, "status": LeadStatus.NURTURE}, True),
        ({"engagement": 1, "hand_raised": 1, "fit": 0.46}, True),  # 0.46 + 0.05 + 0.2
        ({"engagement": 1, "hand_raised": 1, "fit": 0.44}, False),
        ({"engagement": 9, "attention": Attention.QUEUED}, True),
    ],
)
def test_marketing_passes_by_its_score(luck: Luck, state: dict[str, int], passes: bool) -> None:
    buyer = Buyer(**{"status": LeadStatus.INQUIRY, "pass_no": 2, **state})
    luck(Decision.MARKETING_VIEW, 0.5, occurrence=2)  # no error
    if passes:
        luck(Decision.PICKUP, 0.5, occurrence=2)
    lead.consider_passing(buyer.t, buyer.b, rules(), KEY, NOW)
    assert (buyer.status == LeadStatus.MQL) == passes


@pytest.mark.parametrize("state", [
    {"status": LeadStatus.ANONYMOUS}, {"status": LeadStatus.OWNED}, {"status": LeadStatus.DROPPED},
    {"attention": Attention.SERVED}, {"request": 1}, {"engagement": 0}])  # fmt: skip
def test_who_is_not_scored(luck: Luck, state: dict[str, int]) -> None:
    buyer = Buyer(**{"status": LeadStatus.INQUIRY, "engagement": 99, **state})
    before = dict(buyer.b)
    lead.consider_passing(buyer.t, buyer.b, rules(), KEY, NOW)
    assert buyer.b["status"] == before["status"] and not buyer.t.rows


def test_marketing_keeps_its_view_until_the_lead_comes_back(luck: Luck) -> None:
    buyer = Buyer(pass_no=1)
    luck(Decision.MARKETING_VIEW, 0.9, occurrence=1)
    error = lead.marketing_error(buyer.b, KEY)
    assert error == normal(0.9) == buyer.view_error
    luck.given.clear()
    assert lead.marketing_error(buyer.b, KEY) == error


@pytest.mark.parametrize(("u", "minutes"), [(0.9, 60 + -60 * math.log(0.9)), (0.1, 90.0)])
def test_a_passed_lead_travels(luck: Luck, u: float, minutes: float) -> None:
    """Routing, then a wait in somebody's list, at most as long as the SLA; in the hours of the buyer's team."""
    buyer = Buyer(attempts=2, pass_no=3, team=1)
    luck(Decision.PICKUP, u, occurrence=3)
    lead.pass_on(buyer.t, buyer.b, rules(day_opens=[0, DAY_US // 2], day_window=[1, DAY_US // 2]), KEY, NOW)
    assert (buyer.status, buyer.duty, buyer.attempts) == (LeadStatus.MQL, Duty.ROUTE, 0)
    assert abs(buyer.duty_at - (NOW + DAY_US // 2 + minutes * MINUTE_US)) < 1
    assert buyer.t.moments == {MQL_AT: NOW} and buyer.t.rows == [(NOW, Activity.MQL, NOBODY, -1)]


@pytest.mark.parametrize("own", [0.5, 0.9, 0.99])
def test_sales_accepts_by_its_own_view(luck: Luck, own: float) -> None:
    buyer = Buyer(pass_no=1, view_error=0.5)
    luck(Decision.SALES_VIEW, own, occurrence=1)
    view = 0.5 + 0.1 * (0.6 * 0.5 + 0.8 * normal(own))
    assert abs(view - 0.6) > 1e-3
    assert lead.sales_accepts(buyer.b, rules(), KEY) == (view >= 0.6)


def test_who_asked_for_a_person_is_called(luck: Luck) -> None:
    assert lead.sales_accepts(Buyer(fit=0.0, view_error=-3.0, hand_raised=1).b, rules(), KEY)


@pytest.mark.parametrize(("u", "fit", "qualifies"), [(0.5, 0.5, True), (0.5, 0.49, False), (0.7, 0.4, True)])
def test_a_talk_qualifies(luck: Luck, u: float, fit: float, qualifies: bool) -> None:
    buyer = Buyer(pass_no=6, fit=fit)
    luck(Decision.QUALIFICATION, u, occurrence=6)
    assert lead.qualifies(buyer.b, rules(), KEY) == qualifies


def test_who_has_no_project_does_not_qualify(luck: Luck) -> None:
    assert not lead.qualifies(Buyer(project=0, fit=1.0).b, rules(), KEY)


@pytest.mark.parametrize("recycled", [True, False])
def test_a_lead_is_recycled_or_dropped(luck: Luck, recycled: bool) -> None:
    buyer = Buyer(engagement=5, hand_raised=1, pass_no=2, view_error=0.3, status=LeadStatus.MQL, request=1,
                  has_met_owner=1, offer_at=NOW - 4, offered=1, duty=Duty.ROUTE, duty_at=NOW + 5)  # fmt: skip
    luck(Decision.RECYCLING, 0.49 if recycled else 0.5, occurrence=2)
    lead.give_up_lead(buyer.t, buyer.b, buyer.h, rules(), KEY, NOW)
    if recycled:
        assert (buyer.status, buyer.duty, buyer.duty_at) == (LeadStatus.NURTURE, Duty.NURTURE, NOW + 7 * DAY_US)
        assert buyer.recycled == 1 and buyer.t.rows == [(NOW, Activity.RECYCLED, NOBODY, -1)]
    else:
        assert (buyer.status, buyer.duty, buyer.duty_at) == (LeadStatus.DROPPED, Duty.NONE, NEVER)
        assert buyer.recycled == 0 and buyer.t.rows == [(NOW, Activity.DROPPED, NOBODY, -1)]
    assert (buyer.engagement, buyer.hand_raised, buyer.pass_no, buyer.request) == (0, 0, 3, 0)
    assert math.isnan(buyer.view_error)
    assert (buyer.has_met_owner, buyer.offer_at, buyer.offered) == (0, NEVER, 0), "another owner makes another offer"


def test_from_sql_to_an_owner_and_back() -> None:
    buyer = Buyer(duty=Duty.ROUTE, duty_at=NOW, silent=3, asked=1, has_met_owner=1)
    lead.becomes_sql(buyer.t, buyer.b, NOW)
    assert (buyer.status, buyer.duty, buyer.duty_at, buyer.asked) == (LeadStatus.SQL, Duty.NONE, NEVER, 0)
    lead.gets_owner(buyer.t, buyer.b, 4, NOW + 1)
    assert (buyer.status, buyer.owner, buyer.silent, buyer.has_met_owner) == (LeadStatus.OWNED, 4, 0, 0)
    assert (buyer.duty, buyer.duty_at) == (Duty.FOLLOW_UP, NOW + 1)
    lead.loses_owner(buyer.t, buyer.b, NOW + 2)
    assert buyer.owner == NOBODY and buyer.t.moments == {SQL_AT: NOW, OWNED_AT: NOW + 1, RELEASED_AT: NOW + 2}
    assert buyer.t.rows == [(NOW, Activity.SQL, NOBODY, -1), (NOW + 1, Activity.OWNER_ASSIGNED, 4, -1)]
