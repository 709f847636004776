"""A calibration: what it may touch, that it finds, that it repeats itself, and what it leaves."""

import copy
import json
from functools import cache

import pandas as pd
import pytest

from simulator.cli import main
from simulator.documents.evidence_page import BEGIN, END, block, with_block
from simulator.questions import registry
from simulator.questions.calibrate_defaults.free import free_parameters, refuse
from simulator.questions.calibrate_defaults.patterns import CHECKS, PATTERNS
from simulator.questions.calibrate_defaults.tell import (
    QUESTION,
    fitted_yaml,
    parameters_table,
    patterns_table,
    trials_table,
)
from simulator.questions.calibrate_defaults.work import Profile, calibrate_defaults
from simulator.questions.registry import STUDY_FILES, run_and_report
from simulator.run import simulate
from simulator.scenario.checked import check
from simulator.scenario.composing import load_config_file, load_scenario
from simulator.scenario.config_sources import ROOT
from simulator.scenario.free import with_values
from simulator.scenario.schema import ScenarioError
from simulator.scenario.study import Free
from tests.questions.report_pages import checked, section

pytestmark = pytest.mark.usefixtures("undrawn_figures")

SHORT = [
    "market.inquiries_per_year=800", "run.warm_up_days=30", "run.cohort_days=120", "run.follow_up_days=180",
    "run.replications=2", "market.journey.step_days=1", "market.journey.prior_knowledge=0.5",
]  # fmt: skip
KEPT = ("content_gain", "accept_threshold", "patience")


@cache
def _composed():
    return load_scenario("baseline", ["study=calibrate_defaults", *SHORT])


def short(trials=8, **settings):
    """A quick scenario with three free parameters."""
    scenario = copy.deepcopy(_composed())
    settings = {
        "trials": trials, "replications": 2, "finalists": 2, "finalist_replications": 3, "profile_points": 0, **settings
    }  # fmt: skip
    for name, value in settings.items():
        setattr(scenario.run if name == "threads" else scenario.study.calibration, name, value)
    free = scenario.study.calibration.free
    scenario.study.calibration.free = {name: free[name] for name in KEPT}
    return scenario


# --- what may be set --------------------------------------------------------------------------------------------------

#: What is wrong -> free parameters that are added or changed, and the refusal.
REFUSED_PATHS = {
    "an unknown key": (Free("market.journy.step_days"), "did you mean market.journey.step_days"),
    "a key of a mechanism": (Free("organisations.*.handoff.pickup_hours"), "a mechanism, in which .* of speed"),
    "one organisation": (Free("organisations.aligned.sales.attempts"), r"must be organisations\.\*\.sales\.attempts"),
    "a word": (Free("organisations.*.description"), "must be the key of a number"),
    "a switch": (Free("organisations.*.calendar.always_on"), "must be the key of a number"),
    "a group of keys": (Free("market.journey"), "must be a key of the scenario"),
    "names that are not there": (Free("organisations.*.teams.*.reps"), "must be a key of the scenario"),
    "no part of the model": (Free("run.cohort_days"), r"must be a key below market or organisations\.\*"),
    "nothing": (Free(), r"must be a key below market or organisations\.\*"),
    "beyond the schema": (Free("market.trust.initial", 0.1, 1.5), "keep market.trust.initial at most 1, got 1.5"),
    "a factor beyond it": (Free("market.segments.*.deal_value_sigma", 1, 10), "at most 3, got 5"),
    "a factor of whole numbers": (Free("market.channels.*.shares", 1, 2), "must be a key of the scenario"),
    "an empty range": (Free("market.trust.initial", 0.9, 0.9), r"low must be below high 0\.9, got 0\.9"),
    "without the present value": (Free("market.trust.initial", 0.95, 0.99), "must hold the present value 0"),
    "without the present factor": (Free("market.segments.*.deal_value_sigma", 1.5, 2), "hold the present factor 1 "),
    "a logarithm of nothing": (Free("market.trust.initial", 0, 0.9, True), "above 0 on a logarithmic scale, got 0"),
    "a factor of nothing": (Free("market.segments.*.deal_value_sigma", 0, 2), "above 0, as a factor, got 0"),
    "half an attempt": (Free("organisations.*.sales.attempts", 1.5, 4), "must have whole numbers as low and high"),
    "one key twice": (
        Free("market.segments.small.patience_median_days", 1, 3000),
        "must not set market.segments.small.patience_median_days, which patience sets",
    ),
}


@pytest.mark.parametrize("case", REFUSED_PATHS)
def test_what_may_not_be_fitted_is_refused(case):
    free, message = REFUSED_PATHS[case]
    scenario = short()
    scenario.study.calibration.free["mine"] = free
    with pytest.raises(ScenarioError, match=rf"^study\.calibration\.free\.mine[. ].*{message}") as refused:
        refuse(scenario)
    assert "\n" not in str(refused.value)
    scenario.study.name = "compare"
    registry.refuse(check(scenario))


def test_what_organisations_set_apart_is_not_fitted():
    scenario = short()
    for name, value in (("relay_race", 0.75), ("aligned", 0.9), ("integrated", 0.75)):
        scenario.organisations[name].sales.accept_threshold = value
    with pytest.raises(ScenarioError, match=r"that all organisations set alike, got .*: 0\.75, 0\.9, 0\.75"):
        refuse(scenario)


def test_a_search_needs_parameters_and_seeds_of_its_own():
    with pytest.raises(ScenarioError, match=r"must differ from run\.seed"):
        refuse(short(seed=1))
    with pytest.raises(ScenarioError, match="one of relay_race, aligned, integrated, got 'pods'"):
        refuse(short(organisation="pods"))
    with pytest.raises(ScenarioError, match="at least one parameter to search"):
        refuse(short_without_free())
    refuse(short(trials=0, seed=1))


def short_without_free():
    scenario = short()
    scenario.study.calibration.free = {}
    return scenario


def test_a_limit_is_not_calibrated():
    with pytest.raises(ScenarioError, match="limit must be empty for a calibration, got 'null'"):
        load_scenario("limits/null", ["study=calibrate_defaults"])


def test_the_command_line_refuses_in_one_line(capsys):
    assert main(["study=calibrate_defaults", "study.calibration.free.patience.path=market.reach"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_shipped_study_composes_and_is_changed_by_a_key_or_left_without_one():
    named = "study.calibration.free"
    scenario = load_scenario(
        "baseline", ["study=calibrate_defaults", f"{named}.patience.low=0.9", f"~{named}.step_days"]
    )
    free = {parameter.name: parameter for parameter in free_parameters(scenario)}
    assert free["patience"].low == 0.9 and free["patience"].factor and len(free["patience"].targets) == 3
    assert "step_days" not in free and len(free) > 10


def test_values_are_set_and_the_scenario_is_left_as_it_is():
    scenario = short()
    scenario.study.calibration.free["attempts"] = Free("organisations.*.sales.attempts", 1, 6)
    free, before = free_parameters(scenario), copy.deepcopy(scenario)
    values = {"attempts": 5.0, "content_gain": 0.5, "accept_threshold": 0.61, "patience": 1.5}
    changed = with_values(check(scenario), free, values)
    assert scenario == before and changed.study.name == "compare" and changed.market.journey.content_gain == 0.5
    assert {o.sales.accept_threshold for o in changed.organisations.values()} == {0.61}
    attempts = [o.sales.attempts for o in changed.organisations.values()]
    assert attempts == [5, 5, 5] and all(isinstance(value, int) for value in attempts)
    for name, segment in scenario.market.segments.items():
        own = segment.patience_median_days
        assert changed.market.segments[name].patience_median_days == pytest.approx(1.5 * own, rel=1e-3)
    same = with_values(check(scenario), free, {parameter.name: parameter.default for parameter in free})
    assert same.with_({"study": scenario.study}) == scenario


# --- the search -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def displaced():
    """A start far from the published figures, and what the search makes of it."""
    scenario = short(trials=24, profile_points=3)
    scenario.market.journey.content_gain = 0.3
    for organisation in scenario.organisations.values():
        organisation.sales.accept_threshold = 1.05
    return scenario, calibrate_defaults(scenario)


def test_a_displaced_start_is_recovered(displaced):
    _, found = displaced
    first, best = found.trials[0], found.best
    assert first.values == {"content_gain": 0.3, "accept_threshold": 1.05, "patience": 1.0}
    assert best.distance < 0.5 * first.distance
    assert found.found.distance < 0.5 * found.defaults.distance  # on other seeds
    assert found.sets == {"defaults": found.defaults, "found": found.found}


def test_the_best_of_the_finalists_is_taken(displaced):
    _, found = displaced
    again = [trial for trial in found.trials if trial.again is not None]
    assert len(again) == 2 and found.best.again == min(trial.again for trial in again)
    assert {t.number for t in again} == {t.number for t in sorted(found.trials, key=lambda t: t.distance)[:2]}


def test_profiles_hold_the_best_value(displaced):
    scenario, found = displaced
    for free in free_parameters(scenario):
        profile = found.profiles[free.name]
        assert free.low <= profile.low <= found.values[free.name] <= profile.high <= free.high
        assert dict(profile.points)[found.values[free.name]] == found.best.distance
        assert {free.low, free.high} <= {value for value, _ in profile.points}


def test_the_same_seed_gives_the_same_trials_on_any_number_of_threads():
    one, two = (calibrate_defaults(short(threads=threads)) for threads in (1, 2))
    for table in (trials_table, patterns_table, parameters_table):
        pd.testing.assert_frame_equal(table(one), table(two))
    other = calibrate_defaults(short(seed=8))
    assert other.trials[0].values == one.trials[0].values and other.trials[-1].values != one.trials[-1].values


def test_every_set_meets_the_same_buyers():
    met = []

    def watched(scenario, organisation, **how):
        met.append((organisation, how["seed"], how["replication"]))
        return simulate(scenario, organisation, **how)

    calibrate_defaults(short(threads=1, trials=3), simulate=watched)
    of_the_search = [("relay_race", 20_001, r) for r in (0, 1)] * 3 + [("relay_race", 20_001, r) for r in (0, 1, 2)] * 2
    assert met == [
        ("relay_race", 1, 0),
        ("relay_race", 1, 1),
        *of_the_search,
        ("relay_race", 1, 0),
        ("relay_race", 1, 1),
    ]


def test_contradicting_values_are_passed_over():
    scenario = short(trials=14)
    scenario.market.trust.verification_high = 0.3
    scenario.study.calibration.free["content_gain"] = Free("market.trust.verification_low", 0.1, 1)
    found = calibrate_defaults(scenario)
    refused = [trial for trial in found.trials if not trial.estimates]
    assert refused and all(trial.values["content_gain"] > 0.3 for trial in refused)
    assert found.values["content_gain"] <= 0.3
    assert trials_table(found)["distance"].isna().sum() == len(refused)


def test_without_trials_the_present_values_are_reported():
    found = calibrate_defaults(short(trials=0))
    assert found.found is None and found.trials == () and found.values == {}
    assert set(patterns_table(found)["values"]) == {"defaults"}
    assert "Nothing was searched" in QUESTION.conclusion(found)[1]


@pytest.mark.parametrize(("runs", "trials"), [(2 + 2 * 3, 3), (2 + 2 * 8 + 3, 8)], ids=["search", "finalists"])
def test_an_interrupted_search_reports_its_best(runs, trials):
    found = calibrate_defaults(short(threads=1), simulate=interrupted_after(runs, once=True))
    assert found.interrupted and len(found.trials) == trials and found.profiles == {}
    assert found.found is not None and found.best in found.trials


def test_an_interruption_before_the_first_trial_ends_it(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run_and_report(short(threads=1), tmp_path / "run", simulate=interrupted_after(3))
    assert not (tmp_path / "run").exists()


def interrupted_after(count, once=False):
    done = []

    def run(scenario, organisation, **how):
        done.append(how)
        if len(done) == count + 1 or (len(done) > count and not once):
            raise KeyboardInterrupt
        return simulate(scenario, organisation, **how)

    return run


# --- what it leaves ---------------------------------------------------------------------------------------------------


def test_the_folder_is_complete(tmp_path, capsys):
    scenario = short(trials=4, profile_points=2)
    found = run_and_report(scenario, tmp_path / "run")
    files = {path.relative_to(tmp_path / "run").as_posix() for path in (tmp_path / "run").rglob("*") if path.is_file()}
    assert files == {*QUESTION.files, *STUDY_FILES, "figures/patterns.svg", "figures/patterns.png"}
    assert load_config_file(tmp_path / "run" / "config.yaml") == scenario
    about = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert about["organisation"] == "relay_race" and about["trials"] == 4 and not about["interrupted"]
    assert about["distance"] == {"defaults": found.defaults.distance, "found": found.found.distance}
    for name, table in (("patterns", patterns_table), ("parameters", parameters_table), ("trials", trials_table)):
        read = pd.read_csv(tmp_path / "run" / f"{name}.csv")
        assert list(read.columns) == list(table(found).columns) and len(read) == len(table(found))
    page = checked(tmp_path / "run" / "report.html")
    assert len(page.all("svg")) == 1 and len(section(page, "numbers").all("table")) == 3
    printed = capsys.readouterr()
    assert "published figures on runs that were not searched" in " ".join(printed.out.split())
    assert "of 12 parameter sets" in printed.err


def test_what_was_found_is_a_scenario(tmp_path):
    scenario = short(trials=4)
    found = calibrate_defaults(scenario)
    (tmp_path / "fitted.yaml").write_text(fitted_yaml(found))
    fitted = load_scenario("fitted", SHORT, config_dir=tmp_path)
    expected = with_values(check(scenario), found.free, found.values)
    assert (fitted.market, fitted.organisations) == (expected.market, expected.organisations)
    assert fitted.question == scenario.question


def test_two_plain_sentences(displaced):
    _, found = displaced
    met, _ = QUESTION.conclusion(found)
    assert met.startswith("With the values found the relay race meets ") and met.count(".") == 1
    flat = Profile([(0.0, 1.0), (1.0, 1.0)], 0.0, 1.0, True)
    _, loose = QUESTION.conclusion(type(found)(**{**vars(found), "profiles": {"patience": flat}}))
    assert "1 of 1 free parameters may lie anywhere in their ranges" in loose


# --- docs/evidence.md -------------------------------------------------------------------------------------------------


def test_the_page_lists_every_figure_with_its_source():
    made = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    for pattern in (*PATTERNS, *CHECKS):
        row = next((line for line in made.splitlines() if line.startswith(f"| {pattern.metric.label} |")), None)
        assert row, f"{pattern.key}: run `make evidence`"
        assert f"| {pattern.source} | {pattern.sureness} |" in row


def test_the_page_shows_what_the_model_gives_now():
    """Twenty replications: a change of the model that moves a published figure has to make the page anew."""
    found = calibrate_defaults(load_scenario("baseline", ["study=calibrate_defaults", "study.calibration.trials=0"]))
    page = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    assert page == with_block(page, block(patterns_table(found))), "run `make evidence`"


def test_only_the_generated_part_of_the_page_is_replaced(displaced):
    _, found = displaced
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    made = block(patterns_table(found))
    assert with_block(page, made) == f"before\n{BEGIN}\n\n{made}\n\n{END}\nafter\n"
    assert with_block(with_block(page, "x"), made) == with_block(page, made)
    assert all(line.count("|") == 9 for line in made.split("\n\n")[0].splitlines())
    with pytest.raises(ScenarioError, match="must hold the marks"):
        with_block("no marks", made)


def test_numbers_survive_the_csv(displaced, tmp_path):
    _, found = displaced
    table = patterns_table(found)
    table.to_csv(tmp_path / "patterns.csv", index=False)
    read = pd.read_csv(tmp_path / "patterns.csv").fillna({"verdict": ""})
    assert block(read) == block(table)
