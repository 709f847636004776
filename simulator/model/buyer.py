"""Every decision of a buyer, once: who it is, what worries it, where it looks, what it learns, how it chooses.

All functions are pure, scalar and compiled; ``u`` is a uniform number that the engine draws under the
``Decision`` named in the docstring. Probabilities and states lie in [0, 1] unless a unit is given.
"""

import math

from simulator.model.compiling import compiled
from simulator.model.numerics import DAY_US, HOUR_US, exp, exponential, log, logistic, microseconds, normal, raised
from simulator.model.randomness import MAX_OCCURRENCE
from simulator.model.sizes import NO_LIMIT_USD
from simulator.model.words import FIRST_TOPIC_ABOUT_US, FIRST_TOPIC_NIBBLES, Source, Stage

_LAST_STAGE = int(Stage.MAKING_SELECTION)
_FIRST_STAGE_OF_CHOICE = int(Stage.COMMITTING_TO_SOLUTION)
#: A buyer decides nothing more often; what it may still take until it is asked again fits in the numbers that are left.
MOST_DECISIONS = MAX_OCCURRENCE - 16
_US, _THIRD_PARTY, _RIVAL = int(Source.US), int(Source.THIRD_PARTY), int(Source.RIVAL)


# --- Who a buyer is, fixed at arrival -------------------------------------------------------------------------------


@compiled
def segment_of(u, cumulative_shares):
    """SEGMENT: index of the segment; ``cumulative_shares`` ends in 1 and is padded with 1."""
    index = 0
    while u >= cumulative_shares[index]:
        index += 1
    return index


@compiled
def between(u, low, high):
    """COMPLEXITY, VERIFICATION: uniform between low and high."""
    return low + (high - low) * u


@compiled
def deal_value_cents(u, median_usd, sigma):
    """DEAL_VALUE: log-normal, in whole cents."""
    return int(math.floor(min(median_usd * exp(sigma * normal(u)) * 100.0, 1e15) + 0.5))


@compiled
def true_fit(u, mean_logit, shift, spread):
    """FIT: how well we really suit the buyer; logit-normal, shifted by the channel."""
    return logistic(mean_logit + shift + spread * normal(u))


@compiled
def patience_us(u, median_days, sigma, pace):
    """PATIENCE: microseconds until the buyer gives its project up; log-normal, at the buyer's pace."""
    return scaled_us(median_days * exp(sigma * normal(u)), pace)


@compiled
def pace(u, spread):
    """PACE: factor on a buyer's times; log-normal with median 1."""
    return exp(spread * normal(u)) if spread > 0.0 else 1.0


@compiled
def scaled_us(days, pace):
    """A time of the buyer's own, at its pace; microseconds."""
    return microseconds(days * pace)


@compiled
def project_us(patience, distraction):
    """How long a project can last: until patience ends, or the buyer turns to something else; both microseconds."""
    return min(patience, distraction)


@compiled
def is_rep_free(u, share, complexity):
    """REP_FREE: would rather meet no rep at all; falls in proportion to 1 - complexity (Forrester 2015)."""
    return u < share * (1.0 - complexity)


@compiled
def geometric(u, mean):
    """ANONYMITY, READS_WITHOUT_PROJECT: a count from 0 on with this mean; geometric."""
    if mean <= 0.0:
        return 0
    return int(min(math.floor(log(u) / log(mean / (1.0 + mean))), 1e6))


@compiled
def comes_ready(u, share):
    """READY: has done most of its research elsewhere before it comes to us."""
    return u < share


@compiled
def initial_uncertainty(u, ready, prior_knowledge, ready_knowledge):
    """KNOWLEDGE: uncertainty about one topic at arrival; who comes ready knows between ``ready_knowledge`` and all."""
    if ready:
        return (1.0 - ready_knowledge) * (1.0 - u)
    return 1.0 - prior_knowledge * u


@compiled
def rival_strength(u, low, high, count):
    """RIVAL_STRENGTH: the best of ``count`` rivals whose strengths are uniform between low and high."""
    if count <= 0:
        return 0.0
    return low + (high - low) * exp(log(u) / count)


# --- A step of research ---------------------------------------------------------------------------------------------


@compiled
def first_topic(stage):
    """The first topic of a stage; of one past the last stage, one past the last topic."""
    return FIRST_TOPIC_NIBBLES >> 4 * int(stage) & 15


@compiled
def worst_topic(uncertainty, stage):
    """The topic of the stage that worries most, the first among equals."""
    worst = first_topic(stage)
    for topic in range(worst + 1, first_topic(stage + 1)):
        if uncertainty[topic] > uncertainty[worst]:
            worst = topic
    return worst


@compiled
def is_clear(uncertainty, stage, clear_level):
    """Whether every topic of the stage is clear."""
    for topic in range(first_topic(stage), first_topic(stage + 1)):
        if uncertainty[topic] > clear_level:
            return False
    return True


@compiled
def preference_for_person(complexity, stage, personal, base, by_complexity, by_stage):
    """Logit of preferring a person to content, as a function of complexity and stage."""
    return base + by_complexity * complexity + by_stage * stage / _LAST_STAGE + personal


@compiled
def needs_rep(complexity, value_cents, self_serve_max_complexity, self_serve_max_value_usd):
    """Whether the purchase cannot be finished without a rep's offer: it is too complex, or too dear."""
    dear = self_serve_max_value_usd < NO_LIMIT_USD and value_cents > 100.0 * self_serve_max_value_usd
    return complexity > self_serve_max_complexity or dear


@compiled
def source_of(u, trust, our_share, third_party_share, rival_share):
    """SOURCE: whose content the buyer reads; trust in us draws it to ours (weight 0.5 + trust)."""
    ours = our_share * (0.5 + trust)
    x = u * (ours + third_party_share + rival_share)
    if x < ours:
        return _US
    if x < ours + third_party_share:
        return _THIRD_PARTY
    return _RIVAL


@compiled
def content_power(gain, drag, complexity):
    """What content can remove of an uncertainty; the more complex the purchase, the less."""
    return gain * (1.0 - drag * complexity)


@compiled
def usefulness(u, mean, spread):
    """USEFULNESS: how far one touch answers the question, between 0 and 1."""
    return min(1.0, mean * (1.0 + spread * (2.0 * u - 1.0)))


@compiled
def fit_of_claims(topic, fit, drag):
    """How far what is said of a topic can convince this buyer: claims about us only as far as we fit."""
    if topic < FIRST_TOPIC_ABOUT_US:
        return 1.0
    return 1.0 - drag * (1.0 - fit)


@compiled
def effect(power, useful, believed, convincing):
    """Share of an uncertainty that a touch takes away: as far as it is useful, believed and convincing."""
    return min(1.0, power * useful * believed * convincing)


@compiled
def has_heard_others(heard, role):
    """Whether another function spoke to the buyer before; ``heard`` has one bit per role."""
    return heard & ~(1 << role) != 0


@compiled
def trust_after_confirmation(trust, gain):
    """Trust after the buyer checked a claim that holds."""
    return trust + gain * (1.0 - trust)


@compiled
def trust_after_contradiction(trust, noticed, cost, for_most):
    """Trust after the buyer noticed one contradiction more, ``noticed`` before.

    n of them leave 1 - cost (1 - exp(-n / for_most)) of it: each costs less than the one before, all together ``cost``.
    """
    before = _left_by(noticed, cost, for_most)
    return trust * _left_by(noticed + 1, cost, for_most) / before if before > 0.0 else 0.0


@compiled
def _left_by(contradictions, cost, for_most):
    return 1.0 - cost * (1.0 - exp(-contradictions / for_most))


@compiled
def step_gap_us(u, mean_days):
    """STEP_GAP: time to the next step; exponential, at least a microsecond."""
    return max(1, microseconds(exponential(u, mean_days)))


@compiled
def asks_when_stuck(chance, wish_lost):
    """Chance to ask at a step of who cannot finish without a rep; refusals cost it too."""
    return chance * exp(-wish_lost)


@compiled
def rival_answered(before, waited_us, hours):
    """How much of what a rival can win by answering first it has won, after requests waited so long more."""
    return 1.0 - (1.0 - before) * exp(-waited_us / HOUR_US / hours)


@compiled
def remembers(u, since_us, memory_days):
    """REMEMBERS_US: whether the buyer thinks of us, so long after the last touch; chance exp(-time / memory)."""
    return u < exp(-since_us / DAY_US / memory_days)


@compiled
def is_worn_out(steps, tasks, mails, heats, passes):
    """Whether the buyer has decided the same so often that its random numbers for it come to an end.

    The counts are its steps in this stage, and people's tasks with it, mails to it, signs of its interest and passes
    to sales so far.
    """
    return max(max(steps, tasks), max(max(mails, heats), passes)) >= MOST_DECISIONS


# --- Rivals and the choice ------------------------------------------------------------------------------------------


@compiled
def rival_advance(u, gain):
    """USEFULNESS of a rival's content to the rival: uniform from 0 to twice the mean gain."""
    return 2.0 * gain * u


@compiled
def rival_wins_early(progress, stage):
    """Whether the rival is clear before we are, once the buyer commits to a solution."""
    return progress >= 1.0 and stage >= _FIRST_STAGE_OF_CHOICE


@compiled
def win_probability(fit, trust, trust_weight, strength, progress, head_start, inflation, sharpness):
    """SELECTION: chance that the buyer chooses us, by the logit of the difference of both offers.

    Ours is the weighted mean of fit and trust; the rival's is its strength as the buyer sees it, as far as it
    has come beyond its head start. ``inflation`` is 0 once the buyer found out.
    """
    ours = (1.0 - trust_weight) * fit + trust_weight * trust
    theirs = min(1.0, strength * (1.0 + inflation)) * min(1.0, progress + head_start)
    return logistic(sharpness * (ours - theirs))


# --- Talks, offers and signatures -------------------------------------------------------------------------------------


@compiled
def talk_use(u, skill, relevance, trust, convincing, spread, trust_floor):
    """TALK_USEFULNESS: how useful a talk is for one worry: skill, piece, luck, trust, and whether claims convince."""
    lucky = 1.0 + spread * (2.0 * u - 1.0)
    return skill * relevance * lucky * (trust_floor + (1.0 - trust_floor) * trust) * convincing


@compiled
def minutes_to_clear(uncertainty, clear_level, use, gain_per_hour):
    """Minutes of a talk of this use after which a worry is clear: it falls at the rate ``gain_per_hour`` times use."""
    if clear_level <= 0.0 or use <= 0.0:
        return math.inf
    return 60.0 * log(uncertainty / clear_level) / (gain_per_hour * use)


@compiled
def uncertainty_after_talk(uncertainty, minutes, use, gain_per_hour):
    """What is left of a worry after so many minutes."""
    return uncertainty * exp(-gain_per_hour * use * minutes / 60.0)


@compiled
def useful_minutes(minutes, known, discovery_minutes):
    """Minutes of a talk that are left when its history was found out; half of them at least."""
    return minutes - min(0.5 * minutes, discovery_minutes * (1.0 - known))


@compiled
def closing_us(u, median_days, sigma, complexity, value_usd, simple, complex_, by_value, usual_usd):
    """OFFER_TIME, SIGNING_TIME: log-normal; longer for complex and for large deals."""
    if median_days <= 0.0:
        return 0
    size = raised(value_usd / usual_usd, by_value)
    return microseconds(median_days * exp(sigma * normal(u)) * (simple + (complex_ - simple) * complexity) * size)


@compiled
def closes_at_once(complexity, value_cents, simple_max_complexity, simple_max_value_usd):
    """Whether a purchase can be offered and signed in the first talk."""
    return complexity <= simple_max_complexity and value_cents <= 100.0 * simple_max_value_usd
