"""What customers tell later buyers: how often a review is met, what it says, and what it does."""

from simulator.model.compiling import compiled
from simulator.model.numerics import normal


@compiled
def is_pleased(u, fit, pleased_fit, noise):
    """IS_PLEASED: whether a customer's review is good: if we really suit it."""
    return fit + noise * normal(u) >= pleased_fit


@compiled
def review_chance(base, imitation, customers, customers_needed):
    """Chance that who reads a third party meets a customer's review (the p + qF of Bass 1969, per reading)."""
    return min(1.0, base + imitation * min(1.0, customers / customers_needed))


@compiled
def good_share(good, bad, good_before):
    """Share of good reviews; before there is any, what analysts and press say."""
    if good + bad <= 0.0:
        return good_before
    return good / (good + bad)


@compiled
def trust_after_review(trust, good, pull):
    """Trust after a customer's review."""
    if good:
        return trust + pull * (1.0 - trust)
    return trust * (1.0 - pull)
