"""A scenario: one question that puts market, organisations, economics and run together."""

from dataclasses import dataclass, field

from simulator.leads.settings import Crm
from simulator.model.words import Role
from simulator.scenario.economics import Economics
from simulator.scenario.market import Market
from simulator.scenario.mechanisms import Mechanisms
from simulator.scenario.organisation import Organisation
from simulator.scenario.run import Compare, Run
from simulator.scenario.schema import ContradictionError, parameter
from simulator.scenario.study import Study
from simulator.sweeps.settings import Sweep
from simulator.workshop.settings import Workshop


@dataclass
class Scenario:
    """One question."""

    name: str = parameter("baseline", "name of the scenario")
    question: str = parameter("", "the question it asks")
    provenance: str = parameter("", "what its values were fitted to, and what of it a reader of its answers must know")
    limit: str = parameter(
        "", "a limit with a known answer, printed beside what is simulated; empty compares organisations",
        choices=("", "null", "worlds", "conservation", "erlang_c", "erlang_a", "absorbing_chain", "little", "bass",
                 "group", "quarter_end", "stage_chain", "reach", "projects", "deadline"),
    )  # fmt: skip
    market: Market = field(default_factory=Market)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    economics: Economics = field(default_factory=Economics)
    mechanisms: Mechanisms = field(default_factory=Mechanisms)
    crm: Crm = field(default_factory=Crm)
    run: Run = field(default_factory=Run)
    study: Study = field(default_factory=Study)
    compare: Compare = field(default_factory=Compare)
    sweep: Sweep = field(default_factory=Sweep)
    workshop: Workshop = field(default_factory=Workshop)

    def compared(self) -> list[str]:
        """Names of the organisations to compare, the baseline first."""
        return self.compare.organisations or list(self.organisations)

    def horizon_days(self) -> int:
        """Length of a run."""
        return self.run.warm_up_days + self.run.cohort_days + self.run.follow_up_days


def check_equal_payroll(scenario: Scenario, names: list[str]) -> None:
    """Refuse arms whose payroll differs by more than 0.5%, unless the user said otherwise."""
    payrolls = {name: payroll_usd_per_year(scenario.organisations[name]) for name in names}
    low, high = min(payrolls.values()), max(payrolls.values())
    if scenario.compare.equal_payroll and high > low * 1.005:
        listed = ", ".join(f"{name} {payroll:,.0f}" for name, payroll in payrolls.items())
        raise ContradictionError(
            f"compare.equal_payroll must be false when payrolls differ by more than 0.5%, got usd a year: {listed}"
        )


def payroll_usd_per_year(organisation: Organisation) -> float:
    """Pay of everybody for one year, usd."""
    roles = (organisation.roles.marketer, organisation.roles.sdr, organisation.roles.rep)
    return sum(role.headcount * role.pay_usd_per_year for role in roles)


def team_sizes(organisation: Organisation) -> list[tuple[int, str]]:
    """(people, name) of each team; an organisation without teams is one team of everybody."""
    if not organisation.teams:
        roles = organisation.roles
        return [(roles.marketer.headcount + roles.sdr.headcount + roles.rep.headcount, "everybody")]
    return [(team.marketers + team.sdrs + team.reps, name) for name, team in organisation.teams.items()]


def own_share(organisation: Organisation, role: Role, headcounts: tuple[int, ...]) -> float:
    """Share of a role's time, after meetings, that is not for buyers; a leader's tilt moves some of the reps'.

    Marketers who work for reps take ``hours_use`` of an hour of the reps' own work off them with each hour; reps who
    work for marketing have less time for buyers.
    """
    tilt, roles = organisation.tilt, organisation.roles
    share = (roles.marketer, roles.sdr, roles.rep)[role].own_work_share
    if role != Role.REP or headcounts[Role.REP] == 0:
        return share
    if tilt.hours < 0.0:
        return share - tilt.hours * (1.0 - share)
    moved = tilt.hours * tilt.hours_use * roles.marketer.own_work_share * headcounts[Role.MARKETER]
    return max(0.0, share - moved / headcounts[Role.REP])
