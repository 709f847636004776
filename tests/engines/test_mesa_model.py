"""The reference engine as a Mesa model: a step is a day, agents are accounts and people, a DataCollector works."""

from functools import cache

import mesa
import numpy as np
import pytest

import simulator as sim
from simulator.engines.compiled.loop import run as run_compiled
from simulator.engines.reference.account import Account
from simulator.engines.reference.people import Person
from simulator.engines.report import differences
from simulator.model.numerics import DAY_US
from simulator.model.words import LeadStatus, Outcome
from simulator.scenario.scenario import Scenario

DAYS = 60


@cache
def scenario() -> Scenario:
    return sim.load_scenario(
        "baseline",
        ["run.warm_up_days=0", "run.cohort_days=40", "run.follow_up_days=20", "market.inquiries_per_year=1500",
         "market.segments.small.complexity_low=0", "market.journey.step_days=1", "market.journey.prior_knowledge=0.9",
         "market.projects.share=0.6", "market.projects.starts_per_year=6"],
    )  # fmt: skip


def new_model(organisation: str = "integrated", seed: int = 4) -> sim.BuyerJourneyModel:
    return sim.BuyerJourneyModel(scenario(), organisation, seed=seed)


def accounts(model: mesa.Model) -> list[Account]:
    return [agent for agent in model.agents if isinstance(agent, Account)]


def count(model: mesa.Model, outcome: Outcome) -> int:
    return sum(account.outcome == outcome for account in accounts(model))


def test_it_is_a_mesa_model_whose_step_is_a_day() -> None:
    model = new_model()
    assert isinstance(model, mesa.Model)
    for day in range(1, 8):
        model.step()
        assert model.steps == day and model.now == day * DAY_US


def test_agents_are_the_people_and_the_accounts_that_arrived() -> None:
    model = new_model()
    roles = scenario().organisations["integrated"].roles
    people = roles.marketer.headcount + roles.sdr.headcount + roles.rep.headcount
    assert len(model.agents_by_type[Person]) == len(model.agents) == people and accounts(model) == []
    for _ in range(DAYS):
        model.step()
        assert len(model.agents_by_type[Account]) == len(model.agents) - people
    assert accounts(model) == model.accounts and len(model.accounts) > 100
    ids = [agent.unique_id for agent in model.agents]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("organisation", ["relay_race", "integrated"])
def test_day_by_day_is_the_same_as_in_one_go_and_as_compiled(organisation: str) -> None:
    stepped = new_model(organisation)
    for _ in range(DAYS):
        stepped.step()
    whole = new_model(organisation)
    report = whole.run_to_end()
    assert differences(stepped.report(), report) == []
    assert differences(run_compiled(whole.setup), report) == []
    assert report.events > 1000 and set(report.history["outcome"]) == set(Outcome)


def test_days_and_the_rest_in_one_go() -> None:
    model = new_model()
    for _ in range(17):
        model.step()
    assert differences(model.run_to_end(), new_model().run_to_end()) == []


def test_a_model_stops_at_the_end_and_further_steps_do_nothing() -> None:
    model = new_model()
    model.run_model()
    assert not model.running and model.now == DAYS * DAY_US
    report = model.report()
    for _ in range(5):
        model.step()
    assert differences(model.report(), report) == []


def test_a_report_on_the_way_changes_nothing() -> None:
    watched = new_model()
    for _ in range(DAYS):
        watched.step()
        half = watched.report()
        assert len(half.history) == len(watched.accounts)
    assert differences(watched.report(), new_model().run_to_end()) == []


def test_a_data_collector_tells_what_the_journeys_tell() -> None:
    model = new_model()
    collector = mesa.DataCollector(
        model_reporters={
            "arrived": lambda m: len(accounts(m)),
            "open": lambda m: count(m, Outcome.OPEN),
            "wins": lambda m: count(m, Outcome.WON),
            "events": "events",
        },
        agent_reporters={"row": "row", "stage": "stage", "trust": "trust", "worked": "worked_us"},
        agenttype_reporters={Account: {"outcome": "outcome", "status": "status"}},
    )
    for _ in range(DAYS):
        model.step()
        collector.collect(model)

    result = sim.simulate(scenario(), "integrated", seed=4, engine="reference")
    journeys, history = result.journeys, result.report.history
    table = collector.get_model_vars_dataframe()
    assert len(table) == DAYS
    last = table.iloc[-1]
    assert last["arrived"] == len(journeys) and last["events"] == result.events
    assert last["open"] == (journeys["outcome"] == "open").sum() > 0
    assert last["wins"] == (journeys["outcome"] == "won").sum() > 0
    for day in (1, 20, DAYS):
        ended_by_then = (history["ended_at"] >= 0) & (history["ended_at"] < day * DAY_US)
        won = int(np.sum(ended_by_then & (history["outcome"] == Outcome.WON)))
        arrived = int(np.sum(history["arrived_at"] < day * DAY_US))
        assert table["wins"].iloc[day - 1] == won
        assert table["open"].iloc[day - 1] == arrived - int(np.sum(ended_by_then))

    agents = collector.get_agent_vars_dataframe().xs(DAYS, level="Step")
    of_accounts = agents[agents["row"].notna()].sort_values("row")
    assert of_accounts["trust"].tolist() == history["trust"].tolist()
    assert of_accounts["stage"].tolist() == history["stage"].tolist()
    of_people = agents[agents["row"].isna()]
    assert of_people["worked"].sum() > 0 and len(of_people) == len(result.people)

    by_type = collector.get_agenttype_vars_dataframe(Account).xs(DAYS, level="Step")
    assert by_type["outcome"].tolist() == history["outcome"].tolist()
    assert set(by_type["status"]) <= set(LeadStatus)


def test_agents_are_driven_and_queried_as_mesa_users_do() -> None:
    model = new_model()
    for _ in range(30):
        model.step()
    open_ones = model.agents_by_type[Account].select(lambda account: account.outcome == Outcome.OPEN)
    assert len(open_ones) == count(model, Outcome.OPEN)
    deals = sum(model.agents_by_type[Person].get("open_deals"))
    assert deals == len(open_ones.select(lambda account: account.status == LeadStatus.OWNED))


def test_mesas_own_random_numbers_are_not_used() -> None:
    """Randomness is keyed: whoever draws from Mesa's generators in between changes no buyer."""
    disturbed = new_model()
    for _ in range(DAYS):
        disturbed.step()
        disturbed.random.random()
        disturbed.rng.random()
        disturbed.agents.shuffle()
    assert differences(disturbed.report(), new_model().run_to_end()) == []


def test_seed_and_replication_are_those_of_the_scenario_by_default() -> None:
    by_default = sim.BuyerJourneyModel(scenario(), "relay_race")
    assert by_default.key == sim.BuyerJourneyModel(scenario(), "relay_race", seed=scenario().run.seed).key
    assert by_default.key != sim.BuyerJourneyModel(scenario(), "relay_race", replication=1).key


def test_a_wrong_scenario_is_refused_before_anything_runs() -> None:
    with pytest.raises(sim.ScenarioError, match="organisation must be one of relay_race"):
        sim.BuyerJourneyModel(scenario(), "relayrace")
