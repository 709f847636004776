"""What a workshop page needs to know: its levers, how much it shows, and where it listens."""

from dataclasses import dataclass, field

from simulator.scenario.schema import parameter


@dataclass
class Lever:
    """A slider: one key, or a few that move together, and the values that it stops at."""

    label: str = parameter("", "what the room reads beside the slider; empty takes the lever's name")
    path: str = parameter(
        "",
        "the key that it moves: market.reach.half_life_days; organisations.*.roles.sdr.headcount is one value for "
        "every organisation, and with `each` every one has a slider of its own; empty where `options` says all",
    )
    stops: list[float] = parameter(list, "values at which the slider stops; the scenario's own value is always one")
    options: dict[str, list[str]] = parameter(
        dict,
        "in place of path and stops: words at which the slider stops, each with the settings (key=value) that it "
        "stands for; keys are below an organisation if `each`, else below the scenario",
    )
    each: bool = parameter(True, "every organisation has a slider of its own")


@dataclass
class Workshop:
    """The page that a room looks at."""

    host: str = parameter(
        "127.0.0.1", "address at which the page listens; 0.0.0.0 lets browsers on other machines join"
    )
    port: int = parameter(8090, "port at which it listens; 0 takes a free one", low=0, high=65_535)
    dots: int = parameter(1000, "buyers shown in each organisation, at most", low=10, high=5000)
    rooms: int = parameter(20, "rooms open at a time; the one idle for longest makes way", low=1, high=1000)
    guesses: int = parameter(500, "people who can guess in a room", low=1, high=10_000)
    story_replications: int = parameter(
        4, "replications in which the debrief looks for typical buyers whose fate flips", low=2, high=1000
    )
    waterfall_replications: int = parameter(
        6, "replications of the debrief's waterfall, which takes many runs each", low=2, high=1000
    )
    waterfall_orders: int = parameter(
        16, "orders in which mechanisms join, drawn at random, every second one the one before backwards", low=4,
        high=1_000_000,
    )  # fmt: skip
    levers: dict[str, Lever] = field(default_factory=dict)
