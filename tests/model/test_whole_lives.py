"""Whole lives of single buyers: no state contradicts another, nobody waits for ever, no number has two meanings.

They run in an engine of a page with one buyer, whose lines last as long as a generator says that is not ours.
"""

import random
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from simulator.model import journey, randomness, serving
from simulator.model.birth import born
from simulator.model.lead import enter_stream, gets_owner, loses_owner
from simulator.model.numerics import DAY_US, NEVER
from simulator.model.words import (
    NOBODY,
    RELEASE_OWNER,
    ROLES,
    SEEK_OWNER,
    Activity,
    Attention,
    Decision,
    Duty,
    LeadStatus,
    Outcome,
    Role,
    Task,
    TaskResult,
)
from tests.model.lives import BASE, KEY, NOW, Buyer, rules

LIVES, DAYS, EVENTS, TEAMS = 500, 900, 20_000, 2
#: Numbers that are what somebody is, or what we think of a lead in one pass: they are looked at again, and what comes
#: of them changes only as things do.
TRAITS = {Decision.VOTE, Decision.SELECTION, Decision.OFFER_TIME, Decision.QUALIFICATION}

#: What each rule may be, so that most of what can happen does.
CHOICES: dict[str, list[Any]] = {
    "project_share": [1.0, 1.0, 0.4], "pauses_per_year": [0.0, 4.0, 40.0], "projects_per_year": [2.0, 20.0],
    "memory_days": [10.0, 3000.0], "asks_chance": [0.0, 0.7], "distraction_chance": [0.0, 0.0, 0.02],
    "distraction_days": [0.0, 0.0, 300.0], "patience_from": [0, 1], "pace_spread": [0.0, 1.0],
    "office_share": [0.0, 0.8], "request_patience_days": [0.0, 0.5, 4.0], "reads_on": [0, 1],
    "requests_taken": [0.0, 0.5, 1.0], "request_hours": [0.0, 40.0], "talk_gain_per_hour": [0.0, 2.0],
    "sign_days": [0.0, 5.0, 60.0], "offer_days": [0.0, 10.0], "simple_max_complexity": [0.0, 1.0],
    "self_serve_max_complexity": [0.0, 0.5, 1.0], "deadline_share": [0.0, 0.9, 0.9], "deadline_loss": [0.0, 0.4],
    "signing_pull": [0.0, 0.3], "group_complex": [1, 5, 5], "preference_base": [-4.0, 0.0],
    "score_threshold": [0.4, 0.7], "accept_threshold": [0.0, 0.6], "qualify_threshold": [0.0, 0.5],
    "recycling_share": [0.0, 0.5, 1.0], "retry_chance": [0.0, 0.9], "attempts": [1, 4], "silent_follow_ups": [1, 4],
    "support_share": [0.0, 0.7], "discount": [0.0, 0.2], "quarter_window_us": [0, 30 * DAY_US],
    "enter_as": [0, 0, 1, 2], "setback": [0.0, 0.5], "doubt_high": [0.25, 0.9], "rivals": [0, 2],
    "patience_median_days": [[40.0] * 3, [800.0] * 3, [800.0] * 3], "vote_again_us": [0, 9 * DAY_US],
    "rival_gain": [0.002, 0.05], "content_gain": [0.3, 0.8], "rep_free_share": [[0.0] * 3, [0.0] * 3, [0.9] * 3],
}  # fmt: skip


def named(word: Any) -> str:
    """A word of an enumeration, told from those of others with its number."""
    return f"{type(word).__name__}.{word.name}"


class Life:
    """One buyer and those who turn to it, event by event."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        access = [self.draw.choice([NOBODY, Role.MARKETER, Role.SDR]) for _ in range(6)]
        self.rules = rules(access=access, **{name: self.draw.choice(values) for name, values in CHOICES.items()})
        self.buyer = Buyer()
        b, h = self.buyer.b, self.buyer.h
        for record in (b, h):
            record.update({name: [0] * len(v) if isinstance(v, list) else 0 for name, v in record.items()})
        self.line, self.role, self.person_at = -1, -1, NEVER
        self.now = NOW
        self.seen: Counter[Any] = Counter()
        born(b, h, self.buyer.g, self.rules, KEY, NOW, BASE + (seed << 32), self.draw.randrange(2))

    def run(self) -> None:
        """To the end of the run, checked after each event."""
        side, b, h = self.buyer.t, self.buyer.b, self.buyer.h
        enter_stream(side, b, self.rules, KEY, self.now)
        self.step()
        for _ in range(EVENTS):
            self.check()
            at = min(self.person_at, b["duty_at"], b["step_at"])
            if at >= NOW + DAYS * DAY_US:
                return
            assert at >= self.now, "time goes on"
            self.now = at
            if at == self.person_at:
                self.person()
            elif at == b["duty_at"]:
                everything = (side, b, h, self.buyer.g, self.rules, KEY, self.now)
                self.follow(serving.on_duty(*everything))
            else:
                self.step()
        raise AssertionError("a life of so many events does not end")

    def step(self) -> None:
        """The buyer's own clock."""
        buyer = self.buyer
        journey.research(buyer.t, buyer.b, buyer.h, buyer.g, self.rules, KEY, self.now)
        if journey.leaves_line(buyer.b):
            self.seen["leaves a line"] += 1
            buyer.b["attention"], self.person_at = Attention.FREE, NEVER

    def follow(self, what: int) -> None:
        """Into a line, to an owner, away from it."""
        b = self.buyer.b
        if what == RELEASE_OWNER:
            loses_owner(self.buyer.t, b, self.now)
        elif what == SEEK_OWNER or what >= 0:
            assert b["attention"] == Attention.FREE, "in one line at a time"
            b["attention"], self.line = Attention.QUEUED, what
            self.person_at = self.now + int(self.draw.expovariate(1 / self.draw.choice([1, 3 * DAY_US])))
        if what >= TEAMS * ROLES:
            assert what - TEAMS * ROLES == b["owner"] and b["task"] == Task.MEET
        elif what >= 0:
            role = {Task.QUALIFY: Role.SDR, Task.SUPPORT: Role.MARKETER}.get(b["task"], what % ROLES)
            assert what == b["team"] * ROLES + role and role != Role.REP

    def person(self) -> None:
        """Somebody turns to the buyer, is done with it, or becomes its owner."""
        buyer, b = self.buyer, self.buyer.b
        if b["attention"] == Attention.SERVED:
            b["attention"], self.person_at = Attention.FREE, NEVER
            if b["outcome"] == Outcome.OPEN:
                everything = (buyer.t, b, buyer.h, buyer.g, self.rules, KEY, 0, self.role, self.now)
                self.follow(serving.served(*everything))
        elif self.line == SEEK_OWNER:
            b["attention"], self.person_at = Attention.FREE, NEVER
            gets_owner(buyer.t, b, self.draw.randrange(3), self.now)
        else:
            self.role = Role.REP if self.line >= TEAMS * ROLES else self.line % ROLES
            b["attention"] = Attention.SERVED
            us = serving.taken_up(buyer.t, b, buyer.h, self.rules, KEY, self.role, self.now)
            b["began_at"] = self.now
            self.person_at = self.now + us + self.draw.choice([0, 0, 3 * DAY_US])
            self.seen[named(TaskResult(b["task_result"]))] += 1

    def check(self) -> None:
        """What holds between any two events."""
        b, h = self.buyer.b, self.buyer.h
        assert all(0.0 <= u <= 1.0 for u in b["uncertainty"]) and 0.0 <= b["trust"] <= 1.0 and b["wish"] <= 1.0
        assert b["duty_at"] >= self.now <= b["step_at"] and (b["duty"] == Duty.NONE) <= (b["duty_at"] == NEVER)
        assert h["paid_cents"] <= h["value_cents"] and h["votes"] <= self.rules.most_votes
        assert 0.0 <= b["rival_answered"] <= 1.0 and b["rival_progress"] >= 0.08 * b["rival_answered"] - 1e-12
        if b["outcome"] != Outcome.OPEN:
            assert (b["request"], b["step_at"]) == (0, NEVER) and b["attention"] != Attention.QUEUED
            assert b["duty"] == (Duty.RELEASE if b["owner"] != NOBODY else Duty.NONE)
            assert b["project"] or b["outcome"] != Outcome.WON
            return
        waits, status = b["attention"] == Attention.QUEUED, b["status"]
        assert b["owner"] == NOBODY or status == LeadStatus.OWNED
        assert b["step_at"] < NEVER or b["chosen"], "a step is always planned"
        if b["chosen"]:
            assert status == LeadStatus.OWNED and not b["request"] and b["duty"] in (Duty.SIGN, Duty.DEADLINE)
        elif not b["project"]:
            assert b["step_at"] <= b["turns_at"] < NEVER
        else:
            assert b["turns_at"] > self.now - 4 * DAY_US and b["pause_no"] <= 100 * self.rules.pauses_per_year
            assert self.now <= b["step_at"] and b["give_up_at"] > self.now - 4 * DAY_US  # at the next office hours
        if b["request"]:
            assert b["asked"] if waits else b["duty"] == Duty.REQUEST, "somebody has it"
            assert b["request_until"] < NEVER or b["duty_at"] < NEVER or waits, "not for ever"
            assert b["request_until"] > self.now - 4 * DAY_US
        if b["attention"] == Attention.FREE:
            allowed: dict[int, tuple[Duty, ...]] = {
                LeadStatus.ANONYMOUS: (Duty.NONE,),
                LeadStatus.INQUIRY: (Duty.NURTURE, Duty.REQUEST),
                LeadStatus.NURTURE: (Duty.NURTURE, Duty.REQUEST),
                LeadStatus.MQL: (Duty.ROUTE, Duty.REQUEST),
                LeadStatus.SQL: (),
                LeadStatus.OWNED: (Duty.FOLLOW_UP, Duty.REQUEST, Duty.SUPPORT, Duty.SIGN, Duty.DEADLINE),
                LeadStatus.DROPPED: (Duty.NONE,),
            }
            assert b["duty"] in allowed[status], "everybody is owed something, and only that"
            assert b["duty"] != Duty.REQUEST or b["request"]

    def check_log(self) -> None:
        """What holds of all that was noted, in the end."""
        rows, h = self.buyer.t.rows, self.buyer.h
        at = {word: [row[0] for row in rows if row[1] == word] for word in Activity}
        assert len(at[Activity.OWN_PIECE]) == h["own_pieces"] and len(at[Activity.DISCOUNT_OFFERED]) == h["discounted"]
        assert all(person != NOBODY for _, word, person, _ in rows if word in (Activity.OWN_PIECE, Activity.OFFER))
        assert len(at[Activity.OFFER]) <= len(at[Activity.OWNER_ASSIGNED]), "each owner works on one offer at most"
        chose = at[Activity.CHOSE_US] or [NEVER]
        assert all(discount <= chose[0] for discount in at[Activity.DISCOUNT_OFFERED])
        votes = at[Activity.GROUP_DISAGREED]
        assert all(later - earlier >= self.rules.vote_again_us for earlier, later in pairwise(votes))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[int, ...]]:
    """Counts how often each number is drawn."""
    times: Counter[tuple[int, ...]] = Counter()
    uniform = getattr(randomness.uniform, "py_func", randomness.uniform)

    def counted(key: Any, base: int, stage: int, decision: int, occurrence: int) -> float:
        assert 0 <= stage < 8 and 0 <= occurrence < 1 << 16
        times[base, int(stage), int(decision), int(occurrence)] += 1
        return float(uniform(key, base, int(stage), int(decision), int(occurrence)))

    monkeypatch.setattr(randomness, "uniform", counted)
    return times


def test_whole_lives(drawn: Counter[tuple[int, ...]]) -> None:
    happened: Counter[str] = Counter()
    for seed in range(LIVES):
        life = Life(seed)
        life.run()
        life.check_log()
        happened.update(life.seen)
        happened.update(set(map(named, life.buyer.t.activities)))
        happened[named(Outcome(life.buyer.outcome))] += 1
        happened["votes again"] += life.buyer.votes > 1
    twice = Counter(Decision(meaning[2]) for meaning, times in drawn.items() if times > 1)
    assert set(twice) <= TRAITS, "no other number has two meanings"
    wanted = [*map(named, (*Activity, *Outcome, *TaskResult)), "leaves a line", "votes again"]
    assert {what: happened[what] for what in wanted if happened[what] < 3} == {}, "everything happens in some lives"
