"""A limit with a known answer: theory beside simulation."""

import functools
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from simulator.questions.frame.manifest import LIMIT_FILES, repeating
from simulator.questions.frame.numbers import began
from simulator.questions.frame.progress import progress
from simulator.questions.frame.report.leaving import Answer, leave
from simulator.questions.frame.runs import check_leads, resolved
from simulator.questions.frame.terminal import console, say_where
from simulator.questions.limits.finding import Finding
from simulator.questions.limits.words import print_limit
from simulator.results.folder import Folder
from simulator.scenario.composing import dump_yaml
from simulator.scenario.scenario import Scenario


def run_and_report_limit(scenario: Scenario, folder: Path) -> Finding:
    """Set theory beside simulation, write ``limit.csv`` and what repeats it to ``folder``, print the table.

    Raises
    ------
    ScenarioError
        One line, when the scenario or its leads are refused, or when the folder cannot be written.
    """
    from simulator.questions.limits.registry import limit  # compiles: only when it is needed

    scenario = resolved(scenario)
    check_leads(scenario)
    started, clock = datetime.now(UTC), time.monotonic()
    with Folder(folder) as results:
        results.refuse_existing(LIMIT_FILES)
        with progress(console(sys.stderr), scenario.name) as tell:
            finding = limit(scenario, tell)
        results.csv("limit.csv", finding.table())
        about = repeating(scenario, started, time.monotonic() - clock) | {"agrees": finding.agrees}
        said = [began(finding.sentence)]
        show = functools.partial(print_limit, finding)
        leave(Answer(scenario, "limit", said, show, [], about, dump_yaml(scenario)), results)
    print_limit(finding, console(sys.stdout))
    say_where(folder)
    return finding
