"""The workshop's server: on this machine alone unless told otherwise, and with no request to anywhere else."""

import contextlib
import errno
import socket
import sys
from collections.abc import Iterator, Sequence

import uvicorn
from fastapi import FastAPI
from nicegui import Client, ui
from starlette.responses import PlainTextResponse, Response

from simulator.questions.frame.terminal import console, say_if_compiling
from simulator.scenario.checked import Checked
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError
from simulator.workshop.debrief import saved_session
from simulator.workshop.guess_pages import add_guessing, landing_page
from simulator.workshop.levers import refuse
from simulator.workshop.page import HostPage
from simulator.workshop.request_guard import Guard
from simulator.workshop.rooms import Rooms

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_EVERYWHERE = ("0.0.0.0", "::", "")
#: Seconds after which a browser that went away is given up, and its work with it.
_AWAY = 3.0


def application(
    scenario: Scenario, address: str, *, only_here: bool, names: tuple[str, ...] = (), typed: Sequence[str] = ()
) -> FastAPI:
    """The server's pages for a checked scenario.

    Parameters
    ----------
    address : host and port under which browsers reach it.
    only_here : whether browsers on other machines cannot.
    names : further names under which it is known.
    typed : the settings that the scenario was composed of, as typed.
    """
    rooms = Rooms(scenario, typed)
    app = FastAPI(title="workshop", docs_url=None, redoc_url=None, openapi_url=None)
    add_guessing(app, rooms)
    _add_files(app, rooms)

    @ui.page("/room/{token}", title=f"Workshop: {scenario.name}", response_timeout=10)
    def host(token: str, client: Client) -> Response | None:
        room = rooms.of_token(token)
        if room is None:
            return landing_page(rooms, "There is no such room, or it has made way for others. Open a new one.", 404)
        page = HostPage(room, client, address, only_here)
        page.build()
        room.pages.append(page.update)
        client.on_delete(lambda: room.leave(page.update))
        room.answers.go_on()  # whoever closed the page in the middle of something finds it done
        return None

    ui.run_with(app, title=f"Workshop: {scenario.name}", favicon=_ICON, reconnect_timeout=_AWAY,
                show_welcome_message=False, tailwind=False)  # fmt: skip
    app.add_middleware(Guard, names=(*_LOOPBACK, *names), numbers=not only_here)
    return app


_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="9" cy="16" r="6" fill="#0072B2"/>'
    '<circle cx="23" cy="16" r="6" fill="#D55E00"/></svg>'
)


def _add_files(app: FastAPI, rooms: Rooms) -> None:
    """What a room's page fetches, and what one can take away from it."""
    missing = PlainTextResponse("there is no such room, or nothing to show in it yet\n", status_code=404)

    @app.get("/room/{token}/show/{number}.json")
    def show(token: str, number: int) -> Response:
        room = rooms.of_token(token)
        if room is None or not room.answers.playback_json or room.session.polling:
            return missing
        return Response(
            room.answers.playback_json, media_type="application/json", headers={"cache-control": "no-store"}
        )

    @app.get("/room/{token}/round.csv")
    def numbers(token: str) -> Response:
        room = rooms.of_token(token)
        if room is None or room.session.last is None or room.session.polling:
            return missing
        return _file(room.session.last.comparison.metrics.to_csv(index=False), "text/csv", "round.csv")

    @app.get("/room/{token}/session.html")
    def session(token: str) -> Response:
        room = rooms.of_token(token)
        return missing if room is None else _file(saved_session(room), "text/html", "workshop.html")


def _file(text: str, kind: str, name: str) -> Response:
    return Response(text, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})


# --- running ----------------------------------------------------------------------------------------------------------


def serve(scenario: Checked, typed: Sequence[str] = ()) -> None:
    """Serve until interrupted; ``typed`` are the settings that the scenario was composed of.

    Raises
    ------
    ScenarioError
        When the scenario cannot be a workshop's, or when it cannot listen at the address.
    """
    refuse(scenario)
    say_if_compiling(scenario)
    out, settings = console(sys.stdout), scenario.workshop

    def say(line: str) -> None:
        out.print(line, highlight=False, soft_wrap=True)

    with _listening(settings.host, settings.port) as listener:
        port = listener.getsockname()[1]
        only_here = settings.host in _LOOPBACK
        reached = _address_of_this_machine() if settings.host in _EVERYWHERE else settings.host
        address = f"[{reached}]:{port}" if ":" in reached else f"{reached}:{port}"
        names = (settings.host.lower(), socket.gethostname().lower())
        app = application(scenario, address, only_here=only_here, names=names, typed=typed)
        say(f"{scenario.name}: the workshop is at http://{address}/")
        say("only browsers on this machine reach it; workshop.host=0.0.0.0 lets others join" if only_here else
            f"anybody who reaches {address} can join")  # fmt: skip
        say("Ctrl-C ends it")
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2)
        uvicorn.Server(config).run(sockets=[listener])


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as fault:
        raise ScenarioError(
            f"workshop.host must be an address of this machine, got {host!r} ({fault.strerror})"
        ) from fault
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(place)
        except OSError as fault:
            if fault.errno == errno.EADDRNOTAVAIL:
                raise ScenarioError(f"workshop.host must be an address of this machine, got {host!r}") from fault
            raise ScenarioError(
                f"workshop.port must be one that nothing else listens at, 0 takes one, got {port} ({fault.strerror})"
            ) from fault
        yield listener


def _address_of_this_machine() -> str:
    """The address under which the local network knows this machine; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a network that exists in documents only (RFC 5737)
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()
