"""What may move: values of quantiles by formula, what is held and why, and what is refused."""

import copy
import math
from functools import cache
from typing import Any

import numpy as np
import pytest

import simulator as sim
from simulator.fit import prior as fitting
from simulator.fit.lead_stream import LeadStream
from simulator.fit.prior import Prior, check_free, fitted_organisation
from simulator.model.sizes import MAX_CHANNELS
from simulator.scenario.checked import check
from simulator.scenario.market import Channel
from simulator.scenario.paths import value_at
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError
from simulator.scenario.study import Free
from tests.fit.made_up import rows_of, stream_for


@cache
def _scenario() -> Scenario:
    return sim.load_scenario("replay", ["study=calibrate", "crm.leads=leads.csv", "crm.deals=deals.csv"])


def asked(free: dict[str, Free] | None = None, **fit: Any) -> Scenario:
    scenario = copy.deepcopy(_scenario())
    if free is not None:
        scenario.study.fit.free = free
    for name, value in fit.items():
        setattr(scenario.study.fit, name, value)
    return scenario


def prior_of(scenario: Scenario, leads: LeadStream) -> Prior:
    """The prior of a scenario as a test wrote it."""
    return fitting.prior_of(check(scenario), leads)


@cache
def stream(leads: int = 300) -> LeadStream:
    """Of four channels the last is twice as large as the others."""
    return stream_for(rows_of(leads, channels=("email", "fair", "social", "web")))


THREE = {
    "linear": Free("market.journey.ready_share", 0.0, 0.8),
    "log": Free("market.journey.step_days", 0.5, 8.0, log=True),
    "whole": Free("organisations.*.sales.attempts", 2.0, 11.0),
    "factor": Free("market.segments.*.patience_median_days", 0.25, 4.0, log=True),
}


def of_three() -> Prior:
    return prior_of(check(asked(THREE, channel_leads=10**6)), stream())


def test_values_are_those_of_quantiles_by_formula() -> None:
    prior = of_three()
    assert [one.name for one in prior.free] == list(THREE) and len(prior) == 4
    for quantile in (0.01, 0.3, 0.5, 0.77, 0.99):
        values = prior.values(np.full(4, quantile))
        assert values["linear"] == pytest.approx(0.8 * quantile, rel=1e-3)
        assert values["log"] == pytest.approx(0.5 * 16**quantile, rel=1e-3)
        assert values["whole"] == 2 + math.floor(10 * quantile), "ten whole numbers, each as likely"
        assert values["factor"] == pytest.approx(0.25 * 16**quantile, rel=1e-3)
        assert all(float(f"{values[name]:.4g}") == values[name] for name in ("linear", "log", "factor"))
    ends = prior.values(np.zeros(4)), prior.values(np.full(4, 1 - 1e-9))
    assert list(ends[0].values()) == [0, 0.5, 2, 0.25] and list(ends[1].values()) == [0.8, 8, 11, 4]
    assert prior.values(np.ones(4))["whole"] == 11


def test_quantiles_and_values_go_round() -> None:
    prior = of_three()
    for point in np.random.default_rng(1).random((50, 4)):
        values = prior.values(point)
        back = prior.quantiles(values)
        assert back[[0, 1, 3]] == pytest.approx(point[[0, 1, 3]], abs=1e-3), "four digits"
        assert back[2] == pytest.approx(point[2], abs=0.05) and prior.values(back) == values
    column = prior.column(1, np.array([0.0, 0.5, 1.0]))
    assert column == pytest.approx([0.5, 2.0, 8.0])


def test_a_scenario_with_the_values_has_them_and_nothing_else() -> None:
    prior = of_three()
    values = prior.values(np.array([0.25, 0.5, 0.35, 0.5]))
    there, plain = prior.at(values), prior.scenario
    assert value_at(there, "market.journey.ready_share") == 0.2
    assert value_at(there, "market.journey.step_days") == 2.0
    for name in there.organisations:
        assert value_at(there, f"organisations.{name}.sales.attempts") == 5
    for name, segment in plain.market.segments.items():
        assert there.market.segments[name].patience_median_days == pytest.approx(segment.patience_median_days, rel=1e-3)
    four = prior.at(prior.values(np.array([0.25, 0.5, 0.35, 1 - 1e-9])))
    for name, segment in plain.market.segments.items():
        assert four.market.segments[name].patience_median_days == pytest.approx(4 * segment.patience_median_days)
    assert there.market.journey.content_gain == plain.market.journey.content_gain
    check(there)


def test_the_fitted_organisation_is_named_in_a_path() -> None:
    pickup = {"pickup": Free("organisations.fitted.handoff.pickup_hours", 0.5, 80.0, log=True)}
    for name in ("", "aligned"):
        scenario = asked(pickup, organisation=name, channel_leads=10**6)
        whose = name or "relay_race"
        assert fitted_organisation(scenario) == whose
        prior = prior_of(check(scenario), stream())
        assert prior.free[0].targets == (f"organisations.{whose}.handoff.pickup_hours",)
        there = prior.at({"pickup": 7.0})
        changed = [one for one, o in there.organisations.items() if o.handoff.pickup_hours == 7.0]
        assert changed == [whose]
    by_name = {"pickup": Free("organisations.aligned.handoff.pickup_hours", 0.5, 80.0)}
    assert prior_of(check(asked(by_name, organisation="aligned")), stream()).free[-1].name == "pickup"


def test_small_channels_are_held_and_the_reason_is_said() -> None:
    sizes = np.bincount(stream().arrivals.channel)
    assert stream().arrivals.channels == ["email", "fair", "social", "web"]
    least = int(np.sort(sizes)[1]) + 1  # two of the four are smaller
    prior = prior_of(check(asked(channel_leads=least, hold=["offer", "fit of web"], channel_shift=1.5)), stream())
    large = [place for place in range(4) if sizes[place] >= least]
    assert len(large) == 2 and 3 in large and list(prior.own) == [place for place in large if place != 3]
    (own,) = prior.own
    name = stream().arrivals.channels[own]
    first = prior.free[0]
    assert (first.name, first.targets) == (f"fit of {name}", (f"market.channels.{name}.fit_shift",))
    assert (first.low, first.high) == (-1.5, 1.5)
    assert prior.held["offer"] == prior.held["fit of web"] == "held by study.fit.hold"
    small = {f"fit of {stream().arrivals.channels[place]}": f"{sizes[place]} leads, fewer than study.fit.channel_leads"
             for place in range(4) if place not in large}  # fmt: skip
    assert {name: why for name, why in prior.held.items() if name not in ("offer", "fit of web")} == small
    names = [one.name for one in prior.free]
    assert "offer" not in names and "pickup" in names and len(names) == len(_scenario().study.fit.free)


def test_a_run_lasts_from_the_first_monday_to_the_export_and_knows_its_channels() -> None:
    scenario = asked(channel_leads=20)
    before = copy.deepcopy(scenario)
    prior = prior_of(check(scenario), stream())
    assert scenario == before, "what was asked is left as it is"
    run = prior.scenario.run
    assert (run.warm_up_days, run.cohort_days, run.follow_up_days) == (0, stream().days(), 0)
    channels, told = prior.scenario.market.channels, _scenario().market.channels
    assert "fair" not in told and channels["fair"] == Channel(cost_per_inquiry_usd=0.0) and told["email"].fit_shift != 0
    assert stream().arrivals.channels.index("email") in prior.own
    for place, name in enumerate(stream().arrivals.channels):  # a shift that is fitted begins from 0, others stay
        assert channels[name].fit_shift == (0 if place in prior.own else told.get(name, Channel()).fit_shift)
    assert prior.scenario.market.leads.enter_as == scenario.crm.enter_as
    check(prior.at(prior.values(np.full(len(prior), 0.5))))


def test_an_export_of_as_many_channels_as_may_be_can_be_run_beside_those_of_the_market() -> None:
    many = stream_for(rows_of(400, channels=tuple(f"c{number}" for number in range(MAX_CHANNELS))))
    assert len(many.arrivals.channels) == MAX_CHANNELS
    prior = prior_of(check(asked()), many)
    check(prior.at(prior.values(np.full(len(prior), 0.5))))
    assert set(prior.scenario.market.channels) == set(many.arrivals.channels)


def test_channels_of_the_market_that_the_export_lacks_stay_where_there_is_room() -> None:
    prior = prior_of(check(asked()), stream())
    assert set(_scenario().market.channels) < set(prior.scenario.market.channels)


def free(path: str, low: float = 0.0, high: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"free": {"mine": Free(path, low, high, **more)}}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"hold": ["ofer"]}, "study.fit.hold must name free parameters, got 'ofer': did you mean offer?"),
        (
            {"organisation": "relay"},
            "study.fit.organisation must name organisations, got 'relay': did you mean relay_race?",
        ),
        (
            free("organisations.aligned.sales.follow_up_days"),
            "study.fit.free.mine.path must be organisations.fitted.sales.follow_up_days: of other organisations "
            "nothing is fitted, got 'organisations.aligned.sales.follow_up_days'",
        ),
        (
            free("organisations.*.handoff.pickup_hours"),
            "study.fit.free.mine.path must be organisations.fitted.handoff.pickup_hours: of other organisations "
            "nothing is fitted, as speed sets organisations apart, got 'organisations.*.handoff.pickup_hours'",
        ),
        (
            free("market.leads.path"),
            "study.fit.free.mine.path must be a key below market, organisations.* or organisations.fitted, got "
            "'market.leads.path'",
        ),
        (
            free("economics.margin"),
            "study.fit.free.mine.path must be a key below market, organisations.* or organisations.fitted, got "
            "'economics.margin'",
        ),
        (
            free("market.journey.step_day"),
            "study.fit.free.mine.path must be a key of the scenario, got 'market.journey.step_day': did you mean "
            "market.journey.step_days?",
        ),
        (free("market.journey.step_days", 3, 2), "study.fit.free.mine.low must be below high 2, got 3"),
        (
            free("market.journey.ready_share", 0.0, 1.0, log=True),
            "study.fit.free.mine.low must be above 0 on a logarithmic scale, got 0",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_fitted_is_refused_before_anything_is_read(settings: dict[str, Any], said: str) -> None:
    scenario = asked(**settings)
    for refusing in (check_free, lambda one: prior_of(check(one), stream())):
        if "hold" in settings and refusing is not check_free:
            continue  # names of channels are known only with the export
        if "organisation" in settings and refusing is not check_free:
            continue
        with pytest.raises(ScenarioError) as refused:
            refusing(scenario)
        assert str(refused.value) == said


def test_a_channel_that_the_export_lacks_cannot_be_held() -> None:
    with pytest.raises(ScenarioError, match=r"study.fit.hold must name .* got 'wep': did you mean web"):
        prior_of(check(asked(hold=["fit of wep"])), stream())


def test_channels_of_the_export_are_open() -> None:
    """A closed one would lose its leads in the replay, which the fit has seen."""
    scenario = asked()
    scenario.market.channels["web"] = Channel(closed=True)
    assert not prior_of(check(scenario), stream()).scenario.market.channels["web"].closed


def test_a_key_that_two_set_is_refused() -> None:
    twice = {"one": Free("market.journey.step_days", 0.5, 8), "two": Free("market.journey.step_days", 0.1, 9)}
    with pytest.raises(
        ScenarioError, match=r"^study.fit.free.two.path must not set market.journey.step_days, which one"
    ):
        check_free(check(asked(twice)))


def test_nothing_left_to_fit_is_refused() -> None:
    only = {"mine": Free("market.journey.step_days", 0.5, 8)}
    scenario = asked(only, hold=["mine"], channel_leads=10**6)
    check_free(check(scenario))
    with pytest.raises(ScenarioError, match=r"^study.fit.free must leave at least one parameter to fit, got none$"):
        prior_of(check(scenario), stream())
