"""Pages of the guessers, and what every request has to pass; over HTTP, without a browser."""

import asyncio
import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from simulator.questions.compare.work import Comparison, compare
from simulator.scenario.composing import load_scenario
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError
from simulator.workshop.guess_pages import add_guessing
from simulator.workshop.request_guard import MOST_BYTES, Guard
from simulator.workshop.rooms import Room, Rooms

SMALL = ["run.replications=2", "run.cohort_days=30", "run.warm_up_days=10", "run.follow_up_days=40"]
MARKUP = "<script>alert(1)</script>"


class Browser:
    """A browser that follows redirects and keeps its cookies, without pictures."""

    def __init__(self, app: FastAPI, cookies: dict[str, str] | None = None) -> None:
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://testserver", follow_redirects=True, cookies=cookies
        )

    def get(self, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._client.get(path, **more))

    def post(self, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._client.post(path, **more))


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("workshop", [*SMALL, "workshop.guesses=40", "workshop.rooms=2"])


@pytest.fixture(scope="module")
def comparison(scenario: Scenario) -> Comparison:
    return compare(scenario)


@pytest.fixture
def rooms(scenario: Scenario) -> Rooms:
    return Rooms(scenario)


@pytest.fixture
def app(rooms: Rooms) -> FastAPI:
    made = FastAPI()
    add_guessing(made, rooms)
    made.add_middleware(Guard, names=["testserver", "localhost"], numbers=False)
    return made


def guess(client: Browser, room: Room, **sent: str) -> tuple[int, str]:
    client.get(f"/guess/{room.code}")  # gets its cookie
    answer = client.post(f"/guess/{room.code}", data=sent)
    return answer.status_code, answer.text


def test_thirty_people_guess_each_once_and_see_how_far_off_they_were(
    app: FastAPI, rooms: Rooms, comparison: Comparison
) -> None:
    room = rooms.open()
    people = [Browser(app) for _ in range(30)]
    for number, client in enumerate(people):
        status, text = guess(client, room, first="integrated", points=str(number / 10), name=f"P{number}")
        assert status == 200 and "Your guess is in" in text
    assert guess(people[0], room, first="relay_race", points="2", name=MARKUP)[0] == 200
    assert len(room.session.guesses) == 30
    page = people[0].get(f"/guess/{room.code}").text
    assert MARKUP not in page and "&lt;script&gt;alert(1)" in page
    before = people[0].get(f"/guess/{room.code}/state").json()
    room.session.answered(room.session.setting, comparison)
    room.session.reveal()
    assert people[0].get(f"/guess/{room.code}/state").json() != before
    places = {int(re.search(r"place (\d+) of 30", client.get(f"/guess/{room.code}").text)[1]) for client in people}
    assert places == set(range(1, 31))
    assert guess(people[1], room, first="integrated", points="1", name="")[0] == 422


def test_a_phone_is_told_what_size_to_expect_and_never_the_result_of_another_question(
    app: FastAPI, rooms: Rooms, comparison: Comparison
) -> None:
    room, client = rooms.open(), Browser(app)
    path = f"/guess/{room.code}"
    assert "usually wins" not in client.get(path).text
    room.session.answered(room.session.setting, comparison)
    share = comparison.found["relay_race"]["win_rate_inquiries"].value
    said = re.search(r"relay race usually wins about ([\d.]+)\.", client.get(path).text)
    assert said and float(said[1]) == pytest.approx(100 * share, abs=0.5 if share >= 0.01 else 0.05)
    guess(client, room, first="integrated", points="1.25", name="")
    room.session.reveal()
    assert "You guessed" in client.get(path).text and re.search(
        r"points (more|of the inquiries)", client.get(path).text
    )
    room.session.ask()
    room.session.reveal()  # nobody has guessed this time
    text = client.get(path).text
    assert "The guesses are closed" in text and not re.search(r"points (more|of the inquiries)", text)


@pytest.mark.parametrize(
    "sent",
    [{"first": "nobody", "points": "1", "name": ""}, {"first": "integrated", "points": "lots", "name": ""}, {},
     {"first": "integrated", "points": "1", "name": "x" * 41}, {"points": "1"}],
)  # fmt: skip
def test_a_bad_guess_gets_the_form_again_with_one_line(app: FastAPI, rooms: Rooms, sent: dict[str, str]) -> None:
    room = rooms.open()
    status, text = guess(Browser(app), room, **sent)
    assert status == 422 and 'role="alert"' in text and not room.session.guesses


def test_unknown_rooms_and_codes_lead_back_to_the_beginning(app: FastAPI, rooms: Rooms) -> None:
    room, client = rooms.open(), Browser(app)
    for path in ("/guess/NONE", "/guess/%3Cb%3E", "/guess?code=zzzz", "/guess?code=", "/guess/" + "x" * 5000):
        answer = client.get(path)
        assert answer.status_code == 404 and "<b>" not in answer.text, path
    assert client.post("/guess/NONE", data={"first": ""}).status_code == 404
    assert client.get("/guess/NONE/state").json() == {"version": ""}
    assert client.get(f"/guess?code=%20{room.code.lower()}").url.path == f"/guess/{room.code}"


def test_requests_that_are_too_large_or_under_another_name_are_turned_away(app: FastAPI, rooms: Rooms) -> None:
    room, client = rooms.open(), Browser(app)
    huge = b"name=" + b"x" * (MOST_BYTES + 1)
    assert client.post(f"/guess/{room.code}", content=huge).status_code == 413
    assert client.post(f"/guess/{room.code}", content=b"x", headers={"content-length": "many"}).status_code == 413
    assert client.get("/", headers={"host": "evil.example"}).status_code == 421
    assert client.get("/", headers={"host": "192.168.1.7:8090"}).status_code == 421
    answer = client.get("/", headers={"host": "localhost:8090"})
    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    many = "&".join(f"f{i}=1" for i in range(100))
    client.get(f"/guess/{room.code}")
    assert client.post(f"/guess/{room.code}", content=many).status_code == 400
    assert client.post(f"/guess/{room.code}", content=b"\xff\xfe\x00").status_code == 400
    assert not room.session.guesses


def test_a_browser_without_the_servers_own_cookie_cannot_guess(app: FastAPI, rooms: Rooms) -> None:
    room = rooms.open()
    for cookie in (None, "x", "../../etc", "a" * 33):
        client = Browser(app, cookies={"guesser": cookie} if cookie else {})
        assert client.post(f"/guess/{room.code}", data={"first": "", "name": ""}).status_code == 422
    assert not room.session.guesses


def test_a_room_that_nobody_looks_at_makes_way_and_one_in_use_does_not(rooms: Rooms) -> None:
    first, second = rooms.open(), rooms.open()
    first.pages.append(lambda what: None)
    third = rooms.open()
    assert rooms.of_token(second.token) is None and rooms.of_token(first.token) is first
    assert len({first.token, second.token, third.token}) == 3 and len({first.code, second.code, third.code}) == 3
    third.pages.append(lambda what: None)
    with pytest.raises(ScenarioError, match="all 2 rooms are in use"):
        rooms.open()
