"""A sensitivity analysis of gaps that are known functions of the assumptions."""

import dataclasses

import numpy as np
import pytest

from simulator.questions.registry import refuse as refuse_any
from simulator.questions.sensitivity.tell import QUESTION
from simulator.questions.sensitivity.work import examine, refuse
from simulator.scenario.checked import check
from simulator.scenario.composing import load_scenario
from simulator.scenario.schema import ScenarioError
from tests.questions.known_gaps import CLASHES, DOUBT, TRUST, asking, known, never, unit_ranges, with_twin

pytestmark = pytest.mark.usefixtures("ready_summaries")

FREE = unit_ranges(trust=TRUST, doubt=DOUBT, clashes_of_challenger=CLASHES)


def linear(scenario, replication):
    """2,000 by trust, -1,000 by the challenger's clashes, nothing by doubt."""
    clashes = scenario.organisations["integrated"].consistency.contradiction_chance
    return 2000 * scenario.market.trust.initial - 1000 * clashes


def product(scenario, replication):
    return 10_000 * (scenario.market.trust.initial - 0.5) * (scenario.market.trust.contradiction_cost - 0.5)


def asked(free=FREE, **settings):
    scenario = asking("sensitivity", free)
    for key, value in {"trajectories": 6, "sobol_points": 16, **settings}.items():
        setattr(scenario.study.sensitivity, key, value)
    return scenario


def test_effects_of_a_linear_gap_are_its_slopes():
    found = examine(asked(), simulate=known(linear))
    table = found.table("morris").set_index("parameter")
    assert list(table["mu"]) == pytest.approx([2000, 0, -1000], abs=1)  # values are run with four digits
    assert list(table["mu_star"]) == pytest.approx([2000, 0, 1000], abs=1) and table.loc["doubt", "mu_star"] == 0
    assert (table["mu_star_ci_high"] - table["mu_star_ci_low"]).max() < 1 and table["mu_star_of_luck"].max() < 1e-6
    assert set(table["unit"]) == {"usd"} and set(table["points"]) == {24}
    assert list(table["present"]) == [0.5] * 3


def test_sobol_shares_of_a_linear_gap():
    found = examine(asked(method="sobol", sobol_points=64), simulate=known(linear))
    table = found.table("sobol").set_index("parameter")
    assert list(table["first"]) == pytest.approx([0.8, 0, 0.2], abs=0.05)  # variances 4 and 1
    assert list(table["total"]) == pytest.approx([0.8, 0, 0.2], abs=0.05) and table.loc["doubt", "total"] == 0


def test_both_methods_see_an_interaction():
    found = examine(asked(method="both", sobol_points=64, trajectories=20), simulate=known(product))
    morris, sobol = (found.table(method).set_index("parameter") for method in ("morris", "sobol"))
    assert (morris.loc[["trust", "doubt"], "sigma"] > 2000).all() and morris.loc[
        "clashes_of_challenger", "mu_star"
    ] == 0
    assert list(sobol["first"]) == pytest.approx([0, 0, 0], abs=0.15)
    assert list(sobol["total"]) == pytest.approx([1, 1, 0], abs=0.2)
    assert list(found.designs) == ["morris", "sobol"] and len(found.designs["sobol"]) == 64 * 5


def test_shares_of_points_that_win():
    found = examine(asked(method="sobol", sobol_points=64), simulate=known(linear))
    one = found.examined[0]
    # 2 t > c with both uniform: 3/4 of the square
    assert one.wins.low < 0.75 < one.wins.high and one.wins.value == pytest.approx(0.75, abs=0.03)
    assert one.sure_wins.value == one.wins.value, "no luck: each one is sure"
    assert one.luck == pytest.approx(0, abs=1e-12) and one.wins.count == 320


def test_luck_is_told():
    def lucky(scenario, replication):  # luck of a replication alone, and luck that hangs on trust
        return (
            linear(scenario, replication)
            + [0, 9000][replication]
            + [0, 2000][replication] * scenario.market.trust.initial
        )

    one = examine(asked(method="sobol", sobol_points=64), simulate=known(lucky)).examined[0]
    # variances, in units of 1000^2 / 12: trust (2 + 1)^2, clashes 1; luck of the mean of two slopes that are 2 apart: 1
    assert one.luck == pytest.approx(1 / 10, abs=0.01)


def test_the_points():
    found = examine(asked(trajectories=2), simulate=known(linear))
    table = found.points()
    assert list(table["design"]) == ["present"] + ["morris"] * 8
    by_hand = 2000 * table["trust"] - 1000 * table["clashes_of_challenger"]
    assert table["gap"].to_numpy() == pytest.approx(by_hand.to_numpy(), abs=0.01)
    assert table.loc[0, "gap"] == pytest.approx(500) and set(table["replications"]) == {2}


def test_the_same_seeds_give_the_same_bytes():
    tables = [examine(asked(trajectories=2), simulate=known(product)).table("morris").to_csv() for _ in range(2)]
    assert tables[0] == tables[1]


def test_a_gap_to_itself_has_no_sensitivity():
    free = unit_ranges(trust=TRUST, doubt=DOUBT)
    found = examine(with_twin(asked(free, method="both", trajectories=2, sobol_points=4)), simulate=known(product))
    assert (found.table("morris")[["mu", "mu_star", "sigma"]] == 0).all(axis=None)
    assert found.table("sobol")["first"].isna().all() and (found.points()["gap"] == 0).all()
    assert "its variance cannot be taken apart" in QUESTION.conclusion(found)[0]


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (linear, "which of them is ahead hangs on these assumptions"),
        (lambda s, n: 5000 + linear(s, n), "its lead does not hang on them as far as this can tell"),
        (lambda s, n: -5000 + linear(s, n), "its lag does not hang on them as far as this can tell"),
        (lambda s, n: linear(s, n) + [-9e5, 9e5][n], "more replications would have to tell"),
    ],
)
def test_the_conclusion(gap, said):
    first, second = QUESTION.conclusion(examine(asked(), simulate=known(gap)))
    assert second.endswith(f"{said}.")
    assert "what moves it most, across its range, is trust (by 2" in first and "raising it helps" in first
    assert "then clashes of integrated (1" in first and "raising it hurts" in first


def test_few_walks_do_not_tell_that_the_sign_does_not_hang():
    one = examine(asked(trajectories=2), simulate=known(linear)).examined[0]
    assert one.sure_losses.low <= 0.025 < one.sure_losses.value, "seen, but in two walks only"
    said = QUESTION.conclusion(examine(asked(trajectories=2), simulate=known(linear)))[1]
    assert said.endswith("which of them is ahead may hang on these assumptions, and more points would tell.")


def test_the_shipped_list_of_assumptions_fits_the_shipped_scenarios():
    for name in ("baseline", "transactional", "enterprise"):
        refuse_any(load_scenario(name, ["study=sensitivity", "study.sensitivity.trajectories=2"]))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"metrics": ["nets"]}, "study.sensitivity.metrics must name metrics, got 'nets': did you mean net"),
        ({"metrics": ["journey_before_rep"]}, "study.sensitivity.metrics must name metrics of which more or less is "
         "better, got journey_before_rep"),
        ({"levels": 5}, "study.sensitivity.levels must be even, got 5"),
        ({"sobol_points": 48}, "study.sensitivity.sobol_points must be a power of two, got 48"),
        ({"challenger": "pods"}, "study.sensitivity.challenger must name compared organisations, got 'pods'"),
        ({"free": {}}, "study.sensitivity.free must name at least one assumption to move, got none"),
        ({"free": unit_ranges(checks="market.trust.verification_low")}, "study.sensitivity.free at checks 1: market."
         "trust.verification_low must be at most verification_high 0.8, got 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_examined_is_refused(settings, message):
    scenario = asked(**settings)
    for how in (lambda one: refuse(check(one)), lambda one: examine(one, simulate=never)):
        with pytest.raises(ScenarioError) as refused:
            how(scenario)
        assert str(refused.value).startswith(message) and "\n" not in str(refused.value)


def test_an_unknown_gap_is_said():
    def nobody(scenario, organisation, **how):
        won = 0 if scenario.market.trust.initial < 0.5 and organisation == "integrated" else 1
        summary = known(linear)(scenario, organisation, **how)
        return dataclasses.replace(summary, sums={**summary.sums, "won": won})

    found = examine(asked(metrics=["cost_per_won"]), simulate=nobody)
    assert found.examined[0].unknown > 0 and np.isnan(found.examined[0].luck)
    assert "cannot be estimated at" in QUESTION.conclusion(found)[0]
