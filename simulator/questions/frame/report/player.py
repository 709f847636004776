"""The player of a report: the same buyers in the organisations of a study, recorded once more and inlined."""

from collections.abc import Sequence

from simulator.leads.replay import read_leads
from simulator.scenario.scenario import Scenario

#: Runs of more buyers than this are not recorded: it would take longer than the answer.
LARGEST_RUN = 50_000
#: Buyers that are shown.
_SHOWN = 600


def players(scenario: Scenario, organisations: Sequence[str]) -> tuple[list[tuple[str, str]], str]:
    """HTML of the player from the richest to the plainest, each with what it leaves out; or why there is none."""
    buyers = _buyers(scenario)
    if buyers > LARGEST_RUN:
        return [], (
            f"A run has about {buyers:,.0f} buyers; lives are recorded for a page only up to {LARGEST_RUN:,}. A "
            "smaller market.inquiries_per_year or a shorter run shows them."
        )
    from simulator.questions.frame.player import fragment
    from simulator.questions.frame.player.playback import recorded  # brings numba: only when it is needed

    show = recorded(scenario, list(organisations), most=_SHOWN)
    return [
        (fragment(show), ""),
        (fragment(show, lives=False), "Single lives: a click on a buyer tells none here."),
    ], ""


def _buyers(scenario: Scenario) -> float:
    """How many a run has, about."""
    leads = scenario.market.leads
    if leads.path:
        return len(read_leads(leads.path, leads))
    return scenario.market.inquiries_per_year * scenario.horizon_days() / 365.0
