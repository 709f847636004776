"""The table that a limit ends with: theory beside simulation."""

import math

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator.questions.frame.numbers import NOTHING, words
from simulator.questions.limits.finding import BY_CHANCE, Finding, Row

_VERDICTS = {True: Text("yes", style="green"), False: Text("NO", style="bold red"), None: Text(NOTHING)}


def print_limit(finding: Finding, console: Console) -> None:
    """Print the question, the table, what it shows, and what the reader must know."""
    scenario = finding.scenario
    console.print(Text(f"{scenario.name}: {scenario.question}".removesuffix(": "), style="bold"))
    console.print(_table(finding))
    console.print(Text(f"\n{finding.sentence}"))
    for note in finding.notes:
        console.print(Text(f"Note: {note}.", style="yellow"))
    console.print(Text(_caption(finding), style="dim"))


def _table(finding: Finding) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("organisation", "quantity", "unit"):
        table.add_column(name)
    for name in ("theory", "simulated", "apart", "allowed", "agrees"):
        table.add_column(name, justify="left" if name == "simulated" else "right", no_wrap=True)
    before = ""
    for row in finding.rows:
        name = "" if row.organisation == before else words(row.organisation)
        before = row.organisation
        apart, allowed = (_short(abs(row.simulated - row.theory)), _short(row.bound))
        theory, simulated = _values(row)
        table.add_row(name, row.quantity, row.unit, theory, simulated, apart, allowed, _VERDICTS[row.agrees])
    return table


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
