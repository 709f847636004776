"""Every decision of our people, once: scoring, accepting, handing over, and how long things take."""

import math

from simulator.model.compiling import compiled
from simulator.model.numerics import DAY_US, HOUR_US, exp, exponential, left_of, microseconds_of_minutes, normal

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
def request_minutes(u, median_minutes, sigma, sla_minutes):
    """REQUEST_DELAY: working minutes until someone turns to a request; log-normal, cut off by the SLA."""
    if median_minutes <= 0.0:
        return 0.0
    return min(median_minutes * exp(sigma * normal(u)), sla_minutes)


@compiled
def reach_chance(since_us, desk_chance, desk_half_life_hours, engaged_chance, half_life_days):
    """REACHED: chance that a call finds the buyer, by the time since its last sign of interest.

    It is still at the desk with the one chance, and if not still engaged with the other; both halve.
    """
    desk = 0.0
    if desk_chance > 0.0:
        desk = desk_chance * left_of(since_us / HOUR_US, desk_half_life_hours)
    return desk + (1.0 - desk) * engaged_chance * left_of(since_us / DAY_US, half_life_days)


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
