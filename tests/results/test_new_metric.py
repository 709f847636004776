"""A metric is one entry: the patch of CONTRIBUTING.md, applied to a copy of the package, is all that it takes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
FILE = "simulator/results/metrics.py"
KEY, LABEL = "inquiries_recycled", "inquiries nurtured again"

#: Small enough for plain Python.
TINY = ["organisation=[relay_race,integrated]", "run.engine=reference", "run.warm_up_days=0", "run.cohort_days=60",
        "run.follow_up_days=60", "run.replications=2", "run.threads=1", "market.inquiries_per_year=100",
        "run.record=journeys", "compare.equal_payroll=false"]  # fmt: skip

_RUN = """
import sys
from matplotlib.figure import Figure
from simulator.cli import main
Figure.savefig = lambda figure, file, **how: open(file, "w").write("<svg/>")  # drawing takes its time
from simulator.documents.reference import metrics_page
print(metrics_page() + "=====")
sys.exit(main(sys.argv[1:]))
"""


def patch() -> tuple[str, str]:
    """The lines before and after, of the only patch that CONTRIBUTING.md has for the registry."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"^```diff\n--- {re.escape(FILE)}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    lines = block.splitlines(keepends=True)
    old, new = ("".join(line[1:] for line in lines if line[0] in ends) for ends in (" -", " +"))
    return old, new


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What a comparison with the patched copy prints, after the documents' page; and its folder."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "simulator", copy / "simulator", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("conf", "scenarios", "docs"):
        (copy / name).symlink_to(ROOT / name)
    old, new = patch()
    text = (copy / FILE).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"CONTRIBUTING.md does not meet {FILE}: {old}"
    (copy / FILE).write_text(text.replace(old, new), encoding="utf-8")
    settings = {**os.environ, "PYTHONPATH": str(copy), "NUMBA_DISABLE_JIT": "1", "COLUMNS": "140"}
    ran = subprocess.run([sys.executable, "-c", _RUN, *TINY, f"hydra.run.dir={copy}/out"], cwd=copy, env=settings,
                         capture_output=True, text=True)  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout, copy / "out"


def test_a_new_metric_is_in_every_table_the_documents_and_the_report(answered: tuple[str, Path]) -> None:
    said, folder = answered
    page, table = said.split("=====")
    assert f"| `{KEY}` | share | inquiries sent back to nurture | inquiries | cohort | lower | Inquiries that" in page
    assert LABEL in table
    for name in ("metrics", "comparisons", "replications"):
        csv = pd.read_csv(folder / f"{name}.csv")
        rows = csv[csv["metric"] == KEY]
        assert len(rows) > 0 and rows["unit"].eq("share").all(), name
    estimates = pd.read_csv(folder / "metrics.csv").set_index("metric").loc[KEY, "estimate"]
    assert ((estimates >= 0) & (estimates <= 1)).all()
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert LABEL in report and "inquiries sent back to nurture / inquiries" in report


def test_the_number_is_that_of_the_journeys(answered: tuple[str, Path]) -> None:
    journeys = pd.read_parquet(answered[1] / "journeys.parquet")
    inquired = journeys[journeys["in_cohort"] & journeys["inquiry_at"].notna()]
    expected = inquired.groupby("organisation", observed=True)["recycled"].agg(lambda times: (times > 0).mean())
    found = pd.read_csv(answered[1] / "metrics.csv").query("metric == @KEY").set_index("organisation")["estimate"]
    assert found.to_dict() == pytest.approx(expected.to_dict()) and found.max() > 0
