"""The buying group: what its members make of a touch, and whether they agree. Member 0 is the champion.

All functions are pure, scalar and compiled; ``u`` is a uniform number of a member, under the ``Decision`` named.
"""

import math

from simulator.model.compiling import compiled
from simulator.model.numerics import raised
from simulator.model.words import TOPICS, GroupRule

_UNANIMOUS, _MAJORITY = int(GroupRule.UNANIMOUS), int(GroupRule.MAJORITY)


@compiled
def group_size(complexity, simple, complex_):
    """Members of the group: between ``simple`` at complexity 0 and ``complex_`` at 1, rounded."""
    return int(math.floor(simple + (complex_ - simple) * complexity + 0.5))


@compiled
def worry_of(u):
    """MEMBER_WORRY: the topic that matters to a member above all."""
    return int(u * TOPICS)


@compiled
def doubt_of(doubt, uncertainty, passed_on):
    """A member's doubt, after the champion, to whom its worry is now so uncertain, passed on what it learned."""
    return doubt * raised(uncertainty, passed_on)


@compiled
def doubt_after(doubt, effect):
    """A member's doubt after a meeting it attended, or a piece made for it."""
    return doubt * (1.0 - effect)


@compiled
def doubt_after_tailoring(doubt, topic, worry, split):
    """A member's doubt after a piece tailored to another's question: it speaks past those with other worries."""
    if topic == worry:
        return doubt
    return doubt + split * (1.0 - doubt)


@compiled
def votes_yes(u, doubt):
    """VOTE: a member agrees with chance 1 - doubt."""
    return u >= doubt


@compiled
def agrees(rule, yes, members, champion, veto):
    """Whether the group agrees: everybody; more than half; or the champion and the last member, who has a veto."""
    if rule == _UNANIMOUS:
        return yes == members
    if rule == _MAJORITY:
        return 2 * yes > members
    return champion and veto


@compiled
def fallen_back(uncertainty, clear_level, setback):
    """Uncertainty about terms after a group did not agree."""
    return max(uncertainty, clear_level + setback * (1.0 - clear_level))
