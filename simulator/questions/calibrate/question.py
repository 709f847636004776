"""A calibration to an export: tables, figures, the calibrated scenario, and what is printed."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.fit.calibration import Calibration
from simulator.questions.calibrate import tables
from simulator.questions.calibrate.calibrated_scenario import (
    LEADS_FILE,
    SCENARIO_FILE,
    calibrated_scenario,
    calibrated_yaml,
)
from simulator.questions.calibrate.words import conclusion, how_sure, print_calibrated, resting_on
from simulator.questions.calibrate.work import calibrate
from simulator.questions.frame.question import Question
from simulator.results.folder import inert
from simulator.scenario.checked import Checked
from simulator.scenario.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.figure import Figure


def _find(scenario: Scenario, tell: Any, simulate: Any, unfinished: Path) -> Calibration:
    found = calibrate(scenario, tell, folder=unfinished, simulate=simulate)
    (unfinished / LEADS_FILE).write_text(inert(found.stream.leads).to_csv(index=False), encoding="utf-8")
    return found


def _arms(found: Calibration) -> "tuple[Checked, Sequence[str]]":
    """The calibrated scenario, replaying the leads that are kept."""
    scenario = calibrated_scenario(found, str(found.folder / LEADS_FILE) if found.folder is not None else "")
    return scenario, [one.organisation for one in found.replays]


def _figures(found: Calibration) -> "Mapping[str, Figure]":
    from simulator.questions.calibrate.figure import (
        calibrate_figures,  # brings matplotlib: the runs need not wait for it
    )

    return calibrate_figures(found)


def _tables(found: Calibration) -> "Mapping[str, pd.DataFrame]":
    made = {
        "parameters.csv": tables.parameters_table(found),
        "profiles.csv": tables.profiles_table(found),
        "likely.parquet": tables.draws_table(found),
        "fit.csv": tables.fit_table(found),
        "organisations.csv": tables.organisations_table(found),
        "direct.csv": tables.direct_table(found),
        "read.csv": found.funnel.report.table(),
        "set_aside.csv": found.funnel.report.aside,
        LEADS_FILE: found.stream.leads,
    }
    if found.checks:
        made |= {
            "held_out.csv": tables.held_out_table(found),
            "held_out_curves.csv": tables.curves_table(found),
            "scores.csv": tables.scores_table(found),
        }
    return made


QUESTION = Question(
    study="calibrate",
    files=("parameters.csv", "profiles.csv", "likely.parquet", "fit.csv", "organisations.csv", "direct.csv", "read.csv",
           "set_aside.csv", "held_out.csv", "held_out_curves.csv", "scores.csv", LEADS_FILE, SCENARIO_FILE),
    find=lambda scenario, tell, simulate: calibrate(scenario, tell, simulate=simulate),
    resume=_find,
    tables=_tables,
    figures=_figures,
    show=print_calibrated,
    conclusion=conclusion,
    texts=lambda found: {SCENARIO_FILE: calibrated_yaml(found)},
    units="parameter sets",
    arms=_arms,
    sure=how_sure,
    observed=resting_on,
    about=lambda found: {
        "leads": len(found.stream),
        "exported_at": found.funnel.exported_at.isoformat(),
        "wins_from": f"{found.stream.day(found.stream.since)}" if found.stream.since else "",
        "organisation": found.prior.organisation,
        "points": list(found.points),
        "distance": found.best.distance,
        "values": found.values,
        "statuses": {one.name: status for one, status in zip(found.prior.free, found.statuses, strict=True)},
        "cutoffs": [f"{check.holdout.day:%Y-%m-%d}" for check in found.checks],
    },
)  # fmt: skip
