"""The generated part of ``docs/evidence.md`` (``make evidence``): published figures beside the model's."""

import sys
from pathlib import Path

import pandas as pd

from simulator.questions.calibrate_defaults.tell import Line, lines
from simulator.questions.frame.numbers import NOTHING
from simulator.scenario.schema import ScenarioError

BEGIN, END = "<!-- begin: made by `make evidence`; do not edit -->", "<!-- end: made by `make evidence` -->"

_HEAD = "| {} | target | met within | model | | how it is computed | source | |"
_CHECK_HEAD = "| {} | target | model | how it is computed | source | |"


def block(patterns: pd.DataFrame) -> str:
    """Both tables in Markdown, from the ``patterns.csv`` of a calibration; the last set of values is shown."""
    fitted = [_row(line, True) for line in lines(patterns, "pattern")]
    checks = [_row(line, False) for line in lines(patterns, "check")]
    parts = [
        [_HEAD.format("published figure"), "| --- " * 8 + "|", *fitted],
        [_CHECK_HEAD.format("beside it, not fitted"), "| --- " * 6 + "|", *checks],
    ]
    return "\n\n".join("\n".join(part) for part in parts)


def with_block(page: str, made: str) -> str:
    """The page with what lies between its two marks replaced."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ScenarioError(f"the page must hold the marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{made}\n\n{END}{after}"


def _row(line: Line, fitted: bool) -> str:
    estimate, half, verdict = list(line.cells.values())[-1]
    about = list(line.rows.values())[-1]
    unit = line.unit if line.unit == "%" else f" {line.unit}".rstrip()
    model = f"{estimate}{unit} ± {half}" if half != NOTHING else estimate
    cells = [line.label, f"{line.target}{unit}"]
    if fitted:
        cells += [f"{line.band}{unit}", model, f"**{verdict}**" if verdict != "met" else verdict]
    else:
        cells.append(model)
    cells += [f"{about.numerator} / {about.denominator}", about.source, about.sureness]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main(patterns: str, page: str) -> None:
    """Replace the generated part of a page by that of a ``patterns.csv``."""
    table = pd.read_csv(patterns).fillna({"verdict": ""})
    Path(page).write_text(with_block(Path(page).read_text(encoding="utf-8"), block(table)), encoding="utf-8")
    print(f"wrote {page}")


if __name__ == "__main__":
    main(*sys.argv[1:])
