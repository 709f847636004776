"""One room's session: where its levers stand, the rounds that it keeps, what people guessed, what is shown.

Plain state without a page: every change goes through a method, which refuses what cannot be in one line. Guesses are
what people say before they see a result, checked whatever their browsers send.
"""

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from simulator.questions.compare.work import Comparison
from simulator.questions.frame.style import colour
from simulator.scenario.checked import Checked, check
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError
from simulator.workshop.levers import Slider, check_position, moved, overrides, sliders
from simulator.workshop.rounds import Lead, lead

#: Most characters of a name.
NAME_LENGTH = 40
#: Most percentage points that one organisation can be guessed ahead.
MOST_POINTS = 50.0


@dataclass(frozen=True)
class Guess:
    """One person's prediction.

    Attributes
    ----------
    name : as typed, "" for nobody in particular.
    first : who wins the largest share of the inquiries; "" for no real difference.
    points : how many percentage points ahead of the next one.
    """

    name: str
    first: str
    points: float

    def distance(self, lead: Lead) -> float:
        """Percentage points from what was measured; a wrong winner counts on the other side of 0."""
        measured = 100 * lead.ahead.value
        guessed = self.points if self.first == lead.first else 0.0 if not self.first else -self.points
        return abs(guessed - measured)

    def is_right(self, lead: Lead) -> bool:
        """Whether it named the winner; where none is sure, those who saw no real difference are right."""
        return self.first == (lead.first if lead.sure else "")


def checked(organisations: Sequence[str], name: object, first: object, points: object) -> Guess:
    """A guess from what was sent.

    Raises
    ------
    ScenarioError
        One line that a guesser understands.
    """
    if not isinstance(name, str) or not isinstance(first, str):
        raise ScenarioError("a guess has a name and an organisation, as text")
    if first and first not in organisations:
        raise ScenarioError("choose one of the organisations, or no real difference")
    try:
        ahead = float(str(points)) if not isinstance(points, bool) and str(points).strip() else math.nan
    except ValueError:
        ahead = math.nan
    if first and not 0 <= ahead <= MOST_POINTS:
        raise ScenarioError(f"say by how many points, from 0 to {MOST_POINTS:g}")
    printable = "".join(letter for letter in name if letter.isprintable()).strip()
    if len(printable) > NAME_LENGTH:
        raise ScenarioError(f"a name has at most {NAME_LENGTH} letters")
    return Guess(printable, first, round(ahead, 2) if first else 0.0)


def ranked(guesses: Sequence[Guess], lead: Lead) -> list[Guess]:
    """Best first: who named the winner, then by distance; in the order of coming where equal."""
    return sorted(guesses, key=lambda guess: (not guess.is_right(lead), guess.distance(lead)))


#: Rounds that are kept side by side, at most.
MOST_ROUNDS = 24
#: Steps that can be undone, at most.
_MOST_UNDONE = 200
#: Settings that a repeated round is told without: they are said anyway, or change no number.
_UNTOLD = ("scenario=", "question=", "workshop.", "run.seed=", "run.replications=", "run.threads=")
#: Organisations side by side.
LEAST_SHOWN, MOST_SHOWN = 2, 3


@dataclass(frozen=True)
class Setting:
    """Where the levers stand, and which organisations are compared.

    Attributes
    ----------
    organisations : two or three, the baseline first.
    positions : key of a lever -> stop; what is not named stands where the scenario has it.
    """

    organisations: tuple[str, ...]
    positions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Round:
    """A setting and what came of it."""

    number: int
    name: str
    setting: Setting
    comparison: Comparison


@dataclass(frozen=True)
class Poll:
    """What people guessed of a round before they saw it; by guesser."""

    round: Round
    guesses: Mapping[str, Guess]

    @property
    def lead(self) -> Lead:
        """What came of it."""
        return lead(self.round.comparison)

    def ranked(self) -> list[Guess]:
        """Best first."""
        return ranked(list(self.guesses.values()), self.lead)


class Session:
    """What a room has done.

    Attributes
    ----------
    scenario : as the room began.
    levers : all there are, also of organisations that are not shown now.
    setting : as it stands now.
    usual : the share of its inquiries that the baseline won in the room's first result; None before it.
    last, before : the round that is shown, and the one shown before it; None until one was run.
    kept : rounds that were given a name, in order.
    guesses : of the poll that is open, by guesser.
    polling : whether people guess now, so that results stay hidden.
    asked : how often they were asked.
    polls : those that are over, in order; none in which nobody guessed.
    """

    def __init__(self, scenario: Scenario, typed: Sequence[str] = ()) -> None:
        self.scenario = check(scenario)
        self._typed = [setting for setting in typed if not setting.startswith(_UNTOLD)]
        self.usual: float | None = None
        self.levers: tuple[Slider, ...] = sliders(self.scenario)
        self._by_key = {lever.key: lever for lever in self.levers}
        self._begun = Setting(tuple(self.scenario.compared()[:MOST_SHOWN]))
        self.setting = self._begun
        self._undone: list[Setting] = []
        self.last: Round | None = None
        self.before: Round | None = None
        self.kept: list[Round] = []
        self.guesses: dict[str, Guess] = {}
        self.polling, self.asked = True, 1
        self.polls: list[Poll] = []
        self._count = 0

    def tints(self) -> dict[str, str]:
        """A colour for each organisation of the scenario, the same whichever are compared."""
        return {name: colour(place) for place, name in enumerate(self.scenario.organisations)}

    def tint(self, name: str) -> str:
        """An organisation's colour."""
        return self.tints()[name]

    # --- levers ---------------------------------------------------------------------------------------------------

    def shown(self) -> list[Slider]:
        """The levers of all and of the organisations that are compared now."""
        return [lever for lever in self.levers if lever.organisation in ("", *self.setting.organisations)]

    def position(self, key: str) -> int:
        """Where a lever stands."""
        return self.setting.positions.get(key, self._by_key[key].start)

    def move(self, key: object, position: object) -> bool:
        """Put a lever at a stop; whether that changed anything.

        Raises
        ------
        ScenarioError
            When there is no such lever or stop, or when the setting contradicts itself; nothing changes then.
        """
        check_position(self._by_key, key, position)
        assert isinstance(key, str) and isinstance(position, int)
        if self.position(key) == position:
            return False
        positions = {**self.setting.positions, key: position}
        if position == self._by_key[key].start:
            del positions[key]
        return self._set(replace(self.setting, positions=positions))

    def show(self, organisations: Sequence[object]) -> bool:
        """Compare other organisations; whether that changed anything."""
        known = list(self.scenario.organisations)
        names = [name for name in known if name in organisations]
        if len(names) != len(organisations) or not LEAST_SHOWN <= len(names) <= MOST_SHOWN:
            raise ScenarioError(
                f"show {LEAST_SHOWN} or {MOST_SHOWN} of the organisations side by side, got {len(organisations)}"
            )
        if tuple(names) == self.setting.organisations:
            return False
        return self._set(replace(self.setting, organisations=tuple(names)))

    def undo(self) -> bool:
        """Take the last change back; whether there was one."""
        if not self._undone:
            return False
        self._refuse_guessed()
        self.setting = self._undone.pop()
        return True

    def reset(self) -> bool:
        """Put everything where it was in the beginning; can be undone. Whether anything was elsewhere."""
        return self.can_reset() and self._set(self._begun)

    def can_reset(self) -> bool:
        """Whether anything stands elsewhere than in the beginning."""
        return self.setting != self._begun

    def recall(self, number: object) -> bool:
        """Put everything where it was in a kept round, counted from 0; can be undone. Whether it was elsewhere."""
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < len(self.kept):
            raise ScenarioError(f"a round must be one of the {len(self.kept)} that were kept")
        setting = self.kept[number].setting
        return self.setting != setting and self._set(setting)

    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._undone)

    def _refuse_guessed(self) -> None:
        if self.polling and self.guesses:
            raise ScenarioError("people have guessed for the levers as they are: show what happens first")

    def _set(self, setting: Setting) -> bool:
        self._refuse_guessed()
        self.lived(setting)  # refuses
        self._undone = [*self._undone[-_MOST_UNDONE:], self.setting]
        self.setting = setting
        return True

    # --- rounds ---------------------------------------------------------------------------------------------------

    def lived(self, setting: Setting | None = None) -> Checked:
        """The scenario as a setting has it; the present one by default."""
        chosen = setting or self.setting
        base = self.scenario.with_({"compare.organisations": list(chosen.organisations)})
        return moved(base, self.levers, chosen.positions)

    def answered(self, setting: Setting, comparison: Comparison) -> Round:
        """A comparison has come in: it is what is shown now."""
        self._count += 1
        if self.usual is None:
            self.usual = comparison.found[comparison.baseline]["win_rate_inquiries"].value
        if self.last is not None and self.last.setting != setting:
            self.before = self.last
        self.last = Round(self._count, "", setting, comparison)
        return self.last

    def keep(self, name: object) -> Round:
        """Keep the round that is shown, under a name, beside those kept before."""
        if self.last is None or self.polling:
            raise ScenarioError("there is no result to keep yet")
        if not isinstance(name, str):
            raise ScenarioError("the name of a round must be text")
        if len(self.kept) >= MOST_ROUNDS:
            raise ScenarioError(f"at most {MOST_ROUNDS} rounds can be kept")
        printable = "".join(letter for letter in name if letter.isprintable()).strip()[:NAME_LENGTH]
        called = printable or f"round {len(self.kept) + 1}"
        self.kept.append(replace(self.last, name=called))
        return self.kept[-1]

    def moves(self, one: Setting, other: Setting) -> list[tuple[Slider, int, int]]:
        """The levers that two settings put at different stops."""
        stops = [[setting.positions.get(lever.key, lever.start) for lever in self.levers] for setting in (one, other)]
        return [moved for moved in zip(self.levers, *stops, strict=True) if moved[1] != moved[2]]

    def command(self, setting: Setting) -> str:
        """What repeats a setting's numbers in a terminal, to the last digit."""
        parts = [f"scenario={self.scenario.name}", *map(shlex.quote, self._typed)]
        parts += overrides(self.levers, setting.positions)
        if list(setting.organisations) != self.scenario.compared():
            parts.append(f"compare.organisations=[{','.join(setting.organisations)}]")
        run = self.scenario.run
        return " ".join(("python -m simulator", *parts, f"run.seed={run.seed}", f"run.replications={run.replications}"))

    # --- guesses --------------------------------------------------------------------------------------------------

    def guess(self, guesser: str, name: object, first: object, points: object) -> Guess:
        """Take somebody's guess, in place of an earlier one of the same guesser.

        Raises
        ------
        ScenarioError
            When nobody is asked, when it cannot be read, or when too many guess.
        """
        if not self.polling:
            raise ScenarioError("the guesses are closed: the result is on the screen")
        guess = checked(self.setting.organisations, name, first, points)
        if guesser not in self.guesses and len(self.guesses) >= self.scenario.workshop.guesses:
            raise ScenarioError(f"the room is full: {len(self.guesses):,} people have guessed")
        self.guesses[guesser] = guess
        return guess

    def ask(self) -> None:
        """Hide the result and let people guess anew."""
        self.guesses, self.polling = {}, True
        self.asked += 1

    def reveal(self) -> None:
        """Close the guesses and show the result."""
        if self.last is None or self.last.setting != self.setting:
            raise ScenarioError("the result is not there yet")
        if self.polling and self.guesses:
            self.polls.append(Poll(self.last, dict(self.guesses)))
        self.polling = False
