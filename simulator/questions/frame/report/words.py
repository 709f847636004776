"""What a report says beside its numbers: what the answer hangs on, and how it was found."""

from collections.abc import Mapping, Sequence
from typing import Any

from simulator.questions.frame.assumptions import Group
from simulator.questions.frame.numbers import count, listed
from simulator.results.metric import Metric, Quantile
from simulator.results.metrics import BY_KEY
from simulator.scenario.scenario import Scenario

#: Studies whose own answer says what the answer of a comparison hangs on.
_ABOUT_ASSUMPTIONS = ("sensitivity", "attribution", "ablation", "when")

#: Fewer replications than this make intervals that are themselves unsure.
_FEW = 10

#: What to ask next of an answer that compares organisations.
NEXT = {
    "attribution": "Which mechanisms is the difference made of?",
    "sensitivity": "Which assumptions does it hang on?",
    "when": "Where does it turn around?",
}


def hangs_on(
    scenario: Scenario, study: str, found: Sequence[str], differ: Sequence[Group], replications: int
) -> list[str]:
    """What the reader of an answer must not forget.

    Parameters
    ----------
    found : what the study itself says of it.
    differ : in what the compared organisations differ; empty if none are compared.
    """
    said = list(found)
    if study in _ABOUT_ASSUMPTIONS:
        said.append("What it hangs on is this study's own question: the sentences at the top answer it.")
    if study == "limit":
        return [*said, "Theory holds under the assumptions of its formula; the scenario is set so that they hold, and "
                "says nothing about buyers."]  # fmt: skip
    if replications > 1:
        said.append(
            f"Intervals hold at 95% and cover luck, other buyers and other draws (n = {replications:,} replications). "
            "They do not cover what is assumed, so the truth may lie outside them."
            + (" With so few replications they are rough." if replications < _FEW else "")
        )
    else:
        said.append("One replication has no intervals: what looks like a difference may be luck.")
    if differ:
        keys = sum(len(group.assumptions) for group in differ)
        said.append(
            f"The organisations differ in {keys:,} values of {len(differ):,} mechanisms (see Assumptions). In the "
            "shipped organisations these are assumptions; none is fitted to data."
        )
    said.append(
        scenario.provenance
        or "What is fitted is one organisation: the shipped defaults let the usual one of today meet ten published "
        "figures (docs/evidence.md), and more parameters than figures are free. What any other organisation would do "
        "cannot be checked against these figures. Read differences as differences in this model, not as forecasts."
    )
    said.append(
        "The model is one vendor in one market: rivals do not answer what we do, nobody is hired or leaves, and demand "
        "has no seasons (docs/model.md)."
    )
    if differ and study not in _ABOUT_ASSUMPTIONS:
        asking = listed([f"study={one}" for one in NEXT])
        said.append(f"Which of the assumptions matter most is a question of its own: {asking}.")
    return said


def basis(scenario: Scenario, study: str, replications: int) -> str:
    """What the numbers at the top rest on."""
    if replications == 1:
        said = f"n = 1 replication, seed {scenario.run.seed}: without intervals."
    else:
        said = f"n = {replications:,} replications, seed {scenario.run.seed}. ± and [ ]: 95% intervals."
    return said if study == "limit" else f"{said} Numbers are this model's, not forecasts."


def method(scenario: Scenario, about: Mapping[str, Any], runs: int | None) -> list[tuple[str, str]]:
    """How the answer was found: term and text."""
    run = scenario.run
    engines = {"compiled": "compiled next-event kernel", "reference": "agents on a discrete-event clock"}
    said = [
        ("Engine", f"{run.engine}: {engines[run.engine]}. Both engines agree on every event of every buyer."),
        ("Seed", f"{run.seed}. Every random number belongs to a buyer and a decision, so that the same buyer has the "
                 "same luck in every organisation."),
        ("Replications", count(about["replications"]) + (f"; {count(runs)} runs in all" if runs else "")),
        ("Time", f"warm-up {count(run.warm_up_days)} days, then a cohort of {count(run.cohort_days)} days whose "
                 f"arrivals are counted, followed for {count(run.follow_up_days)} days more"),
        *made(about),
    ]  # fmt: skip
    return said


def made(about: Mapping[str, Any]) -> list[tuple[str, str]]:
    """With which versions, when, and how long it took: term and text."""
    said = [
        ("Version", f"{about['version']}, Python {about['python']}, {about['platform']}"),
        ("Libraries", ", ".join(f"{name} {version}" for name, version in about["libraries"].items())),
    ]  # fmt: skip
    if "started" in about:
        said.append(("Made", f"{about['started'][:16].replace('T', ' ')} UTC, in {about['duration_seconds']:,.1f} s"))
    return said


def metrics_of(keys: Sequence[str]) -> list[Metric]:
    """The registry's entries, in its order."""
    return [metric for key, metric in BY_KEY.items() if key in keys]


def computed(metric: Metric) -> str:
    """Numerator and denominator in words."""
    if isinstance(metric.estimator, Quantile):
        return f"{metric.estimator.level:.0%} quantile of {metric.numerator}, {metric.denominator}"
    return f"{metric.numerator} / {metric.denominator}"
