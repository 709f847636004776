"""Being served: joining a line, an owner for the account, and our follow-ups."""

from typing import TYPE_CHECKING

from simulator.engines.reference.tasks import Tasks
from simulator.model.numerics import NEVER
from simulator.model.words import NOBODY, ROLES, Activity, Decision, Duty, LeadStatus, Role, Task

if TYPE_CHECKING:
    from simulator.engines.reference.people import Desk, Person


class Service(Tasks):
    """What our people do for a buyer."""

    def join(self, desk: "Desk", task: Task, asked: bool) -> None:
        """Wait for a person; who asked comes before whom we call on."""
        self.task, self.asked = task, asked
        if task == Task.QUALIFY and self.queued_at < 0:
            self.queued_at = self.model.now
        desk.join(self, priority=0 if asked else 1)

    def seek_owner(self) -> None:
        """Sales qualified: wait for a rep with room for one more deal."""
        now = self.model.now
        self.status = LeadStatus.SQL
        self.duty, self.duty_at = Duty.NONE, NEVER
        if self.sql_at < 0:
            self.sql_at = now
        self.model.note(self, Activity.SQL)
        self.model.desks[self.team * ROLES + Role.REP].join(self)

    def assign_owner(self, rep: "Person") -> None:
        """A named rep owns the account from now on, and meets it as soon as there is time."""
        now = self.model.now
        self.status, self.owner, self.silent = LeadStatus.OWNED, rep.number, 0
        rep.count_deals(+1)
        if self.owned_at < 0:
            self.owned_at = now
        self.duty, self.duty_at = Duty.FOLLOW_UP, now
        self.model.note(self, Activity.OWNER_ASSIGNED, rep.number)
        self.plan()

    def release_owner(self) -> None:
        """The rep has room for another deal."""
        if self.released_at < 0:
            self.released_at = self.model.now
        self.model.people[self.owner].count_deals(-1)
        self.owner = NOBODY
        self.model.desks[self.team * ROLES + Role.REP].release(self.row)

    def follow_up(self) -> None:
        """The next touch with an owned account: the rep's, or marketing's share of it once the deal is open."""
        rules = self.model.rules
        supported = (
            self.opportunity_at >= 0 and self.luck(Decision.SUPPORTS, self.stage, self.task_no) < rules.support_share
        )
        if supported:
            self.join(self.model.desks[self.team * ROLES + Role.MARKETER], Task.SUPPORT, asked=False)
        else:
            self.join(self.model.desks[rules.teams * ROLES + self.owner], Task.MEET, asked=False)
