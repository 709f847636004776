"""The study of the guide, written out and run as the guide says: three files, two lines and its YAML."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from simulator.scenario.config_sources import CONF, ROOT

#: What the guide has a contributor put into the schema.
_FIELD = "    waits: WaitsSettings = field(default_factory=WaitsSettings)"
_SMALL = [
    "study=waits", "compare.organisations=[relay_race,integrated]", "run.engine=reference", "run.replications=2",
    "run.warm_up_days=0", "run.cohort_days=10", "run.follow_up_days=20", "run.threads=1",
    "market.inquiries_per_year=1500",
]  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the package with the study of the guide in it."""
    home = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "simulator", home / "simulator", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in (CONF, ROOT / "scenarios"):
        shutil.copytree(folder, home / folder.relative_to(ROOT))
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```(?:python|yaml)\n# ((?:simulator|conf)/\S*waits\S*)\n(.*?)```", guide, re.DOTALL)
    assert [Path(name).name for name, _ in blocks] == ["settings.py", "waits.yaml", "work.py", "tell.py"]
    for name, text in blocks:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
    (home / "simulator/questions/waits/__init__.py").touch()
    schema = home / "simulator/scenario/study.py"
    text = schema.read_text(encoding="utf-8")
    assert _FIELD.strip() in guide
    text = f"{text.rstrip()}\n{_FIELD}\n"
    text = text.replace("from simulator.scenario.free", "from simulator.questions.waits.settings import WaitsSettings\n"
                        "from simulator.scenario.free", 1)  # fmt: skip
    schema.write_text(text, encoding="utf-8")
    return home


def run(house, *typed):
    # plain Python: the copy would compile everything anew
    environment = os.environ | {"PYTHONPATH": str(house), "COLUMNS": "120", "NUMBA_DISABLE_JIT": "1"}
    return subprocess.run([sys.executable, "-m", "simulator", *typed], cwd=house, env=environment, capture_output=True,
                          text=True, timeout=120)  # fmt: skip


def test_it_runs_and_leaves_what_every_study_leaves(house):
    done = run(house, *_SMALL, "hydra.run.dir=out")
    assert done.returncode == 0, done.stderr
    out = house / "out"
    assert {path.name for path in out.iterdir()} == {
        "waits.csv", "conclusion.txt", "config.yaml", "manifest.json", "report.html",
    }  # fmt: skip
    table = pd.read_csv(out / "waits.csv")
    assert list(table.columns) == ["organisation", "unit", "wait", "ci_low", "ci_high"]
    said = (out / "conclusion.txt").read_text(encoding="utf-8").strip()
    assert said in " ".join(done.stdout.split()) and said in (out / "report.html").read_text(encoding="utf-8")
    for wait in table["wait"]:
        assert f"{wait:.1f}" in done.stdout or f"{wait:.2f}" in done.stdout or f"{wait:.0f}" in done.stdout


def test_what_cannot_be_asked_is_refused_in_one_line(house):
    done = run(house, "study=waits", "study.waits.metric=response_medain")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("error: study.waits.metric must name metrics") and "response_median?" in done.stderr
