"""Pages of the guessers: plain HTML, so that any phone can show them."""

import secrets
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from simulator.questions.frame.numbers import began, words
from simulator.scenario.schema import ScenarioError
from simulator.workshop import views
from simulator.workshop.answers import STATE
from simulator.workshop.rooms import Room, Rooms
from simulator.workshop.templating import rendered, static

#: What a browser keeps to be known again; it says nothing about anybody.
_COOKIE = "guesser"


def add_guessing(app: FastAPI, rooms: Rooms) -> None:
    """Add the landing page, and the pages on which people guess."""

    @app.get("/")
    def landing() -> Response:
        return landing_page(rooms)

    @app.post("/rooms")
    async def open_room() -> Response:
        try:
            room = rooms.open()
        except ScenarioError as refused:
            return landing_page(rooms, str(refused), 503)
        room.answers.begin()
        return RedirectResponse(f"/room/{room.token}", status_code=303)

    @app.get("/guess")
    def join(code: str = "") -> Response:
        room = rooms.of_code(code)
        if room is None:
            return landing_page(rooms, "There is no room with this code." if code else "Type the code of a room.", 404)
        return RedirectResponse(f"/guess/{room.code}", status_code=303)

    @app.get("/guess/{code}")
    def look(code: str, request: Request) -> Response:
        room = rooms.of_code(code)
        return _page(room, request, "") if room else landing_page(rooms, "There is no room with this code.", 404)

    @app.post("/guess/{code}")
    async def guess(code: str, request: Request) -> Response:
        room = rooms.of_code(code)
        if room is None:
            return landing_page(rooms, "There is no room with this code.", 404)
        try:
            sent = parse_qs((await request.body()).decode("utf-8"), keep_blank_values=True, max_num_fields=20)
        except (UnicodeDecodeError, ValueError):
            return _page(room, request, "That could not be read.", 400)
        first, points, name = (sent.get(field, [None])[-1] for field in ("first", "points", "name"))
        try:
            room.session.guess(_known(request) or "", name or "", first, points) if _known(request) else _refuse()
        except ScenarioError as refused:
            return _page(room, request, f"{began(str(refused))}.", 422)
        room.say(STATE)
        return RedirectResponse(f"/guess/{room.code}", status_code=303)

    @app.get("/guess/{code}/state")
    def state(code: str) -> Response:
        room = rooms.of_code(code)
        return JSONResponse({"version": views.poll_version(room.session) if room else ""})


def _refuse() -> None:
    raise ScenarioError("this browser keeps no cookies, so that it could guess twice: allow them for this page")


def _known(request: Request) -> str:
    """The guesser's number, as this server gave it; "" for a new one."""
    given = request.cookies.get(_COOKIE, "")
    return given if len(given) == 32 and given.isalnum() else ""


def _page(room: Room, request: Request, message: str, status: int = 200) -> Response:
    guesser = _known(request)
    page = views.guess_page(room, guesser, message, static("plain.css"), static("guess.js"))
    answer = HTMLResponse(page, status_code=status)
    if not guesser:
        answer.set_cookie(_COOKIE, secrets.token_hex(16), httponly=True, samesite="strict")
    return answer


def landing_page(rooms: Rooms, message: str = "", status: int = 200) -> Response:
    """The first page, with a message if something went wrong."""
    scenario = rooms.scenario
    return HTMLResponse(
        rendered(
            "landing.html",
            scenario=scenario.name,
            question=scenario.question or scenario.name,
            organisations=", ".join(map(words, scenario.compared())),
            message=message,
            css=static("plain.css"),
        ),
        status_code=status,
    )
