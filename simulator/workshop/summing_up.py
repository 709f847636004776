"""The end of a session: three buyers and a waterfall to speak about."""

from simulator.questions.attribution.figure import waterfall
from simulator.questions.attribution.tell import conclusion
from simulator.questions.frame.style import styled
from simulator.questions.twins.stories import ends, kind, where, who, why
from simulator.workshop.answers import Answers, Debrief
from simulator.workshop.pictures import svg
from simulator.workshop.templating import rendered

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
    found, stories = debrief.waterfall, debrief.stories
    few, many = found.scenario.run.replications, debrief.round.comparison.scenario.run.replications
    with styled():
        figure = waterfall(found, found.metrics[0])
    told = []
    for number, story in enumerate(stories.stories, start=1):
        title = f"{number}. {kind(stories, story)}"
        if story.about is None:
            told.append({"title": title, "who": "There is no such buyer in these repetitions.", "where": "", "why": ""})
            continue
        told.append({
            "title": title,
            "who": who(story),
            "where": where(stories, story.about),
            "why": f"{why(stories, story.about)} {ends(stories, story.about)}",
        })  # fmt: skip
    return {
        "figure": svg(figure, "waterfall", "What the gap is made of"),
        "waterfall_said": " ".join(conclusion(found)),
        "waterfall_of": f"From {few} repetitions, where the round has {many}: intervals are wider here."
        if few < many
        else "",
        "stories_said": f"Typical ones, chosen by rule from {stories.detailed} repetitions.",
        "stories": told,
        "caveat": CAVEAT,
    }
