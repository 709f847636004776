"""Channels: how many buyers their spend brings, and where the money goes at a review."""

from simulator.model.compiling import compiled
from simulator.model.numerics import raised


@compiled
def volume(multiple, elasticity):
    """Arrivals at a multiple of the first spend, as a multiple of the first arrivals: returns diminish."""
    return raised(multiple, elasticity)


@compiled
def admitted_share(multiple, elasticity):
    """THINNING: share of the channel's first stream that its spend brings."""
    return min(1.0, volume(multiple, elasticity))


@compiled
def admitted_share_of_growth(multiple, elasticity, growth):
    """THINNING: share of the further stream, which comes in full at ``growth`` times the first spend."""
    if multiple <= 1.0 or growth <= 1.0:
        return 0.0
    return min(1.0, (volume(multiple, elasticity) - 1.0) / (volume(growth, elasticity) - 1.0))


@compiled
def remembered(signal, memory, new):
    """A signal after a review: what is remembered of it, and what is new."""
    return signal * memory + new


@compiled
def credit(credits, results, spend, weight, channels):
    """Add each channel's share of a result, times ``weight``; return the weight, or 0 if there was no result.

    A channel on which nothing is spent gets no credit: there is no budget to move.
    """
    total = 0.0
    for channel in range(channels):
        if spend[channel] > 0.0:
            total += results[channel]
    if total <= 0.0 or weight <= 0.0:
        return 0.0
    for channel in range(channels):
        if spend[channel] > 0.0:
            credits[channel] += weight * (results[channel] / total)
    return weight


@compiled
def steer(multiple, spend, credits, weights, shift, growth, channels):
    """Move ``shift`` of the spend towards the credits; the sum stays, and no channel takes more than ``growth`` allows.

    ``multiple`` is changed in place: spend now, over ``spend`` at the start (usd a year). ``credits`` add up to
    ``weights``. What a full channel cannot take goes to the others in proportion to what they have; if they have
    nothing, to what they had at the start. A free channel stays as it is.
    """
    total = 0.0
    for channel in range(channels):
        total += multiple[channel] * spend[channel]
    for channel in range(channels):
        if spend[channel] > 0.0:
            wanted = total * credits[channel] / weights
            multiple[channel] += shift * (wanted / spend[channel] - multiple[channel])
    for _ in range(channels):
        over, room, first = 0.0, 0.0, 0.0
        for channel in range(channels):
            if multiple[channel] > growth:
                over += (multiple[channel] - growth) * spend[channel]
                multiple[channel] = growth
            elif multiple[channel] < growth:
                room += multiple[channel] * spend[channel]
                first += spend[channel]
        if over <= 0.0 or first <= 0.0:
            return
        for channel in range(channels):
            if multiple[channel] < growth and spend[channel] > 0.0:
                if room > 0.0:
                    multiple[channel] *= 1.0 + over / room
                else:
                    multiple[channel] = over / first
