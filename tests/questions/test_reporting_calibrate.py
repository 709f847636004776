"""What `study=calibrate` leaves and prints; its scenario replays the export; work broken off is gone on with."""

import functools
import json
import shutil

import numpy as np
import pandas as pd
import pytest

from simulator.cli import main
from simulator.engines.lowering import draw_arrivals
from simulator.questions.registry import run_and_report
from simulator.run import simulate
from simulator.scenario.composing import load_config_file, load_scenario
from simulator.scenario.paths import value_at
from tests.drawing import undrawn
from tests.questions.made_up_exports import export, stream
from tests.questions.report_pages import checked

pytestmark = pytest.mark.usefixtures("undrawn_figures")

FREE = "ready_share", "step_days", "patience"
SMALL = ("study.fit.points=64", "study.fit.rounds=1", "study.fit.narrowed=64", "study.fit.trials=2",
         "study.fit.replications=2", "study.fit.draws=10", "study.fit.channel_leads=200", "run.threads=2")  # fmt: skip
#: Names of channels in the export, and what a scenario calls them.
TYPED = {"search": "Trade Show (new)", "social": "=Paid: Social"}
NAMED = {"search": "Trade_Show_new", "social": "Paid_Social", "mail": "mail"}
FILES = {
    "calibrated.yaml", "calibrated_leads.csv", "conclusion.txt", "config.yaml", "direct.csv", "fit.csv", "held_out.csv",
    "held_out_curves.csv", "likely.parquet", "manifest.json", "organisations.csv", "parameters.csv", "profiles.csv",
    "read.csv", "report.html", "scores.csv", "set_aside.csv",
}  # fmt: skip


@functools.cache
def _free():
    return tuple(load_scenario("replay", ["study=calibrate"]).study.fit.free)


def asked(files, *more):
    """What is typed: a replay's market and team, most parameters held."""
    held = [name for name in _free() if name not in FREE]
    return ["study=calibrate", "scenario=replay", "crm=simulator", "mechanisms.projects=false", *files, *SMALL,
            f"study.fit.hold=[{','.join(held)}]", "study.fit.weeks=3", *more]  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The overrides that name an export that the simulator made, with channels as people type them."""
    found = export(2, tmp_path_factory.mktemp("export"))[0]
    leads = pd.read_csv(path := found[0].removeprefix("crm.leads="))
    leads["channel"] = leads["channel"].replace(TYPED)
    leads.to_csv(path, index=False)
    return found


@pytest.fixture(scope="module")
def done(files, tmp_path_factory):
    """A calibration's folder, and what it printed."""
    import contextlib
    import io

    folder, out = tmp_path_factory.mktemp("done") / "run", io.StringIO()
    with contextlib.redirect_stdout(out), undrawn():
        assert main([*asked(files), f"hydra.run.dir={folder}"]) == 0
    return folder, out.getvalue()


def test_a_folder_has_all_of_it(done):
    folder, out = done
    left = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert {name for name in left if not name.startswith("figures/")} == FILES
    assert any(name.startswith("figures/") for name in left) and not (folder / "unfinished").exists()
    page = checked(folder / "report.html")
    conclusion = (folder / "conclusion.txt").read_text().splitlines()
    for sentence in conclusion:
        assert sentence in page.words() and sentence in " ".join(out.split())
    about = json.loads((folder / "manifest.json").read_text())
    assert about["leads"] == len(stream().at_us) and about["organisation"] == "relay_race"
    assert set(about["values"]) == {*FREE, "fit of Trade_Show_new", "fit of Paid_Social"} == set(about["statuses"])


def test_every_parameter_is_fitted_held_or_not_told(done):
    table = pd.read_csv(done[0] / "parameters.csv").set_index("parameter")
    assert set(table["status"]) <= {"fitted", "not identifiable", "held"}
    assert table.loc["fit of mail", "status"] == "held" and "leads, fewer than" in table.loc["fit of mail", "why"]
    assert table.loc["offer", "why"] == "held by study.fit.hold"
    moved = table[table["status"] != "held"]
    inside = moved[["prior_low", "low", "value", "high", "prior_high"]].to_numpy()
    assert (np.diff(inside, axis=1) >= 0).all()
    assert (moved["prior_low"] <= moved["best"]).all() and (moved["best"] <= moved["prior_high"]).all()


def test_held_out_leads_are_counted_once(done):
    table = pd.read_csv(done[0] / "held_out.csv")
    for _, mine in table[table["model"] == "simulator"].groupby("cutoff"):
        cells = mine[(mine["week"] != "all weeks") & (mine["channel"] != "all channels")]
        whole = mine[(mine["week"] == "all weeks") & (mine["channel"] == "all channels")].iloc[0]
        for name in ("leads", "won", "won_ever"):
            assert cells[name].sum() == whole[name]
        assert whole["predicted"] == pytest.approx(cells["predicted"].sum())


def test_its_scenario_replays_the_export_with_the_chosen_values(done, tmp_path):
    """Also when its folder has moved; keys that were fitted have the values of the table, all others the replay's."""
    folder = tmp_path / "moved"
    folder.mkdir()
    for name in ("calibrated.yaml", "calibrated_leads.csv"):
        shutil.copy(done[0] / name, folder / name)
    scenario = load_scenario(str(folder / "calibrated.yaml"))
    arrivals = draw_arrivals(scenario, 1, 0)
    assert (arrivals.at_us == stream().at_us).all() and arrivals.ids == stream().ids
    real = [NAMED[stream().channels[place]] for place in stream().channel]
    assert [arrivals.channels[place] for place in arrivals.channel] == real
    table = pd.read_csv(done[0] / "parameters.csv").set_index("parameter")
    replay = load_scenario("replay")
    for name in ("ready_share", "step_days", "fit of Trade_Show_new"):
        assert value_at(scenario, table.loc[name, "path"]) == table.loc[name, "best"]
    for segment in replay.market.segments:
        before, now = (one.market.segments[segment].patience_median_days for one in (replay, scenario))
        assert now == pytest.approx(before * table.loc["patience", "best"], rel=1e-3)
    assert scenario.organisations == replay.organisations and scenario.economics == replay.economics
    assert scenario.market.leads.enter_as == "inquiry" and "Calibrated to leads.csv" in scenario.provenance
    shares = {name: one.share for name, one in scenario.market.channels.items() if one.share}
    assert set(shares) == set(NAMED.values()), "nobody comes through a channel that the export does not have"
    text = (folder / "calibrated.yaml").read_text()
    for said in ("# Export: 900 leads", "fit of mail", "Held at the scenario's value"):
        assert said in text


def test_a_study_runs_on_its_scenario(done, tmp_path, capsys):
    typed = [f"scenario={done[0] / 'calibrated.yaml'}", "run.replications=2", f"hydra.run.dir={tmp_path / 'out'}"]
    assert main(typed) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "in another organisation than the relay race" in said and "Intervals here are over luck only" in said
    page = checked(tmp_path / "out" / "report.html").words()
    assert "Calibrated to leads.csv" in page and "published figures" not in page
    assert len(pd.read_parquet(tmp_path / "out" / "journeys.parquet")) == 3 * 2 * len(stream().at_us)


@pytest.mark.long
def test_work_that_is_broken_off_is_gone_on_with(done, files, tmp_path, capsys):
    """Killed in the middle of a row; then the same tables come out, to the last byte, as of one that was not."""
    folder, runs = tmp_path / "run", 0

    def interrupted(*given, **how):
        nonlocal runs
        runs += 1
        if runs == 40:
            raise KeyboardInterrupt
        return simulate(*given, **how)

    with pytest.raises(KeyboardInterrupt):
        run_and_report(load_scenario("replay", asked(files)[2:] + ["study=calibrate"]), folder, simulate=interrupted)
    assert "--resume" in capsys.readouterr().err
    assert [one.name for one in folder.iterdir()] == ["unfinished"]
    rows = folder / "unfinished" / "prior.rows"
    with rows.open("ab") as torn:
        torn.write(b"half a row")
    assert main(["--resume", str(folder), "run.seed=5"]) == 2  # it goes on as it was
    assert main(["--resume", str(folder)]) == 0
    for name in ("parameters.csv", "fit.csv", "organisations.csv", "scores.csv", "held_out.csv"):
        assert (folder / name).read_bytes() == (done[0] / name).read_bytes()
    assert load_config_file(folder / "config.yaml").study.fit.points == 64


#: What is typed besides -> the rule in the refusal.
REFUSED = {
    ("crm.leads=",): "crm.leads must name a file of leads",
    ("crm.deals=",): "crm.deals must name a file of deals for study=calibrate",
    ("crm.leads=nowhere.csv",): "nowhere.csv",
    ("study.fit.organisation=pods",): "study.fit.organisation must name organisations, got 'pods'",
    ("study.fit.hold=[ofer]",): "did you mean offer?",
    ("study.fit.hold=[]",): "study.fit.points must be at least 10 for each of the 21 free parameters (210)",
    ("study.fit.pionts=70",): "did you mean study.fit.points",
    ("study.fit.seconds=0.001",): "study.fit.seconds must leave time for 50 parameter sets",
    ("study.fit.cutoffs=[soon]",): "study.fit.cutoffs[0] must be a date like 2018-01-31",
    ("study.fit.cutoffs=[2030-01-01]",): "study.fit.cutoffs must leave at least 20 leads",
    ("study.fit.cutoffs=[2024-01-02]",): "study.fit.cutoffs must leave a win before them",
    ("study.fit.horizon_days=3000",): "study.fit.cutoffs must leave at least 20 leads",
    ("crm.wins_from=2031-01-01",): "crm.wins_from must lie between the first lead and the export",
    ("study.fit.seed=1",): "study.fit.seed must differ from run.seed",
    ("study.fit.free.offer.low=60",): "study.fit.free.offer.low must be below high",
    (
        "study.fit.free.follow_up.path=organisations.aligned.sales.follow_up_days",
    ): "must be organisations.fitted.sales.follow_up_days",
    ("study.fit.free.offer.path=organisations.*.handoff.sla_hours",): "as speed sets organisations apart",
    ("study.fit.free.offer.path=market.journy.step_days",): "did you mean market.journey.step_days",
}


@pytest.mark.parametrize("more", REFUSED, ids=lambda more: more[0])
def test_the_command_refuses_in_one_line(files, tmp_path, capsys, more):
    folder = tmp_path / "out"
    assert main([*asked(files), *more, f"hydra.run.dir={folder}"]) == 2
    error = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error:")]
    assert len(error) == 1 and REFUSED[more] in error[0]
    assert not folder.exists() or "--resume goes on" in error[0]
