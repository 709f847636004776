"""What a telling of single buyers needs to know."""

from dataclasses import dataclass

from simulator.model.words import Outcome
from simulator.scenario.schema import parameter

#: Whom buyers are drawn from, besides those of one outcome.
INQUIRIES, EVERYBODY, OPPORTUNITIES = "inquiries", "all", "opportunities"

#: In the order of `Outcome`, whatever outcomes there are.
OUTCOMES = tuple(outcome.name.lower() for outcome in Outcome)


@dataclass
class Lives:
    """What happened to some buyers, drawn at random, day by day."""

    buyers: int = parameter(10, "how many buyers; all there are, if there are fewer", low=1, high=200)
    organisation: str = parameter("", "in which organisation they live; empty takes the first of compare.organisations")
    drawn_from: str = parameter(
        INQUIRIES,
        "whom of the cohort they are drawn from: who inquired, everybody, who became an opportunity, or who ended so",
        choices=(INQUIRIES, EVERYBODY, OPPORTUNITIES, *OUTCOMES),
    )
