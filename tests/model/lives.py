"""What the tests of sequences share: a buyer as plain records, an engine's side that writes down, luck that is given.

Every draw must be announced: a test names the decision, the stage and the occurrence it expects, and what it gives. A
draw that nobody announced fails, and so does one that was announced and never made, unless the test says it may be.
"""

import types
from collections.abc import Iterator
from typing import Any

import pytest

from simulator.model import randomness
from simulator.model.content import CELLS
from simulator.model.numerics import DAY_US, HOUR_US, NEVER
from simulator.model.records import BUYER, GROUP, LIFE, in_python
from simulator.model.sizes import NO_LIMIT_USD
from simulator.model.words import NOBODY, STAGES, TOPICS, Activity, Decision

KEY, BASE, NOW = 17, 5 << 40, 10 * DAY_US
#: A cell of the library: topic 0 of segment 2 in format 3.
SEGMENT, FORM = 2, 3

#: Numbers that are easily worked with. What would draw in every test, or change every time, is off: paces, office
#: hours, pauses, patience with requests, deadlines, talks over several worries.
RULES = {
    # a step
    "distraction_chance": 0.1, "rivals": 2, "rival_entry_chance": 0.2, "rival_strength_low": 0.2,
    "rival_strength_high": 0.8, "step_days": 2.0, "clear_level": 0.3, "self_serve_max_complexity": 0.5,
    "self_serve_max_value_usd": NO_LIMIT_USD, "office_share": 0.0, "office_opens_us": 9 * HOUR_US,
    "office_spread_us": 2 * HOUR_US, "office_window_us": 8 * HOUR_US,
    "access": [NOBODY] * STAGES, "our_content_share": 0.5, "third_party_share": 0.25, "rival_content_share": 0.25,
    "relevance": 0.5, "match_all": [0.5] * CELLS, "others_relevance": 0.4, "third_party_trust": 0.8, "rival_trust": 0.5,
    "review_chance": 0.3, "review_good": 0.6, "review_gain": 0.25, "trust_pull": 0.2, "rival_gain": 0.1,
    "contradiction_chance": 0.4, "trust_gain": 0.1, "contradiction_cost": 0.5, "contradictions_for_most": 2.0,
    "content_gain": 0.8, "complexity_drag": 0.5, "usefulness_spread": 0.5, "fit_drag": 0.5,
    "open_rate": 0.5, "noticed_share": 0.5, "mail_every_us": 7 * DAY_US, "mail_relevance": 0.25, "recovery_days": 5.0,
    "fatigue_per_message": 0.0,
    "is_known": [0] * TOPICS, "useful_share": [1.0] * STAGES, "distraction_factor": [1.0] * STAGES,
    # projects
    "project_share": 1.0, "project_factor": [0.5, 1.0, 0.0], "projects_per_year": 36.5, "pauses_per_year": 0.0,
    "pause_days": 20.0, "memory_days": 50.0, "found_chance": 0.25, "asks_chance": 0.2, "pieces_mean": 1.5,
    "distraction_days": 0.0, "patience_from": 0, "pace_spread": 0.0,
    # requests
    "request_patience_days": 0.0, "request_patience_sigma": 0.5, "refusal_cost": 0.75, "repeat_cost": 0.4,
    "rival_answers": 0.08, "rival_answer_hours": 8.0, "reads_on": 1, "stuck_chance": 0.6, "request_hours": 2.0,
    "request_sigma": 1.0, "requests_taken": 1.0,
    # the choice
    "setback": 0.5, "group_rule": 1, "rival_inflation": 0.5, "trust_weight": 0.5, "choice_sharpness": 4.0,
    "rival_head_start": 0.25, "pleased_fit": 0.5, "pleased_noise": 0.0, "vote_again_us": 5 * DAY_US, "most_votes": 3,
    "passed_on": 2.0, "split": 0.2, "attend_chance": 0.5, "meeting_effect": 0.25, "support_effect": 0.2,
    # closing
    "offer_days": 4.0, "offer_sigma": 0.5, "sign_days": 2.0, "sign_sigma": 0.5, "simple_factor": 0.5,
    "complex_factor": 1.5, "by_value": 0.5, "simple_max_complexity": 0.3, "simple_max_value_usd": 40.0,
    "deadline_share": 0.0, "deadline_loss": 0.4, "signing_pull": 0.0,
    # the lead
    "enter_as": 0, "half_life_days": 3.0, "judgement_noise": 0.1, "hand_raise_bonus": 0.2, "engagement_weight": 0.05,
    "score_threshold": 0.7, "accept_threshold": 0.6, "agreement": 0.6, "qualify_threshold": 0.5, "talk_noise": 0.2,
    "routing_minutes": 60.0, "pickup_minutes": 60.0, "sla_minutes": 30.0, "recycling_share": 0.5,
    "day_opens": [0, 0], "day_window": [DAY_US, DAY_US], "days": 7, "teams": 2, "desk_chance": 0.6,
    "desk_half_life_hours": 1.0, "lead_chance": 0.2, "request_chance": 0.4,
    # people
    "review_minutes": 5.0, "qualify_minutes": 30.0, "unanswered_minutes": 3.0, "answer_minutes": 20.0,
    "support_minutes": 40.0, "meeting_minutes": 60.0, "mail_minutes": 4.0, "preparation_minutes": 25.0,
    "offer_minutes": 45.0, "effort_factor": 1.0, "effort_spread": 0.0,
    "receptive_bonus": 1.0, "context_kept": 0.5, "discovery_minutes": 16.0,
    "useful_match": 0.6, "found_asset": [-1] * CELLS, "match_found": [0.0] * CELLS, "generic_match": 0.25,
    "search_minutes": 10.0, "own_piece_minutes": 50.0, "own_piece_match": 0.9, "attempts": 2, "retry_us": 3 * DAY_US,
    "retry_chance": 0.3, "support_share": 0.5, "silent_follow_ups": 2, "follow_up_us": 6 * DAY_US,
    "quarter_window_us": 0, "quarter_intensity": 2.0, "quarter_drop_share": 0.5,
    "discount": 0.0, "discount_pull": 0.5, "discount_doubt": 0.1, "person_gain": 0.5, "skill": [1.0, 0.8, 0.6],
    "piece_share": 0.5, "talk_gain_per_hour": 0.0, "talk_least_use": 0.2, "talk_use_spread": 0.4,
    "talk_trust_floor": 0.4,
    # birth
    "segment_cumulative": [0.25, 0.75, 1.0], "team_of_segment": [0, 0, 1], "complexity_low": [0.0, 0.2, 0.4],
    "complexity_high": [0.2, 0.4, 0.8], "deal_value_median_usd": [10.0, 20.0, 30.0], "deal_value_sigma": [0.0] * 3,
    "fit_mean_logit": 0.0, "fit_shift": [0.0, 0.5], "fit_spread": [0.0, 0.0],
    "patience_median_days": [10.0, 20.0, 30.0], "patience_sigma": [0.0] * 3, "verification_low": 0.2,
    "verification_high": 0.6, "preference_spread": 2.0,
    "rep_free_share": [0.5, 0.5, 0.5], "preference_base": -1.0, "preference_by_complexity": 2.0,
    "preference_by_stage": 1.5, "anonymous_touches_mean": 1.0, "ready_share": 0.3, "prior_knowledge": 0.5,
    "ready_knowledge": 0.75, "initial_trust": 0.6, "group_simple": 1, "group_complex": 5, "doubt_low": 0.2,
    "doubt_high": 0.6,
}  # fmt: skip


def rules(**changes: Any) -> types.SimpleNamespace:
    """Rules of plain numbers, some of them changed."""
    assert set(changes) <= set(RULES), set(changes) - set(RULES)
    return types.SimpleNamespace(**{**RULES, **changes})


class Side:
    """An engine's side: what it was told, in order."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.tally: dict[int, int] = {}
        self.moments: dict[int, int] = {}
        self.entered: dict[int, int] = {}

    def note(self, b: Any, now: int, activity: int, person: int, topic: int) -> None:
        self.rows.append((now, Activity(activity), int(person), int(topic)))

    def count(self, place: int, number: int) -> None:
        self.tally[place] = self.tally.get(place, 0) + number

    def happens(self, b: Any, moment: int, now: int) -> bool:
        first = moment not in self.moments
        self.moments.setdefault(moment, now)
        return first

    def enters(self, b: Any, stage: int, now: int) -> None:
        self.entered[int(stage)] = now

    @property
    def activities(self) -> list[Activity]:
        return [row[1] for row in self.rows]


class Luck:
    """The numbers that a test gives, by (decision, stage, occurrence), for the buyer or a member of its group."""

    def __init__(self) -> None:
        self.given: dict[tuple[int, ...], float] = {}
        self.drawn: set[tuple[int, ...]] = set()

    def __call__(self, decision: Decision, u: float, stage: int = 0, occurrence: int = 0, member: int = 0) -> "Luck":
        self.given[int(decision), int(stage), int(occurrence), member] = u
        return self

    def uniform(self, key: Any, base: int, stage: int, decision: int, occurrence: int) -> float:
        assert key == KEY
        assert 0 <= stage < 8 and 0 <= occurrence < 1 << 16, "they have 3 bits and 16"
        member, rest = divmod(base - BASE, 1 << 27)
        assert rest == 0
        meaning = (int(decision), int(stage), int(occurrence), member)
        assert meaning in self.given, f"nobody announced {Decision(decision).name} {meaning[1:]}"
        self.drawn.add(meaning)
        return self.given[meaning]

    @property
    def left(self) -> list[str]:
        return [f"{Decision(m[0]).name} {m[1:]}" for m in self.given if m not in self.drawn]


@pytest.fixture
def luck(monkeypatch: pytest.MonkeyPatch) -> Iterator[Luck]:
    """Gives the numbers; whatever was announced must have been drawn."""
    given = Luck()
    monkeypatch.setattr(randomness, "uniform", given.uniform)
    yield given
    assert given.left == []


class Buyer:
    """One buyer in the middle of its journey: records, and an engine's side."""

    def __init__(self, members: Any = 1, **state: Any) -> None:
        self.b, self.h, self.g, self.t = in_python(BUYER), in_python(LIFE), in_python(GROUP), Side()
        self.b |= {
            "base": BASE, "segment": SEGMENT, "form": FORM, "fit": 0.5, "complexity": 0.4, "trust": 0.6,
            "verification": 0.5, "uncertainty": [0.8] * TOPICS, "give_up_at": NOW + 30 * DAY_US,
            "patience_us": 30 * DAY_US, "wish": 0.5, "rival_strength": 0.4, "last_role": NOBODY, "owner": NOBODY,
            "step_at": NEVER, "duty_at": NEVER, "view_error": float("nan"), "anonymous_left": 9, "project": 1,
            "turns_at": NEVER, "pace": 1.0, "offer_at": NEVER, "signs_at": NEVER, "touched_at": NOW,
        }  # fmt: skip
        self.h |= {"members": members, "value_cents": 1_000, "paid_cents": 1_000}
        for name, value in state.items():
            record = self.b if name in self.b else self.h
            assert name in record, name
            record[name] = value

    def __getattr__(self, name: str) -> Any:
        for record in (vars(self)["b"], vars(self)["h"]):
            if name in record:
                return record[name]
        raise AttributeError(name)
