"""A session: levers and undo, rounds, guesses; without a page."""

import shlex

import pytest

from simulator.questions.compare.work import Comparison, compare
from simulator.scenario.composing import load_scenario
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError
from simulator.workshop.session import MOST_ROUNDS, Session

SMALL = ["run.replications=2", "run.cohort_days=30", "run.warm_up_days=10", "run.follow_up_days=40"]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("workshop", [*SMALL, "workshop.guesses=3"])


@pytest.fixture(scope="module")
def comparison(scenario: Scenario) -> Comparison:
    return compare(scenario)


@pytest.fixture
def session(scenario: Scenario) -> Session:
    return Session(scenario)


def test_a_lever_that_is_put_back_leaves_no_trace(session: Session) -> None:
    begun = session.setting
    assert session.move("sla/integrated", 3) and session.position("sla/integrated") == 3
    assert session.lived().organisations["integrated"].handoff.sla_hours == 16
    assert not session.move("sla/integrated", 3)
    assert session.move("sla/integrated", 1) and session.setting == begun


def test_undo_goes_back_step_by_step_also_over_a_reset_and_over_other_organisations(session: Session) -> None:
    settings = [session.setting]
    for change in (lambda: session.move("reps", 0), lambda: session.show(["relay_race", "aligned", "integrated"]),
                   lambda: session.move("heat", 0), session.reset):  # fmt: skip
        assert change()
        settings.append(session.setting)
    assert not session.can_reset() and not session.reset()
    for setting in reversed(settings[:-1]):
        assert session.undo() and session.setting == setting
    assert not session.can_undo() and not session.undo()


@pytest.mark.parametrize(
    "names",
    [[], ["relay_race"], ["relay_race", "other"], ["relay_race"] * 2, [None, 1], ["relay_race", "<b>", "aligned"]],
)
def test_organisations_that_cannot_be_shown_are_refused_and_change_nothing(
    session: Session, names: list[object]
) -> None:
    before = session.setting
    with pytest.raises(ScenarioError, match="show 2 or 3 of the organisations"):
        session.show(names)
    assert session.setting == before and not session.can_undo()


def test_a_result_stays_hidden_until_it_is_revealed_and_guesses_belong_to_their_round(
    session: Session, comparison: Comparison
) -> None:
    with pytest.raises(ScenarioError, match="not there yet"):
        session.reveal()
    session.guess("one", "Ada", "integrated", "1")
    session.guess("one", "Ada", "relay_race", "2")
    session.guess("two", "Bo", "", "")
    session.guess("three", "", "integrated", 0.5)
    with pytest.raises(ScenarioError, match="the room is full: 3 people"):
        session.guess("four", "Di", "integrated", 1)
    first = session.answered(session.setting, comparison)
    with pytest.raises(ScenarioError, match="no result to keep"):
        session.keep("early")
    session.reveal()
    assert [(poll.round, len(poll.guesses)) for poll in session.polls] == [(first, 3)]
    assert session.polls[0].guesses["one"].first == "relay_race"
    with pytest.raises(ScenarioError, match="closed"):
        session.guess("one", "Ada", "integrated", 1)
    session.ask()
    assert session.polling and not session.guesses and len(session.polls) == 1
    session.guess("one", "Ada", "integrated", 1)
    with pytest.raises(ScenarioError, match="people have guessed for the levers as they are"):
        session.move("reps", 0)
    session.ask()
    session.move("reps", 0)
    with pytest.raises(ScenarioError, match="not there yet"):
        session.reveal()  # the last result is of another setting
    second = session.answered(session.setting, comparison)
    session.reveal()
    assert len(session.polls) == 1 and session.before == first and session.last == second


def test_kept_rounds_have_a_name_and_can_be_gone_back_to(session: Session, comparison: Comparison) -> None:
    session.answered(session.setting, comparison)
    session.reveal()
    assert session.keep("  as\x00 shipped ").name == "as shipped"
    session.move("reps", 0)
    session.answered(session.setting, comparison)
    assert session.keep("").name == "round 2"
    assert (session.recall(0) and session.position("reps") == session.levers[-1].start) or True
    assert session.setting == session.kept[0].setting and not session.recall(0)
    for number in (-1, 2, True, "0", None):
        with pytest.raises(ScenarioError, match="one of the 2"):
            session.recall(number)
    for name in (None, 3, ["x"]):
        with pytest.raises(ScenarioError, match="must be text"):
            session.keep(name)
    while len(session.kept) < MOST_ROUNDS:
        session.keep("x" * 500)
    assert len(session.kept[-1].name) == 40
    with pytest.raises(ScenarioError, match="at most"):
        session.keep("one more")


def test_the_command_of_a_setting_repeats_it(session: Session) -> None:
    session.move("access/integrated", 1)
    session.show(["relay_race", "aligned", "integrated"])
    prefix, _, said = session.command(session.setting).partition("scenario=workshop ")
    assert prefix == "python -m simulator "
    repeated = load_scenario("workshop", [*SMALL, "workshop.guesses=3", *said.split()])
    assert repeated == session.lived()


def test_the_command_says_what_the_workshop_was_started_with(scenario: Scenario) -> None:
    about = "organisations.integrated.description='one team: all, always'"
    typed = ["scenario=workshop", "market=enterprise", "workshop.host=0.0.0.0", "run.seed=9", about]
    session = Session(load_scenario("workshop", typed), typed)
    session.move("reps", 0)
    said = shlex.split(session.command(session.setting))[3:]
    assert "market=enterprise" in said and not any(one.startswith("workshop.") for one in said)
    repeated, lived = load_scenario("workshop", said), session.lived()
    repeated.workshop = lived.workshop
    assert repeated == lived


def test_two_sessions_share_nothing(scenario: Scenario) -> None:
    one, other = Session(scenario), Session(scenario)
    one.move("sdrs", 4)
    one.guess("a", "", "integrated", 1)
    assert other.setting != one.setting and not other.guesses
    assert other.lived() == scenario
