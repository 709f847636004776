"""How a buyer comes to its choice: it moves on, its group votes, it chooses, signs, and its journey ends.

``t`` is the engine's side (``port``); ``b``, ``h`` and ``g`` are the buyer's records (``records``), modified in place.
"""

from simulator.model import buyer as buying
from simulator.model import group as grouping
from simulator.model import quarter
from simulator.model import word_of_mouth as talking
from simulator.model.birth import set_wish
from simulator.model.calendar import in_office
from simulator.model.compiling import compiled
from simulator.model.numerics import NEVER
from simulator.model.port import count, enters, happens, note
from simulator.model.randomness import fixed, luck, of_member
from simulator.model.records import ENDED_AT
from simulator.model.tally import DISAPPOINTED, PLEASED, REVENUE_CENTS
from simulator.model.words import NO_TOPIC, NOBODY, TOPICS, Activity, Decision, Duty, LeadStatus, Outcome, Stage, Topic

#: The place of "stage" among the choices of ``market.journey.patience_from``.
_STAGE = 1


@compiled
def at_desk(b, rules, key, at, stage, n):
    """When the buyer acts who would act then: mostly in its office hours."""
    if rules.office_share <= 0.0:
        return at
    u = luck(b, key, Decision.OFFICE_HOURS, stage, n)
    return in_office(at, u, rules.office_share, b["office_opens_us"], rules.office_window_us)


@compiled
def needs_rep(b, h, rules):
    """Whether the purchase is too complex or too dear to be finished without a rep's offer."""
    return buying.needs_rep(
        b["complexity"], h["value_cents"], rules.self_serve_max_complexity, rules.self_serve_max_value_usd
    )


@compiled
def advance(t, b, h, g, rules, key, now):
    """Move on while the stage's topics are clear; at the last stage, choose."""
    if b["chosen"]:
        return
    while b["outcome"] == Outcome.OPEN and buying.is_clear(b["uncertainty"], b["stage"], rules.clear_level):
        if b["stage"] == Stage.MAKING_SELECTION:
            if now >= b["offer_at"] or not needs_rep(b, h, rules):
                decide(t, b, h, g, rules, key, now)
            break
        b["stage"] += 1
        b["step_no"] = 0
        set_wish(b, rules)
        enters(t, b, b["stage"], now)
        if rules.patience_from == _STAGE:
            b["give_up_at"] = now + b["patience_us"]
        note(t, b, now, Activity.STAGE_ENTERED, NOBODY, NO_TOPIC)
    if b["outcome"] == Outcome.OPEN and not b["chosen"]:
        if buying.rival_wins_early(b["rival_progress"], b["stage"]):
            conclude(t, b, h, rules, key, now, Outcome.LOST)


@compiled
def decide(t, b, h, g, rules, key, now):
    """The group agrees and chooses; or falls back on terms and votes again, until it has voted too often."""
    if h["members"] == 1:
        choose(t, b, h, rules, key, now)
    elif now >= b["next_vote_at"] and agrees_at_vote(t, b, h, g, rules, key, now):
        choose(t, b, h, rules, key, now)


@compiled
def agrees_at_vote(t, b, h, g, rules, key, now):
    """Whether the group agrees; it falls back on terms if not, and decides nothing when it has voted too often."""
    if group_agrees(b, h, g, rules, key):
        return True
    note(t, b, now, Activity.GROUP_DISAGREED, NOBODY, Topic.TERMS)
    if h["votes"] >= rules.most_votes:
        conclude(t, b, h, rules, key, now, Outcome.NO_DECISION)
        return False
    b["next_vote_at"] = now + rules.vote_again_us
    b["uncertainty"][Topic.TERMS] = grouping.fallen_back(
        b["uncertainty"][Topic.TERMS], rules.clear_level, rules.setback
    )
    return False


@compiled
def group_agrees(b, h, g, rules, key):
    """Each member votes by its own luck, the same at every vote: doubts have to fall before it changes its mind."""
    h["votes"] += 1
    yes, champion, vote = 0, False, False
    for m in range(h["members"]):
        worry = b["uncertainty"][g["worry"][m]]
        doubt = grouping.doubt_of(g["doubt"][m], worry, rules.passed_on if m > 0 else 1.0)
        vote = grouping.votes_yes(of_member(b, key, m, Decision.VOTE), doubt)
        if vote:
            yes += 1
        if m == 0:
            champion = vote
    return grouping.agrees(rules.group_rule, yes, h["members"], champion, vote)


@compiled
def chance_of_us(b, rules):
    """Chance that the buyer chooses us as things stand."""
    inflation = 0.0 if b["rival_found_out"] else rules.rival_inflation
    return buying.win_probability(
        b["fit"],
        b["trust"],
        rules.trust_weight,
        b["rival_strength"],
        b["rival_progress"],
        rules.rival_head_start,
        inflation,
        rules.choice_sharpness,
    )


@compiled
def choose(t, b, h, rules, key, now):
    """Us or the rival; who chooses us signs when papers are through, or at once."""
    if rules.rivals > 0 and fixed(b, key, Decision.SELECTION) >= chance_of_us(b, rules):
        conclude(t, b, h, rules, key, now, Outcome.LOST)
        return
    wait = 0
    if b["status"] == LeadStatus.OWNED and not closes_at_once(b, h, rules):
        wait = closing_us(b, h, rules, fixed(b, key, Decision.SIGNING_TIME), rules.sign_days, rules.sign_sigma)
    if wait == 0:
        conclude(t, b, h, rules, key, now, Outcome.WON)
        return
    note(t, b, now, Activity.CHOSE_US, NOBODY, NO_TOPIC)
    b["chosen"] = 1
    b["request"] = 0
    b["step_at"] = NEVER
    b["signs_at"] = at_desk(b, rules, key, now + wait, b["stage"], b["step_no"])
    plan_closing(b, rules, now, b["signs_at"])


@compiled
def closes_at_once(b, h, rules):
    """Whether the purchase can be offered and signed in the first talk."""
    return buying.closes_at_once(
        b["complexity"], h["value_cents"], rules.simple_max_complexity, rules.simple_max_value_usd
    )


@compiled
def closing_us(b, h, rules, u, median_days, sigma):
    """How long an offer or a signature takes."""
    return buying.closing_us(
        u, median_days, sigma, b["complexity"], h["value_cents"] / 100.0, rules.simple_factor, rules.complex_factor,
        rules.by_value, rules.simple_max_value_usd,
    )  # fmt: skip


@compiled
def plan_closing(b, rules, now, at):
    """Our next duty towards an owned account is at ``at``: to sign, or to follow up; a quarter's end may come first.

    Then an offer that is out gets a deadline, or a signature is asked for.
    """
    b["duty"] = Duty.SIGN if b["chosen"] else Duty.FOLLOW_UP
    b["duty_at"] = at
    if (rules.signing_pull > 0.0 and b["chosen"]) or (rules.deadline_share > 0.0 and not b["chosen"]):
        deadline = quarter.next_deadline(now)
        if deadline < at and b["offer_at"] <= deadline:
            b["duty"] = Duty.DEADLINE
            b["duty_at"] = deadline


@compiled
def conclude(t, b, h, rules, key, now, outcome):
    """The journey ends; an owned deal is released as an event of its own, a queue is left by the loop."""
    b["outcome"] = outcome
    b["request"] = 0
    happens(t, b, ENDED_AT, now)
    b["step_at"] = NEVER
    if outcome == Outcome.WON:
        note(t, b, now, Activity.WON, NOBODY, NO_TOPIC)
        h["self_served"] = b["status"] != LeadStatus.OWNED
        become_customer(t, b, h, rules, key)
    elif outcome == Outcome.LOST:
        note(t, b, now, Activity.LOST, NOBODY, NO_TOPIC)
    elif outcome == Outcome.ELSEWHERE:
        note(t, b, now, Activity.ELSEWHERE, NOBODY, NO_TOPIC)
    else:
        note(t, b, now, Activity.NO_DECISION, NOBODY, NO_TOPIC)
    if b["status"] == LeadStatus.OWNED:
        b["duty"] = Duty.RELEASE
        b["duty_at"] = now
    else:
        b["duty"] = Duty.NONE
        b["duty_at"] = NEVER


@compiled
def become_customer(t, b, h, rules, key):
    """A customer pays, its channel gets the credit, and it tells others how it was."""
    count(t, REVENUE_CENTS + int(b["channel"]), h["paid_cents"])
    if talking.is_pleased(fixed(b, key, Decision.IS_PLEASED), b["fit"], rules.pleased_fit, rules.pleased_noise):
        count(t, PLEASED, 1)
    else:
        count(t, DISAPPOINTED, 1)


@compiled
def on_deadline(t, b, h, g, rules, key, now):
    """The last weekday of a quarter: a signature is brought forward, or an open offer gets a deadline.

    Who is ready signs, if its project goes on, its group agrees and it would choose us; the others are lost, or the
    deal goes on as before.
    """
    n = int(now // quarter.QUARTER_US)
    u = luck(b, key, Decision.DEADLINE_SET, 0, n)
    if b["chosen"]:
        if u < rules.signing_pull:
            conclude(t, b, h, rules, key, now, Outcome.WON)
            return
        plan_closing(b, rules, now, b["signs_at"])
        return
    if b["stage"] >= Stage.JUSTIFYING_DECISION and u < rules.deadline_share:
        h["deadlines"] += 1
        note(t, b, now, Activity.DEADLINE, NOBODY, NO_TOPIC)
        worst = 0.0
        for topic in range(buying.first_topic(b["stage"]), TOPICS):
            worst = max(worst, b["uncertainty"][topic])
        may_sign = b["project"] and (h["members"] == 1 or now >= b["next_vote_at"])
        ready = quarter.readiness(worst, rules.clear_level) if may_sign else 0.0
        likes_us = fixed(b, key, Decision.SELECTION) < ready * (chance_of_us(b, rules) if rules.rivals > 0 else 1.0)
        if likes_us and (h["members"] == 1 or agrees_at_vote(t, b, h, g, rules, key, now)):
            conclude(t, b, h, rules, key, now, Outcome.WON)
            return
        if b["outcome"] != Outcome.OPEN:
            return
        if luck(b, key, Decision.DEADLINE_LOSES, 0, n) < rules.deadline_loss:
            conclude(t, b, h, rules, key, now, Outcome.LOST)
            return
    plan_closing(b, rules, now, max(now, b["follow_up_at"]))
