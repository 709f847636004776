"""An export's leads as a stream that can be replayed, and the window through which their fates are seen."""

import datetime
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.engines.lowering.arrivals import Arrivals, arrivals_of
from simulator.fit.event_times import EventTimes, Times, event_times_of_funnel
from simulator.fit.observed_statistics import ObservedStatistics
from simulator.leads.doubts import LATE_CYCLES, LEADS_BEFORE
from simulator.leads.moments import moment_of
from simulator.leads.replay import lead_table
from simulator.leads.settings import Crm
from simulator.model.sizes import MAX_CHANNELS
from simulator.results.crm_export import NEVER
from simulator.results.summary import DAY, WEEK
from simulator.scenario.schema import ScenarioError

if TYPE_CHECKING:
    import pandas as pd

    from simulator.leads.funnel import Funnel

#: Channels beyond the most that the engines know are told together.
OTHERS = "other_channels"
#: Recording of wins is taken to begin with the first week that has this share of a usual week's.
_SHARE_OF_USUAL = 0.25
#: Characters of a channel's name that are kept.
_NAME = 60
#: Marks that names in a scenario cannot have.
_NO_NAME = re.compile(r"[^\w-]+")


@dataclass(frozen=True)
class LeadStream:
    """Leads in the order in which they came.

    Attributes
    ----------
    arrivals : as the engines take them.
    leads : lead_id, created (text), channel: what ``leads.csv`` holds, so that a replay of it is the same stream.
    event_times : of the real leads, all that the export knows.
    months : str[leads], the month in which each came, as 2018-01.
    since : microseconds since the first Monday; wins before are not recorded. 0 if all are.
    until : the same of the export.
    """

    arrivals: Arrivals
    leads: "pd.DataFrame"
    event_times: EventTimes
    months: NDArray[np.str_]
    since: int
    until: int

    def __len__(self) -> int:
        return len(self.arrivals.at_us)

    @property
    def whole(self) -> NDArray[np.bool_]:
        """Leads all of whose wins until the export are recorded: those that came since recording began."""
        return self.arrivals.at_us >= self.since

    def instant(self, moment: datetime.datetime) -> int:
        """Microseconds since the first Monday."""
        midnight = datetime.datetime.combine(self.arrivals.first_day, datetime.time())
        return (moment - midnight) // datetime.timedelta(microseconds=1)

    def day(self, instant: int) -> datetime.date:
        """The day of an instant."""
        return self.arrivals.first_day + datetime.timedelta(days=int(instant) // DAY)

    def days(self) -> int:
        """Whole days that a run takes to reach the export, and to hold every lead."""
        return -(-max(self.until, int(self.arrivals.at_us[-1]) + 1) // DAY)

    def known_at(self, until: int) -> EventTimes:
        """What an export at an earlier instant would have shown."""

        def before(at: Times) -> Times:
            return np.where(at < until, at, NEVER)

        event_times = self.event_times
        entered = {name: before(at) for name, at in event_times.entered.items()}
        return EventTimes(before(event_times.won), before(event_times.lost), before(event_times.contact), entered)

    def statistics(self, own: Sequence[int], until: int) -> ObservedStatistics:
        """What an export at an instant shows, with numbers of their own for these channels."""
        arrivals = self.arrivals
        return ObservedStatistics(arrivals.at_us, arrivals.channel, arrivals.channels, self.months, own, self.since,
                                  until, self.known_at(until))  # fmt: skip


def stream_of(funnel: "Funnel", crm: Crm) -> LeadStream:
    """The stream of an export's leads.

    Raises
    ------
    ScenarioError
        When no lead of it was won, or ``crm.wins_from`` lies after the export.
    """
    import pandas as pd

    leads = funnel.leads
    created = leads["created"].to_numpy().astype("datetime64[us]")
    only_days = bool((created == created.astype("datetime64[D]")).all())
    names = _keys(leads["channel"].astype(str).tolist())
    has_time = np.full(len(created), not only_days)
    arrivals = arrivals_of(lead_table(leads["lead_id"].tolist(), created, has_time, names))
    row = {name: place for place, name in enumerate(leads["lead_id"])}
    order = np.array([row[name] for name in arrivals.ids])
    moments = created.astype("datetime64[D]" if only_days else "datetime64[us]").tolist()
    written = pd.DataFrame(
        {
            "lead_id": arrivals.ids,
            "created": [moments[place].isoformat() for place in order],
            "channel": [names[place] for place in order],
        }
    )
    event_times = event_times_of_funnel(funnel, arrivals)
    if not (event_times.won < NEVER).any():
        raise ScenarioError("crm.deals must hold at least one win for study=calibrate, got none")
    months = np.datetime_as_string(created[order].astype("datetime64[M]"))
    stream = LeadStream(arrivals, written, event_times, months, 0, 0)
    until = stream.instant(funnel.exported_at)
    if crm.exported_at == "":  # the latest date of all is known, and who came on it
        until = max(until, int(arrivals.at_us[-1])) + 1
    since = _since(crm, stream, until)
    return LeadStream(arrivals, written, event_times, months, since, until)


def _since(crm: Crm, stream: LeadStream, until: int) -> int:
    """When wins begin to be recorded: as told, or from the wins, if the first comes late and after many leads."""
    if crm.wins_from:
        since = stream.instant(moment_of("crm.wins_from", crm.wins_from).replace(hour=0, minute=0, second=0,
                                                                               microsecond=0))  # fmt: skip
        if not 0 <= since < until:
            rule = "lie between the first lead and the export"
            raise ScenarioError(f"crm.wins_from must {rule}, got {crm.wins_from!r}")
        return since
    won, arrived = stream.event_times.won, stream.arrivals.at_us
    mine = np.flatnonzero(won < NEVER)
    cycle = float(np.median(won[mine] - arrived[mine]))
    first = int(won[mine].min())
    if first - int(arrived[0]) <= LATE_CYCLES * cycle or np.count_nonzero(arrived < first) < LEADS_BEFORE:
        return 0
    last = max(int(arrived[-1]), first + WEEK)
    weeks = np.bincount((won[mine][won[mine] <= last] - first) // WEEK)
    usual = float(np.median(weeks))
    begins = int(np.argmax(weeks >= _SHARE_OF_USUAL * usual))
    return (first // DAY) * DAY + begins * WEEK


def _keys(names: Sequence[str]) -> list[str]:
    """Channels by names that a scenario can have; the smallest of too many are told together."""
    plain = {name: _NO_NAME.sub("_", name).strip("_-")[:_NAME] or "unknown" for name in set(names)}
    keys = [plain[name] for name in names]
    sizes = Counter(keys)
    if len(sizes) > MAX_CHANNELS:
        largest = {name for name, _ in sizes.most_common(MAX_CHANNELS - 1)}
        keys = [name if name in largest else OTHERS for name in keys]
    return keys
