"""A whole session as one file that opens anywhere, without a network."""

from datetime import UTC, datetime

from simulator.questions.frame.numbers import words
from simulator.questions.frame.player import fragment
from simulator.workshop import views
from simulator.workshop.pictures import guesses_svg
from simulator.workshop.rooms import Room
from simulator.workshop.round_words import headlines, leading
from simulator.workshop.session import Round, Setting
from simulator.workshop.summing_up import CAVEAT, debrief_body
from simulator.workshop.templating import rendered, static


def saved(room: Room) -> str:
    """HTML with every round that was kept, the last one, the guesses, the debrief, and the last show to play again."""
    session, answers = room.session, room.answers
    rounds = list(session.kept)
    last = None if session.polling else session.last
    if last is not None and not any(one.number == last.number for one in rounds):
        rounds.append(last)
    return rendered(
        "saved.html",
        scenario=session.scenario.name,
        question=session.scenario.question or session.scenario.name,
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        arms=views.arms(session),
        rounds=[_told(room, one) for one in rounds],
        polls=[
            {"figure": guesses_svg(session, poll), "best": poll.ranked()[:3], "round": poll.round.number}
            for poll in session.polls
        ],
        debrief=debrief_body(answers.debrief) if answers.debrief else "",
        player=fragment(answers.playback, tints=session.tints())
        if answers.playback is not None and last is not None
        else "",
        caveat=CAVEAT,
        run=session.scenario.run,
        css=static("plain.css") + static("saved.css"),
    )


def _told(room: Room, one: Round) -> dict[str, object]:
    session = room.session
    begun = Setting(one.setting.organisations)
    return {
        "name": one.name or "the last round",
        "moves": views.moves(session, begun, one.setting) or "nothing was moved",
        "leading": leading(one.comparison),
        "names": [words(name) for name in one.setting.organisations],
        "rows": headlines(one.comparison),
        "command": session.command(one.setting),
    }
