"""A show whose names try to be more than names."""

import dataclasses
from functools import cache

import simulator as sim
from simulator.questions.frame.player.playback import Playback, recorded

#: Ends a script, begins a comment, runs as an image that fails, breaks a line and leaves an attribute.
EVIL = "x</script><!--<img src=x onerror=window.hit=1>\u2028\u2029\"'&amp;"

TINY = ["run.warm_up_days=0", "run.cohort_days=20", "run.follow_up_days=30", "market.inquiries_per_year=1500"]


@cache
def tame() -> Playback:
    """Forty buyers in two organisations."""
    return recorded(sim.load_scenario("baseline", TINY), ["relay_race", "integrated"], most=40)


def evil() -> Playback:
    """The same with the same bad name for an organisation, all segments and all channels."""
    show = tame()
    arms = (dataclasses.replace(show.arms[0], organisation=EVIL), *show.arms[1:])
    names = {name: (EVIL,) * len(getattr(show, name)) for name in ("segments", "channels")}
    return dataclasses.replace(show, arms=arms, **names)
