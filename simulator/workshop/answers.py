"""What a room's setting comes to: numbers first, then something to watch, then where lives part; and the debrief.

Each is worked out beside the page: in threads, a few pieces at a time, told of as it goes, and given up as soon as the
room wants something else.
"""

import asyncio
import functools
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, TypeVar

from simulator.questions.attribution.work import Attribution, attribute
from simulator.questions.frame.player import payload
from simulator.questions.frame.player.playback import Playback, recorded
from simulator.questions.frame.workers import Cancelled
from simulator.questions.twins.work import Twins, twins
from simulator.scenario.checked import Checked
from simulator.scenario.schema import ScenarioError
from simulator.workshop.rounds import Rounds
from simulator.workshop.session import Round, Session, Setting

if TYPE_CHECKING:
    import pandas as pd

Found = TypeVar("Found")

#: Pieces of work at a time, of all rooms; each takes all cores.
_AT_A_TIME = 2

_POOL = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="workshop")


class Work:
    """Something that a room waits for.

    Attributes
    ----------
    what : in words.
    done, total : how far it is; 0 of 0 until it began.
    """

    def __init__(self, what: str) -> None:
        self.what, self.done, self.total = what, 0, 0
        self._ended = Event()

    def tell(self, done: int, total: int, note: str = "") -> None:
        """For whoever does the work: how far it is.

        Raises
        ------
        Cancelled
            When it shall end.
        """
        self.done, self.total = done, total
        self.go_on()

    def go_on(self) -> None:
        """Raise `Cancelled` when the work shall end."""
        if self._ended.is_set():
            raise Cancelled

    def cancel(self) -> None:
        """Let it end at its next word."""
        self._ended.set()

    @property
    def cancelled(self) -> bool:
        """Whether it shall end."""
        return self._ended.is_set()

    async def run(self, does: Callable[[], Found]) -> Found:
        """Do it in a thread.

        Raises
        ------
        Cancelled
            When it was ended, before or after it began.
        """

        def begun() -> Found:
            self.go_on()
            return does()

        result = await asyncio.get_running_loop().run_in_executor(_POOL, begun)
        self.go_on()
        return result


_LOG = logging.getLogger(__name__)

#: What a page is told: something is being worked at or has ended, new numbers, a new show, lives laid side by side,
#: a debrief, or a change of the room's state; "refused: ..." says why something could not be.
WORKING, NUMBERS, SHOW, LIVES, DEBRIEF, STATE = "working", "numbers", "show", "lives", "debrief", "state"


@dataclass(frozen=True)
class Debrief:
    """What a session ends with, of one round."""

    round: Round
    stories: Twins
    waterfall: Attribution


class Answers:
    """Works out what a session asks, one thing at a time; everything but `Work` runs on the event loop.

    Attributes
    ----------
    work : what is being worked at, None if nothing is.
    playback, playback_round : what the player shows, and the number of its round.
    twins : both lives of the buyers of that round's first repetition, once laid side by side.
    debrief : the last one.
    tell : called with a word when something changed.
    """

    def __init__(self, session: Session, rounds: Rounds) -> None:
        self._session, self._rounds = session, rounds
        self._running: set[asyncio.Task[None]] = set()
        self.work: Work | None = None
        self.playback: Playback | None = None
        self.playback_round = 0
        self.playback_json = b""
        self.twins: Twins | None = None
        self.debrief: Debrief | None = None
        self.tell: Callable[[str], None] = lambda what: None

    def begin(self) -> None:
        """Work out the session's present setting, in place of what is being worked at."""
        self._start("the same buyers in each organisation", self._answer)

    def go_on(self) -> None:
        """Work out what the present setting still lacks, unless something is being worked at."""
        last = self._session.last
        complete = last is not None and last.setting == self._session.setting and self.twins is not None
        if self.work is None and not complete:
            self.begin()

    def begin_debrief(self) -> None:
        """Work out the debrief of the round that is shown.

        Raises
        ------
        ScenarioError
            When there is no result to speak about yet.
        """
        if self._session.last is None or self._session.polling:
            raise ScenarioError("there is no result to speak about yet: reveal it first")
        self._start("what the gap is made of", self._debrief)

    def stop(self) -> None:
        """Give up what is being worked at."""
        if self.work is not None:
            self.work.cancel()
        self.work = None

    def _start(self, what: str, does: Callable[[Work], "asyncio.Future[None] | object"]) -> None:
        self.stop()
        work = self.work = Work(what)

        async def go() -> None:
            try:
                await does(work)  # type: ignore[misc]
            except Cancelled:
                return
            except ScenarioError as refused:
                self.tell(f"refused: {refused}")
            except Exception:  # a room must not wait for ever
                _LOG.exception("a workshop's %s", work.what)
                self.tell("refused: this setting could not be worked out; the server's terminal says why")
            finally:
                if self.work is work:
                    self.work = None
                self.tell(WORKING)

        task = asyncio.get_running_loop().create_task(go())
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        self.tell(WORKING)

    async def _answer(self, work: Work) -> None:
        setting, session = self._session.setting, self._session
        scenario = session.lived(setting)
        comparison = await work.run(lambda: self._rounds.compared(scenario, work.tell))
        number = session.answered(setting, comparison).number
        self.twins = None
        self.tell(NUMBERS)
        work.what, work.total = "something to watch", 0
        self.playback, self.playback_json = await work.run(functools.partial(self._shown, scenario, work))
        self.playback_round = number
        self.tell(SHOW)
        work.what = "where lives part"
        self.twins = await work.run(lambda: twins(_side_by_side(scenario, setting, 2, 1), work.tell))
        self.tell(LIVES)

    def _shown(self, scenario: Checked, work: Work) -> tuple[Playback, bytes]:
        playback = recorded(scenario, most=scenario.workshop.dots, cancelled=lambda: work.cancelled)
        return playback, json.dumps(payload(playback, tints=self._session.tints()), separators=(",", ":")).encode()

    async def _debrief(self, work: Work) -> None:
        shown = self._session.last
        assert shown is not None
        scenario, settings = self._session.lived(shown.setting), self._session.scenario.workshop
        stories = _side_by_side(scenario, shown.setting, settings.story_replications, settings.story_replications)
        work.what = "three buyers to speak about"
        told_twins = await work.run(lambda: twins(stories, work.tell))
        work.what = "what the gap is made of"
        parts = await work.run(lambda: attribute(_taken_apart(scenario, shown.setting), work.tell))
        self.debrief = Debrief(shown, told_twins, parts)
        self.tell(DEBRIEF)

    # --- single buyers ----------------------------------------------------------------------------------------------

    def flips(self, way: str) -> "pd.DataFrame | None":
        """Buyers on show whom the last organisation gained or lost, in order; None while that is not known."""
        if self.twins is None or self.playback is None:
            return None
        table = self.twins.divergences
        chosen = table[(table["flip"] == way) & (table["replication"] == 0) & table["buyer"].isin(self.playback.buyers)]
        lived = chosen[chosen["came"] == "both"]
        return lived if len(lived) else chosen


def _side_by_side(scenario: Checked, setting: Setting, replications: int, detailed: int) -> Checked:
    """As a study of twins: the first organisation beside the last."""
    return scenario.with_(
        {
            "study.name": "twins",
            "study.twins.challenger": setting.organisations[-1],
            "study.twins.detail_replications": detailed,
            "run.replications": replications,
        }
    )


def _taken_apart(scenario: Checked, setting: Setting) -> Checked:
    """As a study of attribution, quick enough to be waited for."""
    return scenario.with_(
        {
            "study.name": "attribution",
            "study.attribution.challenger": setting.organisations[-1],
            "study.attribution.metrics": ["win_rate_inquiries"],
            "study.attribution.method": "sampled",
            "study.attribution.orders": scenario.workshop.waterfall_orders,
            "run.replications": scenario.workshop.waterfall_replications,
        }
    )
