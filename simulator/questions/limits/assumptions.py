"""What a formula assumes, and notes on where a run leaves it."""

from collections.abc import Mapping

from simulator.scenario.checked import Checked
from simulator.scenario.paths import value_at

#: What a formula assumes: dotted path -> (what it is, what it should be).
Assumed = Mapping[str, tuple[object, object]]


def assumed(scenario: Checked, where: str, **values: object) -> Assumed:
    """What a formula assumes of keys below a dotted path of the scenario."""
    return {f"{where}.{key}": (value_at(scenario, f"{where}.{key}"), value) for key, value in values.items()}


def plain_segments(scenario: Checked, rep_free_share: float) -> Assumed:
    """What a formula assumes of every segment: simple purchases, a patience beyond the run, one wish for a rep."""
    of_all: dict[str, tuple[object, object]] = {}
    enough = scenario.horizon_days()
    for name, segment in scenario.market.segments.items():
        patience = segment.patience_median_days
        of_all |= assumed(
            scenario, f"market.segments.{name}", rep_free_share=rep_free_share, complexity_high=0.0, patience_sigma=0.0,
            patience_median_days=patience if patience >= enough else f"{enough} or more",
        )  # fmt: skip
    return of_all


def departures(values: Assumed) -> tuple[str, ...]:
    """A note for each setting that leaves what a formula assumes."""
    return tuple(
        f"{name} is {given}, where the formula assumes {wanted}: theory does not describe this run"
        for name, (given, wanted) in values.items()
        if given != wanted
    )


def too_short(count: float, words: str) -> tuple[str, ...]:
    """A note on those of whom the run does not see the end, if any; ``words`` follow their number."""
    return (f"{count:,.0f} {words}: run.follow_up_days is too short",) if count else ()


def waiting(count: float, name: str) -> tuple[str, ...]:
    """A note on the lines of an organisation in which a buyer waited, if any."""
    return (f"in {count:,.0f} lines of {name} a buyer waited for a person: capacity is not unbound",) if count else ()
