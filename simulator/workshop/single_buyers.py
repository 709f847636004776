"""One buyer of those on show: where its two lives part, and why."""

from simulator.questions.frame.numbers import words
from simulator.questions.twins.stories import ends, where, why
from simulator.scenario.schema import ScenarioError
from simulator.workshop.answers import Answers
from simulator.workshop.templating import rendered


def told(answers: Answers, dot: object) -> str:
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
    found, buyer = answers.twins, int(answers.playback.buyers[dot])
    rows = found.divergences[(found.divergences["replication"] == 0) & (found.divergences["buyer"] == buyer)]
    if not len(rows):
        return rendered("life.html", title="This buyer", where="came to none of the two.", why="")
    about = {str(name): value for name, value in rows.iloc[0].to_dict().items()}
    # In days of the show, as everything else on the page.
    about["parted_day"] += float(answers.playback.days_of(rows["arrived_us"].to_numpy())[0])
    names = f"{words(found.baseline)} and {words(found.challenger)}"
    if not about["parted"]:
        return rendered("life.html", title="One life:", where=f"it is the same in {names}.", why="")
    return rendered(
        "life.html", title="Where the lives part.", where=where(found, about),
        why=f"{why(found, about)} {ends(found, about)}",
    )  # fmt: skip
