"""What a room's page shows, as pieces of HTML made from its state."""

import math
from typing import Any

import segno

from simulator.questions.frame.numbers import began, words
from simulator.scenario.schema import ScenarioError
from simulator.workshop.guesses_figure import guesses_svg
from simulator.workshop.rooms import Room
from simulator.workshop.rounds import HEADLINES, headlines, leading, what_changed
from simulator.workshop.session import MOST_POINTS, Round, Session, Setting
from simulator.workshop.templating import rendered

#: Colour of what belongs to no organisation.
_PLAIN = "#333333"


def arms(session: Session) -> list[dict[str, str]]:
    """The organisations that are compared now, in words."""
    known = session.scenario.organisations
    return [
        {
            "name": name,
            "label": words(name),
            "about": known[name].description.partition(": ")[2] or known[name].description,
            "tint": session.tint(name),
        }
        for name in session.setting.organisations
    ]


def levers(session: Session) -> str:
    """The sliders."""
    owners = [{"key": name, "label": words(name), "tint": session.tint(name)} for name in session.setting.organisations]
    owners.append({"key": "", "label": "people and market", "tint": _PLAIN})
    rows = [
        {
            "key": lever.key,
            "owner": lever.organisation,
            "label": lever.label,
            "position": session.position(lever.key),
            "start": lever.start,
            "stops": [lever.text(i) for i in range(len(lever.stops))],
            "meaning": f"{began(lever.meaning)}",
            "unit": lever.unit,
            "source": lever.source,
            "mechanism": lever.mechanism,
            "tint": session.tint(lever.organisation) if lever.organisation else _PLAIN,
        }
        for lever in session.shown()
    ]
    return rendered("levers.html", owners=owners, levers=rows, chosen=session.setting.organisations[-1])


def positions(session: Session) -> dict[str, int]:
    """Where every lever on the page stands."""
    return {lever.key: session.position(lever.key) for lever in session.shown()}


def result(session: Session) -> str:
    """The headline numbers of the round that is shown, and what changed since the one before."""
    shown = session.last
    if shown is None or session.polling:
        return rendered("result.html", hidden=session.polling, rows=[])
    before, run = session.before, session.scenario.run
    changes = what_changed(shown.comparison, before.comparison) if before else []
    return rendered(
        "result.html",
        hidden=False,
        rows=headlines(shown.comparison),
        names=shown.setting.organisations,
        tints=[session.tint(name) for name in shown.setting.organisations],
        caption=f"{run.replications:,} repetitions, seed {run.seed}; ± and “to”: 95% intervals, of luck only",
        leading=leading(shown.comparison),
        moves=moves(session, before.setting, shown.setting) if before else "",
        changes=changes,
    )


def moves(session: Session, one: Setting, other: Setting) -> str:
    """What was moved from one setting to another, in words."""
    clauses = [
        f"{lever.label}{f' ({words(lever.organisation)})' if lever.organisation else ''} from {lever.text(before)} to "
        f"{lever.text(after)}"
        for lever, before, after in session.moves(one, other)
    ]
    if one.organisations != other.organisations:
        clauses.append(f"now {', '.join(map(words, other.organisations))}")
    return "; ".join(clauses)


def poll(room: Room, address: str, only_here: bool) -> str:
    """What people look at while they guess."""
    session = room.session
    url = f"http://{address}/guess/{room.code}"
    qr = segno.make(url, error="m").svg_inline(scale=5, border=2, dark="#222222", svgclass="qr", omitsize=True)
    return rendered(
        "poll.html",
        question=session.scenario.question,
        arms=arms(session),
        moved=moves(session, Setting(session.setting.organisations), session.setting),
        ready=session.last is not None and session.last.setting == session.setting,
        address=f"{address}/guess",
        qr=qr,
        code=room.code,
        only_here=only_here,
        guesses=list(session.guesses.values()),
        guess_path=f"/guess/{room.code}",
    )


def guessed(session: Session) -> str:
    """The guesses beside what came of it."""
    if not session.polls:
        raise ScenarioError("nobody has guessed yet")
    poll = session.polls[-1]
    return rendered(
        "guessed.html",
        leading=leading(poll.round.comparison),
        figure=guesses_svg(session, poll),
        best=poll.ranked()[:3],
    )


def rounds(room: Room) -> str:
    """The rounds that were kept, side by side."""
    session = room.session
    shown = session.last if not session.polling else None
    return rendered(
        "rounds.html",
        can_keep=shown is not None,
        rounds=_kept(session),
        command=session.command(shown.setting) if shown else "",
        csv=f"/room/{room.token}/round.csv",
    )  # fmt: skip


def side_by_side(session: Session) -> str:
    """The kept rounds in a table: a column each."""
    if not session.kept:
        raise ScenarioError("no round was kept yet")
    rows: list[dict[str, Any]] = []
    for name in session.scenario.organisations:
        for key, label in HEADLINES.items():
            cells = [_cell(kept, name, key) for kept in session.kept]
            if any(cells):
                rows.append({"label": f"{words(name)}: {label}", "cells": cells})
    return rendered("side_by_side.html", rounds=_kept(session), rows=rows)


def _kept(session: Session) -> list[dict[str, str]]:
    return [
        {
            "name": kept.name,
            "moves": moves(session, Setting(kept.setting.organisations), kept.setting) or "nothing",
            "organisations": " and ".join(map(words, kept.setting.organisations)),
            "leading": leading(kept.comparison),
        }
        for kept in session.kept
    ]


def _cell(kept: Round, name: str, key: str) -> str:
    if name not in kept.setting.organisations:
        return ""
    row = next(row for row in headlines(kept.comparison) if row.key == key)
    value, half = row.estimates[kept.setting.organisations.index(name)]
    unit = "" if row.unit == "days" else f" {row.unit}"
    return f"{value}{f' ±{half}' if half else ''}{unit}"


def debrief(room: Room, said: str) -> str:
    """What can be done at the end."""
    session, answers = room.session, room.answers
    ready = session.last is not None and not session.polling
    return rendered(
        "debrief.html",
        found=answers.debrief is not None,
        ready=ready,
        lives=ready and answers.twins is not None,
        last=session.setting.organisations[-1],
        said=said,
        save=f"/room/{room.token}/session.html",
    )


def guess_page(room: Room, guesser: str, message: str, css: str, js: str) -> str:
    """What a guesser's phone shows."""
    session = room.session
    guess = session.guesses.get(guesser)
    parts: dict[str, Any] = {"leading": "", "right": False, "distance": 0.0, "place": 0}
    if not session.polling and session.guesses:
        poll = session.polls[-1]  # of these guesses: it was kept when they were closed
        parts["leading"] = leading(poll.round.comparison)
        if guess is not None:
            place = poll.ranked().index(guess) + 1
            parts |= {"right": guess.is_right(poll.lead), "distance": guess.distance(poll.lead), "place": place}
    return rendered(
        "guess.html",
        question=session.scenario.question,
        message=message,
        open=session.polling,
        guess=guess,
        arms=arms(session),
        most=f"{MOST_POINTS:g}",
        baseline=words(session.scenario.compared()[0]),
        usual=_about(session.usual),
        people=len(session.guesses),
        css=css,
        js=js,
        state_path=f"/guess/{room.code}/state",
        version=poll_version(session),
        **parts,
    )


def _about(share: float | None) -> str:
    """A share as so many of a hundred, to say what size to expect; "" where there is none."""
    if share is None or not math.isfinite(share):
        return ""
    return f"{100 * share:.0f}" if share >= 0.01 else f"{100 * share:.1f}"


def poll_version(session: Session) -> str:
    """Changes when a guesser's page has to."""
    return f"{session.asked}{'open' if session.polling else 'closed'}"
