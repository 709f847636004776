"""What a limit tells: theory beside simulation."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simulator.questions.frame.blocks import Block, Column, Passage, Table, caption, note, text
from simulator.questions.frame.numbers import NOTHING, began, words
from simulator.questions.frame.question import Asked, Question
from simulator.questions.limits.finding import BY_CHANCE, Finding, Row

if TYPE_CHECKING:
    import pandas as pd

_VERDICTS = {True: text("yes", "better"), False: text("NO", "strong worse"), None: text(NOTHING)}


class LimitQuestion(Question[Finding]):
    """Does the simulation come to what theory says?"""

    study = "limit"
    files = ("limit.csv",)
    tells_conclusion = True

    def work(self, asked: Asked) -> Finding:
        from simulator.questions.limits.registry import limit  # compiles: only when it is needed

        return limit(asked.scenario, asked.tell)

    def tables(self, finding: Finding) -> "Mapping[str, pd.DataFrame]":
        return {"limit.csv": finding.table()}

    def told(self, finding: Finding) -> list[Block]:
        notes = map(note, finding.notes)
        return [_rows(finding), Passage(finding.sentence, apart=True), *notes, caption(_caption(finding))]

    def conclusion(self, finding: Finding) -> list[str]:
        return [began(finding.sentence)]

    def facts(self, finding: Finding) -> Mapping[str, Any]:
        return {"agrees": finding.agrees}


QUESTION = LimitQuestion()


def _rows(finding: Finding) -> Table:
    rows = finding.rows
    names = [words(row.organisation) for row in rows]
    shown = ["" if name == before else name for name, before in zip(names, ["", *names], strict=False)]
    values = [_values(row) for row in rows]
    return Table([
        Column("organisation", shown, wraps=True),
        Column("quantity", [row.quantity for row in rows], wraps=True),
        Column("unit", [row.unit for row in rows], wraps=True),
        Column("theory", [theory for theory, _ in values], right=True),
        Column("simulated", [simulated for _, simulated in values]),
        Column("apart", [_short(abs(row.simulated - row.theory)) for row in rows], right=True),
        Column("allowed", [_short(row.bound) for row in rows], right=True),
        Column("agrees", [_VERDICTS[row.agrees] for row in rows], right=True),
    ])  # fmt: skip


def _values(row: Row) -> tuple[str, str]:
    """Theory and simulation with digits that the interval supports: two significant ones of its half width."""
    half = (row.ci_high - row.ci_low) / 2 if row.is_estimate else math.nan
    decimals = 4
    if half > 0:
        decimals = min(max(1 - math.floor(math.log10(half)), 0), 8)
    elif all(value == int(value) for value in (row.theory, row.simulated) if math.isfinite(value)):
        decimals = 0
    theory, simulated = (
        f"{value:,.{decimals}f}" if math.isfinite(value) else str(value) for value in (row.theory, row.simulated)
    )
    return theory, f"{simulated} ±{half:,.{decimals}f}" if half >= 0 else simulated


def _short(value: float) -> str:
    return f"{value:.2g}" if math.isfinite(value) else NOTHING


def _caption(finding: Finding) -> str:
    run = finding.scenario.run
    plural = "s" if run.replications > 1 else ""
    said = f"{run.replications:,} replication{plural} (seed {run.seed}, {run.engine} engine)."
    if any(row.is_estimate for row in finding.rows):
        said += (
            f" ±: 95% intervals over replications. Allowed: what chance alone exceeds once in {1 / BY_CHANCE:,.0f} "
            "rows, and for a share no less than 3 in the number of buyers."
        )
    elif any(row.bound > 0 for row in finding.rows):
        said += " Nothing is estimated: allowed is what rounding leaves."
    else:
        said += " Nothing is estimated: every count must be equal."
    return said
