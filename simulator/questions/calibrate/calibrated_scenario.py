"""A calibration as a scenario of its own: the values, where they come from, and what the export could not tell."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from simulator.fit.calibration import FITTED, HELD, NOT_IDENTIFIABLE, Calibration
from simulator.questions.calibrate.tables import parameters_table
from simulator.questions.calibrate.work import MISSES
from simulator.questions.frame.differing import leaves
from simulator.questions.frame.manifest import version
from simulator.questions.frame.numbers import count, words
from simulator.questions.read_crm.tell import shown
from simulator.results.summary import DAY
from simulator.scenario.checked import Checked
from simulator.scenario.composing import load_checked
from simulator.scenario.config_sources import option_names

#: Names of the scenario and of its leads; the latter is not that of a file that lies in many folders.
SCENARIO_FILE, LEADS_FILE = "calibrated.yaml", "calibrated_leads.csv"

#: Sections of a scenario that say what is simulated, and those of them that a shipped scenario is built on for.
_SECTIONS = ("market", "organisations", "economics", "mechanisms", "run", "compare")
_FOLLOW_UP_DAYS = 365


def calibrated_yaml(calibration: Calibration) -> str:
    """What ``scenario=FOLDER/calibrated.yaml`` runs: the scenario of the calibration with the chosen values on top."""
    scenario = calibrated_scenario(calibration)
    settings = {
        "question": scenario.question,
        "provenance": scenario.provenance,
        **_apart(scenario, calibration.scenario.name),
    }
    return "\n".join([*_comment(calibration), OmegaConf.to_yaml(OmegaConf.create(settings))])


def calibrated_scenario(calibration: Calibration, leads: str = "") -> Checked:
    """The scenario with the chosen values, replaying the export's leads and following each for a year.

    ``leads`` is where their file is; by default the one beside.
    """
    scenario, stream, drawn = calibration.prior.at(calibration.values), calibration.stream, calibration.drawn
    market, base = scenario.market, words(calibration.prior.organisation)
    changes: dict[str, Any] = {
        "market.leads.path": leads or LEADS_FILE,
        "market.leads.enter_as": calibration.scenario.crm.enter_as,
        "market.leads.id_column": "lead_id",
        "market.leads.date_column": "created",
        "market.leads.channel_column": "channel",
        "market.channels": {  # nobody of the export came through the others
            name: dataclasses.replace(channel, share=drawn.shares.get(name, 0.0))
            for name, channel in market.channels.items()
        },
        "market.inquiries_per_year": drawn.arrivals_per_year,
        "run.warm_up_days": 0,
        "run.cohort_days": int(stream.arrivals.at_us[-1]) // DAY + 1,
        "run.follow_up_days": _FOLLOW_UP_DAYS,
        "question": (
            f"What would the {count(len(stream))} leads of {_files(calibration)} have become in another organisation "
            f"than the {base} that made this export?"
        ),
        "provenance": provenance(calibration),
    }
    if drawn.value_factor is not None:
        for name, segment in market.segments.items():
            value = float(f"{segment.deal_value_median_usd * drawn.value_factor:.4g}")
            changes[f"market.segments.{name}.deal_value_median_usd"] = value
    return scenario.with_(changes)


def provenance(calibration: Calibration) -> str:
    """What every answer of the calibrated scenario says of it."""
    untold, whole = calibration.statuses.count(NOT_IDENTIFIABLE), calibration.stream.whole
    won = float((calibration.stream.event_times.won < calibration.stream.until)[whole].mean())
    misses = "as close as luck allows" if calibration.best.distance <= MISSES else "further off than luck explains"
    return (
        f"Calibrated to {_files(calibration)}: one set of values of {words(calibration.prior.organisation)}, {misses} "
        f"(distance {calibration.best.distance:.1f}, 1 is luck alone), of which the export cannot tell {untold} of "
        f"{len(calibration.prior)}. "
        "Intervals here are over luck only; those over what the export cannot tell are wider, and stand in "
        "organisations.csv and the report of the calibration. Rates are of all leads, each followed for a year; of "
        f"{count(whole.sum())} leads with all their wins recorded the export has {100 * won:.1f}% won. What other "
        "organisations do otherwise is assumed, not fitted."
    )


def _apart(scenario: Checked, name: str) -> dict[str, Any]:
    """What sets a scenario apart from the shipped one of this name; all of it if there is none."""
    now = {
        section: dataclasses.asdict(getattr(scenario, section)) for section in _SECTIONS if section != "organisations"
    }
    now["organisations"] = {
        key: dataclasses.asdict(organisation) for key, organisation in scenario.organisations.items()
    }
    if name not in option_names("scenario"):
        return now
    shipped = dataclasses.asdict(load_checked(name))
    before = dict(leaves({section: shipped[section] for section in _SECTIONS}))
    settings: dict[str, Any] = {"defaults": [name, "_self_"]}
    if not set(before) <= set(dict(leaves(now))):
        return now  # an organisation or a segment less than there
    for path, value in leaves(now):
        if path not in before or value != before[path]:
            _put(settings, path, value)
    return settings


def _put(settings: dict[str, Any], path: str, value: Any) -> None:
    *parents, leaf = path.split(".")
    for parent in parents:
        settings = settings.setdefault(parent, {})
    settings[leaf] = value


def _comment(calibration: Calibration) -> Iterator[str]:
    """Provenance and holes."""
    scenario, stream, fit = calibration.scenario, calibration.stream, calibration.scenario.study.fit
    base = words(calibration.prior.organisation)
    yield f"# The scenario {scenario.name} with the values that let {base} make the funnel of {_files(calibration)}."
    yield "# Run it: python -m simulator scenario=<this file> study=compare   (or any other study)"
    yield "# Intervals of studies on it are over luck; what the export cannot tell is in organisations.csv beside it."
    yield "# Without the export's leads, buyers drawn at their rate: market.leads.path= on the command line."
    yield "#"
    yield (
        f"# Export: {count(len(stream))} leads of {stream.day(int(stream.arrivals.at_us[0]))} to "
        f"{stream.day(int(stream.arrivals.at_us[-1]))}, known until {calibration.funnel.exported_at:%Y-%m-%d}; "
        f"{len(calibration.funnel.report.aside):,} rows set aside."
    )
    if stream.since:
        yield f"# Wins before {stream.day(stream.since)} are missing in it, and were not counted."
    yield (
        f"# Fit: simulator {version()}, study.fit.seed={fit.seed}, {count(calibration.points[0])} + "
        f"{count(fit.rounds * fit.narrowed)} parameter sets; distance of these values {calibration.best.distance:.2f} "
        "(1: luck alone)."
    )
    yield "#"
    table = parameters_table(calibration)
    for status, heading in (
        (FITTED, "Fitted: value here, 90% interval of what the export leaves likely"),
        (
            NOT_IDENTIFIABLE,
            "Holes. The export cannot tell these, any value in the range serves; they have some value here",
        ),
        (HELD, "Held at the scenario's value, not fitted"),
    ):
        mine = table[table["status"] == status].to_dict("records")
        if mine:
            yield f"# {heading}:"
        for row in mine:
            if status == HELD:
                yield f"#   {shown(words(row['parameter']))}: {row['why']}"
            else:
                yield (
                    f"#   {shown(words(row['parameter'])):<24} {row['best']:>9.4g} {row['unit']:<5} [{row['low']:.3g}, "
                    f"{row['high']:.3g}]   prior [{row['prior_low']:g}, {row['prior_high']:g}]"
                )
    yield (
        "# Leads a year and channels' shares are those of the export (market.inquiries_per_year counts buyers who "
        f"begin research; {100 * calibration.drawn.known_share:.0f}% of them become leads)."
    )
    if calibration.drawn.value_factor is None:
        yield "# Deal values are the scenario's: the export has none."
    yield ""


def _files(calibration: Calibration) -> str:
    return shown(Path(calibration.scenario.crm.leads).name)
