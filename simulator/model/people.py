"""Every decision of our people, once: scoring, accepting, handing over, and how long things take."""

import math

from simulator.model.compiling import compiled
from simulator.model.numerics import exponential, microseconds_of_minutes

#: Bits of a rank that hold a person's number.
PERSON_BITS = 32


@compiled
def shared_error(marketing_error, own_error, agreement):
    """Sales' error about a lead's fit, standard normal, correlated with marketing's by ``agreement``."""
    return agreement * marketing_error + math.sqrt(1.0 - agreement * agreement) * own_error


@compiled
def judged_fit(fit, error, noise):
    """A function's view of a lead's fit; both see with equal noise."""
    return fit + noise * error


@compiled
def lead_score(view, engagement, engagement_weight, bonus):
    """Marketing's score: its view of fit, touches with us, and whether the buyer asked for a person."""
    return view + engagement_weight * engagement + bonus


@compiled
def waiting_minutes(u, routing_minutes, pickup_minutes, sla_minutes):
    """PICKUP: working minutes from passing a lead to sales' queue: routing, then a wait cut off by the SLA."""
    return routing_minutes + min(exponential(u, pickup_minutes), sla_minutes)


@compiled
def context_after_handoff(known, kept, last_role, role):
    """Share of the buyer's history its new counterpart knows."""
    if last_role == role:
        return known
    return known * kept


@compiled
def asked_again(told, known):
    """Share of its history a buyer tells once more."""
    return max(0.0, told - known)


@compiled
def service_us(u, mean_minutes, spread):
    """SERVICE_TIME: microseconds of work; a fixed part and an exponential part of share ``spread``."""
    return microseconds_of_minutes(mean_minutes * (1.0 - spread) + exponential(u, mean_minutes * spread))


@compiled
def rank(open_deals, busy, person):
    """Of several reps the one with the lowest rank gets the next deal: fewest open deals, then idle, then by number."""
    return (2 * int(open_deals) + int(busy)) << PERSON_BITS | int(person)


@compiled
def least_loaded(ranks, first, last, limit):
    """The rep in [first, last) with the lowest rank whose open deals are below the limit; -1 for none."""
    full = rank(limit, 0, 0)
    lowest = full
    for rep in range(first, last):
        lowest = min(lowest, ranks[rep])
    return int(lowest) & ((1 << PERSON_BITS) - 1) if lowest < full else -1
