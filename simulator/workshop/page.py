"""The page of a room's host: a player, levers, rounds and a debrief; and what happens when somebody touches them.

Whatever a browser sends is untrusted: it is looked up in `ACTIONS` and checked by the session.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from nicegui import Client, ui
from nicegui.events import GenericEventArguments

from simulator.questions.frame.divergence import GAINED, LOST
from simulator.questions.frame.player import script, style
from simulator.scenario.schema import ScenarioError
from simulator.workshop import views
from simulator.workshop.answers import DEBRIEF, LIVES, NUMBERS, SHOW, STATE, WORKING
from simulator.workshop.debrief import about_buyer, debrief_sheet
from simulator.workshop.rooms import Room
from simulator.workshop.templating import rendered, static

#: How often the page looks how far the work is, seconds.
_LOOK = 0.2


class HostPage:
    """One open page of a room."""

    def __init__(self, room: Room, client: Client, address: str, only_here: bool) -> None:
        self._room, self._client = room, client
        self._address, self._only_here = address, only_here
        self._shown = -1  # number of the round in the player
        self._next = {GAINED: 0, LOST: 0}
        self._said = ""
        self._picked: object = None

    # --- what is on it ----------------------------------------------------------------------------------------------

    def build(self) -> None:
        """Put everything on the page."""
        session = self._room.session
        ui.add_head_html(f"<style>{style()}{static('workshop.css')}</style>")
        ui.add_head_html(f"<script>{script()}</script><script>{static('workshop.js')}</script>")
        self._top = _piece("top")
        with ui.element("div").classes("room"):
            with ui.element("main").classes("stage"):
                _piece("player").props('id="player"')
                self._poll = _piece("poll")
                self._sheet = _piece("sheet-holder")
                self._result = _piece("result").props('aria-label="result"')
            with ui.element("aside").classes("panel"):
                ui.html(rendered("tabs.html"), sanitize=False)
                self._levers = _piece("tab levers").props('data-tab="levers"')
                self._rounds = _piece("tab rounds").props('data-tab="rounds" hidden')
                self._debrief = _piece("tab debrief").props('data-tab="debrief" hidden')
        ui.html('<div id="progress" role="status" hidden><span></span><progress max="1"></progress></div>',
                sanitize=False)  # fmt: skip
        self._levers.set_content(views.levers(session))
        self._organisations = session.setting.organisations
        self.update(STATE)
        ui.on("act", self._act)
        ui.on("pick", self._pick)
        ui.timer(_LOOK, self._look)

    def update(self, what: str) -> None:
        """Something changed: bring the page up to it."""
        if self._client.is_deleted:
            return
        with self._client:
            self._update(what)

    def _update(self, what: str) -> None:
        session, answers = self._room.session, self._room.answers
        if what.startswith("refused: "):
            self._refuse(what.removeprefix("refused: "))
        if self._organisations != session.setting.organisations:
            self._organisations = session.setting.organisations
            self._levers.set_content(views.levers(session))
        if what in (STATE, NUMBERS):
            self._top.set_content(rendered(
                "top.html", question=session.scenario.question, polling=session.polling, can_undo=session.can_undo(),
                moved=session.can_reset(), organisations=list(session.scenario.organisations),
                shown=session.setting.organisations, ready=session.last is not None))  # fmt: skip
            self._result.set_content(views.result(session))
            self._rounds.set_content(views.rounds(self._room))
            self._poll.set_content(views.poll(self._room, self._address, self._only_here) if session.polling else "")
            self._run("levers", views.positions(session))
        if what in (STATE, LIVES, SHOW, NUMBERS):
            self._debrief.set_content(views.debrief(self._room, self._said))
        if what in (SHOW, STATE) and answers.playback is not None and not session.polling:
            if self._shown != answers.playback_round:
                self._shown = answers.playback_round
                self._next = {GAINED: 0, LOST: 0}
                self._run("show", f"/room/{self._room.token}/show/{answers.playback_round}.json")
        if what == STATE and session.polling:
            self._shown = -1
            self._run("hide")
        if what == LIVES and self._picked is not None:
            self._tell_of_picked()
        if what == DEBRIEF:
            self._sheet.set_content(debrief_sheet(answers))
            self._debrief.set_content(views.debrief(self._room, self._said))
        if what == WORKING:
            self._look()

    def _look(self) -> None:
        work = self._room.answers.work
        share = None if work is None else {"what": work.what, "share": work.done / work.total if work.total else None}
        self._run("progress", share)

    def _run(self, name: str, *given: object) -> None:
        arguments = ", ".join(json.dumps(argument).replace("<", "\\u003c") for argument in given)
        self._client.run_javascript(f"Workshop.{name}({arguments})")

    def _refuse(self, message: str) -> None:
        self._run("say", message)

    # --- what is done to it -----------------------------------------------------------------------------------------

    def _act(self, event: GenericEventArguments) -> None:
        sent = event.args if isinstance(event.args, Mapping) else {}
        action = _ACTIONS.get(sent.get("do")) if isinstance(sent.get("do"), str) else None
        try:
            if action is None:
                raise ScenarioError("the page does not know how to do that")
            action(self, sent)
        except ScenarioError as refused:
            self._refuse(str(refused))
            self._run("levers", views.positions(self._room.session))
            self._run("shown", self._room.session.setting.organisations)

    def _moved(self, changed: bool) -> None:
        if changed:
            self._room.answers.begin()
        self._room.say(STATE)

    def _show(self, sent: Mapping[str, Any]) -> None:
        names = sent.get("value")
        self._moved(self._room.session.show(names if isinstance(names, list) else []))

    def _reveal(self) -> None:
        self._room.session.reveal()
        self._room.say(STATE)
        if self._room.session.guesses:
            self._sheet.set_content(views.guessed(self._room.session))

    def _ask(self) -> None:
        self._room.session.ask()
        self._sheet.set_content("")
        self._room.say(STATE)

    def _keep(self, sent: Mapping[str, Any]) -> None:
        self._room.session.keep(sent.get("value"))
        self._room.say(STATE)

    def _flip(self, way: str) -> None:
        answers = self._room.answers
        flips = answers.flips(way)
        if flips is None or answers.playback is None:
            raise ScenarioError("lives are still being laid side by side")
        if not len(flips):
            self._said = "There is no such buyer among those shown."
        else:
            buyer = int(flips["buyer"].iloc[self._next[way] % len(flips)])
            self._next[way] += 1
            self._said = f"{(self._next[way] - 1) % len(flips) + 1} of {len(flips)} such buyers on show."
            self._run("pick", answers.playback.buyers.tolist().index(buyer))
        self._debrief.set_content(views.debrief(self._room, self._said))

    def _pick(self, event: GenericEventArguments) -> None:
        self._picked = event.args
        self._tell_of_picked()

    def _tell_of_picked(self) -> None:
        """Where the lives of the picked buyer part, in the player's own panel."""
        try:
            self._run("why", about_buyer(self._room.answers, self._picked))
        except ScenarioError as refused:
            self._refuse(str(refused))


_ACTIONS: dict[object, Callable[[HostPage, Mapping[str, Any]], object]] = {
    "move": lambda page, sent: page._moved(page._room.session.move(sent.get("key"), sent.get("position"))),
    "undo": lambda page, sent: page._moved(page._room.session.undo()),
    "reset": lambda page, sent: page._moved(page._room.session.reset()),
    "organisations": HostPage._show,
    "recall": lambda page, sent: page._moved(page._room.session.recall(sent.get("value"))),
    "reveal": lambda page, sent: page._reveal(),
    "ask": lambda page, sent: page._ask(),
    "guesses": lambda page, sent: page._sheet.set_content(views.guessed(page._room.session)),
    "keep": HostPage._keep,
    "side-by-side": lambda page, sent: page._sheet.set_content(views.side_by_side(page._room.session)),
    "debrief": lambda page, sent: page._room.answers.begin_debrief(),
    "show-debrief": lambda page, sent: page._sheet.set_content(debrief_sheet(page._room.answers)),
    "close": lambda page, sent: page._sheet.set_content(""),
    "gained": lambda page, sent: page._flip(GAINED),
    "lost": lambda page, sent: page._flip(LOST),
}


def _piece(classes: str) -> ui.html:
    return ui.html("", sanitize=False).classes(classes)
