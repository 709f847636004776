"""What `study=read_crm` leaves and prints, and that it leaves its inputs alone."""

import json
from pathlib import Path

import pandas as pd
import pytest

from simulator.cli import main
from simulator.questions.registry import run_and_report
from simulator.scenario.composing import load_config_file, load_scenario
from simulator.scenario.schema import ScenarioError
from tests.leads.made_up_crm import clean, write

pytestmark = pytest.mark.usefixtures("undrawn_figures")

DEALS = ["crm.deal_columns.id=lead", "crm.deal_columns.outcome=outcome", "crm.deal_columns.value=value"]
FILES = {
    "funnel.parquet", "stages.parquet", "read.csv", "set_aside.csv", "channels.csv", "months.csv", "conclusion.txt",
    "config.yaml", "report.html", "manifest.json", "figures/leads_and_wins.svg", "figures/leads_and_wins.png",
}  # fmt: skip


def test_a_folder_has_all_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clean(tmp_path, 120)
    with (tmp_path / "leads.csv").open("a") as stream:
        stream.write("../../escape,,never,=cmd(),,,,\n")
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    files = [f"crm.leads={tmp_path / 'leads.csv'}", f"crm.deals={tmp_path / 'deals.csv'}"]
    folder = tmp_path / "out"
    found = run_and_report(load_scenario(overrides=["study=read_crm", *files, *DEALS]), folder)
    assert {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()} == FILES
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()} == before
    leads = pd.read_parquet(folder / "funnel.parquet")
    assert leads["lead_id"].tolist() == found.funnel.leads["lead_id"].tolist() and len(leads) == 120
    aside = pd.read_csv(folder / "set_aside.csv")
    assert aside.columns.tolist() == ["file", "line", "lead_id", "reason", "text"]
    assert aside[["lead_id", "reason", "text"]].to_numpy().tolist() == [
        ["../../escape", "date cannot be read", "../../escape,,never,=cmd(),,,,"]
    ]
    read = pd.read_csv(folder / "read.csv").set_index(["part", "measure"])["count"]
    assert read["leads", "rows read"] == 121 and read["leads", "set aside: date cannot be read"] == 1
    assert read["funnel", "won"] + read["funnel", "lost"] + read["funnel", "open"] == read["leads", "kept"] == 120
    page, out = (folder / "report.html").read_text(), capsys.readouterr().out
    for text in (page, out):
        assert "What does our own CRM export hold?" in text and "n = 120 leads" in page and "is set aside" not in text
    assert "Simulated" not in page and "replications" not in page.split("<h2>How to repeat it")[0]
    assert json.loads((folder / "manifest.json").read_text())["leads"] == 120
    again = load_config_file(folder / "config.yaml")
    assert again.crm.leads == str(tmp_path / "leads.csv") and again.crm.deal_columns.value == "value"


def test_the_command_refuses_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "id;created;channel\na;2024-01-01;web\n")
    for typed, said in (
        ([], "crm.leads must name a file of leads, CSV or Parquet, for study=read_crm"),
        ([f"crm.leads={tmp_path / 'leads.csv'}"], "its fields seem to be separated by semicolons"),
        (["crm=sugar"], "unknown crm 'sugar'"),
        (["crm.lead_columns.chanel=x"], "did you mean crm.lead_columns.channel?"),
    ):
        assert main(["study=read_crm", *typed, f"hydra.run.dir={tmp_path / 'out'}"]) == 2
        error = capsys.readouterr().err
        assert said in error and len([line for line in error.splitlines() if "error" in line.lower()]) == 1, error
    assert not (tmp_path / "out").exists()


def test_mappings_are_composed_and_any_key_of_them_can_be_changed() -> None:
    plain, olist = (
        load_scenario().crm,
        load_scenario(overrides=["crm=olist", "crm.lead_columns.segment=landing_page_id"]).crm,
    )
    assert (plain.leads, plain.lead_columns.id, plain.enter_as) == ("", "id", "inquiry")
    assert (olist.lead_columns.created, olist.lead_columns.segment, olist.enter_as) == (
        "first_contact_date",
        "landing_page_id",
        "mql",
    )
    for name in ("salesforce", "hubspot", "simulator_journeys"):
        crm = load_scenario(overrides=[f"crm={name}"]).crm
        assert crm.one_file and crm.lead_columns.id == crm.deal_columns.id
    assert load_scenario(overrides=["crm=salesforce", "crm.stages.won=[Signed]"]).crm.stages.won == ["Signed"]
    with pytest.raises(ScenarioError, match=r"crm\.enter_as must be one of inquiry, mql"):
        load_scenario(overrides=["crm.enter_as=sql"])
