"""What is said of a session: of one buyer on show, of three buyers and a waterfall, and all of it as one file."""

from datetime import UTC, datetime

from simulator.questions.attribution.figure import waterfall
from simulator.questions.attribution.tell import conclusion
from simulator.questions.frame.numbers import words
from simulator.questions.frame.player import fragment
from simulator.questions.frame.style import styled
from simulator.questions.twins.stories import ends, kind, where, who, why
from simulator.scenario.schema import ScenarioError
from simulator.workshop import views
from simulator.workshop.answers import Answers, Debrief
from simulator.workshop.guesses_figure import guesses_svg, svg
from simulator.workshop.rooms import Room
from simulator.workshop.rounds import headlines, leading
from simulator.workshop.session import Round, Setting
from simulator.workshop.templating import rendered, static


def about_buyer(answers: Answers, dot: object) -> str:
    """A piece of HTML about the buyer of a dot; "" for none.

    Raises
    ------
    ScenarioError
        When there is no such dot.
    """
    if dot is None or answers.playback is None:
        return ""
    count = len(answers.playback.buyers)
    if isinstance(dot, bool) or not isinstance(dot, int) or not 0 <= dot < count:
        raise ScenarioError(f"a buyer must be one of the {count:,} on show")
    if answers.twins is None:
        return rendered("life.html", title="Where its lives part", where="is still being worked out.", why="")
    pair, buyer = answers.twins, int(answers.playback.buyers[dot])
    rows = pair.divergences[(pair.divergences["replication"] == 0) & (pair.divergences["buyer"] == buyer)]
    if not len(rows):
        return rendered("life.html", title="This buyer", where="came to none of the two.", why="")
    about = {str(name): value for name, value in rows.iloc[0].to_dict().items()}
    # In days of the show, as everything else on the page.
    about["parted_day"] += float(answers.playback.days_of(rows["arrived_us"].to_numpy())[0])
    names = f"{words(pair.baseline)} and {words(pair.challenger)}"
    if not about["parted"]:
        return rendered("life.html", title="One life:", where=f"it is the same in {names}.", why="")
    return rendered(
        "life.html", title="Where the lives part.", where=where(pair, about),
        why=f"{why(pair, about)} {ends(pair, about)}",
    )  # fmt: skip


#: What a debrief must not leave unsaid.
CAVEAT = (
    "This holds in this model, with these assumptions. Intervals are of luck only; a single buyer is a story, not "
    "evidence; what other organisations would do is assumed, not measured."
)


def debrief_sheet(answers: Answers) -> str:
    """The debrief over the page; "" before there is one."""
    return rendered("debriefed.html", **parts(answers.debrief)) if answers.debrief else ""


def debrief_body(debrief: Debrief) -> str:
    """The same as a part of a longer text."""
    return rendered("debrief_body.html", **parts(debrief))


def parts(debrief: Debrief) -> dict[str, object]:
    """What the templates need."""
    attribution, stories = debrief.waterfall, debrief.stories
    few, many = attribution.scenario.run.replications, debrief.round.comparison.scenario.run.replications
    with styled():
        figure = waterfall(attribution, attribution.metrics[0])
    tellings = []
    for number, story in enumerate(stories.stories, start=1):
        title = f"{number}. {kind(stories, story)}"
        if story.about is None:
            tellings.append(
                {"title": title, "who": "There is no such buyer in these repetitions.", "where": "", "why": ""}
            )
            continue
        tellings.append({
            "title": title,
            "who": who(story),
            "where": where(stories, story.about),
            "why": f"{why(stories, story.about)} {ends(stories, story.about)}",
        })  # fmt: skip
    return {
        "figure": svg(figure, "waterfall", "What the gap is made of"),
        "waterfall_said": " ".join(conclusion(attribution)),
        "waterfall_of": f"From {few} repetitions, where the round has {many}: intervals are wider here."
        if few < many
        else "",
        "stories_said": f"Typical ones, chosen by rule from {stories.detailed} repetitions.",
        "stories": tellings,
        "caveat": CAVEAT,
    }


def saved_session(room: Room) -> str:
    """HTML with every round that was kept, the last one, the guesses, the debrief, and the last show to play again."""
    session, answers = room.session, room.answers
    rounds = list(session.kept)
    last = None if session.polling else session.last
    if last is not None and not any(shown.number == last.number for shown in rounds):
        rounds.append(last)
    return rendered(
        "saved.html",
        scenario=session.scenario.name,
        question=session.scenario.question or session.scenario.name,
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        arms=views.arms(session),
        rounds=[_round_parts(room, kept) for kept in rounds],
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


def _round_parts(room: Room, kept: Round) -> dict[str, object]:
    session = room.session
    begun = Setting(kept.setting.organisations)
    return {
        "name": kept.name or "the last round",
        "moves": views.moves(session, begun, kept.setting) or "nothing was moved",
        "leading": leading(kept.comparison),
        "names": [words(name) for name in kept.setting.organisations],
        "rows": headlines(kept.comparison),
        "command": session.command(kept.setting),
    }
