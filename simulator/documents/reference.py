"""Documents made from the code (``make docs``): every parameter, every mechanism's keys, every metric.

``model.md`` and the mechanisms' pages are written by hand, but for the tables of parameters between their marks.
"""

import re
import sys
from pathlib import Path

from simulator.documents.cells import row, value_range
from simulator.documents.mechanism_pages import pages
from simulator.results.metrics import as_markdown
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import default_at, described

_MADE_BY = "<!-- made by `make docs`; do not edit -->\n"
_DOCS = Path(__file__).parents[2] / "docs"

#: A table of the parameters of some sections, or single ones, in a page written by hand.
_TABLE = re.compile(r"(<!-- parameters: (.*?) -->\n).*?(<!-- end of parameters -->)", re.DOTALL)


def parameters_page() -> str:
    """All parameters with default, unit, range, meaning and source, by section of the scenario."""
    lines = [
        _MADE_BY,
        "# Parameters\n",
        "From the schema in `simulator/scenario/`; organisations and scenarios override these defaults.",
    ]
    section = ""
    for path, field in described(Scenario):
        here = path.rsplit(".", 1)[0] if "." in path else "scenario"
        if here != section:
            section = here
            lines += [
                f"\n## {section}\n",
                "| key | default | unit | range | meaning | source |",
                "| --- | --- | --- | --- | --- | --- |",
            ]
        name = path.rsplit(".", 1)[-1]
        meta = field.metadata
        cells = [f"`{name}`", _default(path), meta["unit"], value_range(meta), meta["doc"], meta["source"]]
        lines.append(row(cells))
    return "\n".join(lines) + "\n"


def metrics_page() -> str:
    """The registry of metrics."""
    return f"{_MADE_BY}\n# Metrics\n\nFrom the registry in `simulator/results/metrics.py`.\n\n{as_markdown()}\n"


def model_page() -> str:
    """The model's description, its tables of parameters made anew."""
    return _TABLE.sub(_table, (_DOCS / "model.md").read_text(encoding="utf-8"))


def _table(marks: "re.Match[str]") -> str:
    wanted = marks[2].split()
    rows = [
        f"| `{path}` | {_default(path)} | {meta['unit']} | {value_range(meta)} | {meta['doc']} | {meta['source']} |"
        for path, field in described(Scenario)
        if any(path == one or path.rsplit(".", 1)[0] == one for one in wanted)
        for meta in [field.metadata]
    ]
    head = ["| key | default | unit | range | meaning | source |", "| --- | --- | --- | --- | --- | --- |"]
    return marks[1] + "\n".join(["", *head, *rows, "", ""]) + marks[3]


def _default(path: str) -> str:
    value = default_at(Scenario, path)
    return f"`{value}`" if value not in ("", [], {}) else "(empty)"


PAGES = {
    "parameters.md": parameters_page,
    **pages(),
    "metrics.md": metrics_page,
    "model.md": model_page,
}


def main(folder: str = "docs") -> None:
    """Write the pages into ``folder``."""
    for name, page in PAGES.items():
        Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
        Path(folder, name).write_text(page(), encoding="utf-8")
        print(f"wrote {Path(folder, name)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
