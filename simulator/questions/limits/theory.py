"""Formulas that the simulator must reproduce where it is reduced to what they describe.

Rates and times are in any one unit; ``load`` is arrivals over the capacity of all servers, c times the service rate.

Sources
-------
Erlang 1917: "Solution of some problems in the theory of probabilities of significance in automatic telephone
    exchanges".
Palm 1957: "Research on telephone traffic carried by full availability groups" (the M/M/c+M queue, Erlang A).
Baccelli, Hebuterne 1981: "On queues with impatient customers" (its virtual wait).
Garnett, Mandelbaum, Reiman 2002: "Designing a call center with impatient customers" (its performance measures).
Kemeny, Snell 1960: "Finite Markov chains" (the fundamental matrix). Neuts 1981: phase-type distributions.
Little 1961: "A proof for the queuing formula L = lambda W".
Bass 1969: "A new product growth for model consumer durables".
Condorcet 1785: "Essai sur l'application de l'analyse à la probabilité des décisions" (independent votes of a majority).
Cox 1962: "Renewal theory" (a process that alternates between two states).
Cox, Lewis 1966: "The statistical analysis of series of events" (a rate that changes over time as a change of clock).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import quad

#: States of a queue that are this much less likely than the likeliest one are left out.
_NEGLIGIBLE = 1e-18


# --- queues -----------------------------------------------------------------------------------------------------------


def erlang_b(servers: int, offered: float) -> float:
    """Share of arrivals that find all servers busy if nobody waits (Erlang 1917); ``offered`` is lambda / mu."""
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = offered * blocked / (n + offered * blocked)
    return blocked


def erlang_c(servers: int, offered: float) -> float:
    """C(c, a): share of arrivals that must wait in M/M/c (Erlang 1917); 1 when the load is 1 or more."""
    load = offered / servers
    if load >= 1.0:
        return 1.0
    blocked = erlang_b(servers, offered)
    return blocked / (1.0 - load * (1.0 - blocked))


def erlang_c_wait(arrival_rate: float, service_rate: float, servers: int) -> float:
    """W_q = C(c, a) / (c mu - lambda): mean wait in M/M/c, zeros counted; infinite when the load is 1 or more."""
    spare = servers * service_rate - arrival_rate
    if spare <= 0.0:
        return math.inf
    return erlang_c(servers, arrival_rate / service_rate) / spare


def relaxation_time(arrival_rate: float, service_rate: float, servers: int) -> float:
    """Time in which M/M/c forgets e-fold how it began: 1 / (sqrt(c mu) - sqrt(lambda))^2, exact for c = 1."""
    gap = math.sqrt(servers * service_rate) - math.sqrt(arrival_rate)
    return 1.0 / gap**2 if gap > 0.0 else math.inf


@dataclass(frozen=True)
class ErlangA:
    """The M/M/c+M queue: whoever waits leaves, or cools, at a rate of its own (Palm 1957; Garnett et al. 2002).

    Attributes
    ----------
    never_served : share of arrivals that leave before they are served.
    immediate : share of arrivals that find a free server.
    mean_waiting : mean number who wait.
    served_wait : mean wait of those who are served, zeros counted.
    """

    never_served: float
    immediate: float
    mean_waiting: float
    served_wait: float


def erlang_a(arrival_rate: float, service_rate: float, servers: int, leaving_rate: float) -> ErlangA:
    """Solve M/M/c+M with ``leaving_rate`` > 0: the numbers by its birth-death chain, the wait by its virtual wait.

    The virtual wait v, that of an arrival with infinite patience, has density
    lambda pi(c-1) exp(lambda (1 - e^(-theta v)) / theta - c mu v), where pi(c-1) is the chance that exactly c - 1 are
    there (Baccelli, Hebuterne 1981). An arrival is served if its patience outlasts v.
    """
    chances = _birth_death(arrival_rate, service_rate, servers, leaving_rate)
    waiting = float(np.maximum(np.arange(len(chances)) - servers, 0) @ chances)
    never_served = leaving_rate * waiting / arrival_rate
    scale = arrival_rate * float(chances[servers - 1])

    def served_after(v: float) -> float:
        exponent = arrival_rate * -math.expm1(-leaving_rate * v) / leaving_rate - servers * service_rate * v
        return v * scale * math.exp(exponent - leaving_rate * v)

    peak = max(0.0, math.log(arrival_rate / (servers * service_rate)) / leaving_rate)
    width = 60.0 / (servers * service_rate + leaving_rate) + 12.0 / math.sqrt(servers * service_rate * leaving_rate)
    parts = sorted({max(0.0, peak - width), peak, peak + width, peak + 4.0 * width})
    total = sum(quad(served_after, a, b, limit=200)[0] for a, b in zip([0.0, *parts], parts, strict=False) if b > a)
    return ErlangA(never_served, float(chances[:servers].sum()), waiting, total / (1.0 - never_served))


def _birth_death(arrival_rate: float, service_rate: float, servers: int, leaving_rate: float) -> NDArray[np.float64]:
    """Stationary chances of 0, 1, 2, ... in the system."""
    logs, highest = [0.0], 0.0
    while True:
        n = len(logs)
        deaths = min(n, servers) * service_rate + max(0, n - servers) * leaving_rate
        logs.append(logs[-1] + math.log(arrival_rate / deaths))
        highest = max(highest, logs[-1])
        if n > servers and deaths > arrival_rate and logs[-1] < highest + math.log(_NEGLIGIBLE):
            break
    weights = np.exp(np.array(logs) - highest)
    return np.asarray(weights / weights.sum())


def little(rate: float, mean_wait: float) -> float:
    """L = lambda W: mean number inside, from the rate of arrivals and their mean time inside (Little 1961)."""
    return rate * mean_wait


# --- absorbing chains -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AbsorbingChain:
    """A Markov chain in continuous time that ends in one of several ways (Kemeny, Snell 1960; Neuts 1981).

    Attributes
    ----------
    start : chances of the transient states at time 0; what they lack of 1 ended at once.
    at_once : for each way to end, the chance that it ends so at time 0.
    moves : T, the generator among transient states: rates, with minus the total rate on the diagonal.
    ends : for each way to end, r: its rates from the transient states.
    """

    start: NDArray[np.float64]
    at_once: dict[str, float]
    moves: NDArray[np.float64]
    ends: dict[str, NDArray[np.float64]]

    def probability(self, end: str) -> float:
        """-T^-1 r: chance to end this way."""
        return self.at_once.get(end, 0.0) + float(self.start @ self._times(self.ends[end]))

    def mean_time(self) -> float:
        """-T^-1 1: mean time to the end, whichever it is."""
        return float(self.start @ self._times(np.ones(len(self.start))))

    def second_moment(self) -> float:
        """2 T^-2 1: mean of the squared time to the end."""
        return 2.0 * float(self.start @ self._times(self._times(np.ones(len(self.start)))))

    def mean_time_to(self, end: str) -> float:
        """T^-2 r / P: mean time of those who end this way."""
        return float(self.start @ self._times(self._times(self.ends[end]))) / self.probability(end)

    def _times(self, rewards: ArrayLike) -> NDArray[np.float64]:
        """-T^-1 rewards: what is gathered until the end, from each state."""
        return np.asarray(np.linalg.solve(-self.moves, np.asarray(rewards, float)))


# --- projects and calls -----------------------------------------------------------------------------------------------


def two_clocks(
    hours: float, desk: float, desk_half_life_hours: float, engaged: float, engaged_half_life_hours: float
) -> float:
    """Chance that a call finds who is still at the desk, or if not is still engaged, so many hours after the sign."""
    at_desk = desk * 2.0 ** (-hours / desk_half_life_hours)
    return at_desk + (1.0 - at_desk) * engaged * 2.0 ** (-hours / engaged_half_life_hours)


def alternating_renewal(t: NDArray[np.float64], starts: float, pauses: float, resumes: float) -> NDArray[np.float64]:
    """P(on at t) of what is off at first, goes on at a rate, pauses at another and resumes at a third (Cox 1962).

    From its beginning at s on it is on with chance q + (1 - q) e^-(p + r)(t - s), q = r / (p + r); s is exponential.
    """
    rate = pauses + resumes
    share = resumes / rate
    begun = -np.expm1(-starts * t)
    if abs(starts - rate) < 1e-12 * rate:
        lately = starts * t * np.exp(-rate * t)
    else:
        lately = starts * (np.exp(-rate * t) - np.exp(-starts * t)) / (starts - rate)
    return np.asarray(share * begun + (1.0 - share) * lately)


def forgotten_share(t: NDArray[np.float64], starts: float, memory: float, found: float) -> NDArray[np.float64]:
    """Share whose project has begun by t without a thought of us: memory falls as e^(-s / memory) from time 0 on."""
    rate = starts + 1.0 / memory
    remembered = starts / rate * -np.expm1(-rate * t)
    return np.asarray((1.0 - found) * (-np.expm1(-starts * t) - remembered))


# --- word of mouth ----------------------------------------------------------------------------------------------------


def bass_share(t: float, p: float, q: float, at_start: float = 0.0) -> float:
    """F(t) of dF/dt = (p + q F) (1 - F): share of a finite market that has adopted (Bass 1969).

    From nothing, (1 - e^-(p+q)t) / (1 + (q/p) e^-(p+q)t). ``at_start`` have adopted at time 0: then
    (1 - F) / (p + q F), which falls by a factor e^-(p+q)t, begins at its value for them.
    """
    if p + q * at_start <= 0.0:
        return at_start
    left = _bass_left(p, q, at_start) * math.exp(-(p + q) * t)
    return (1.0 - p * left) / (1.0 + q * left)


def bass_peak(p: float, q: float, at_start: float = 0.0) -> float:
    """ln(q/p) / (p + q), earlier if some have adopted at time 0: when most adopt, at F = (1 - p/q) / 2 (Bass 1969).

    Minus infinity without imitation; below 0 if fewer adopt from the start on; infinite if nobody ever begins.
    """
    if q <= 0.0:
        return -math.inf
    if p + q * at_start <= 0.0:
        return math.inf
    return math.log(q * _bass_left(p, q, at_start)) / (p + q)


def _bass_left(p: float, q: float, share: float) -> float:
    return (1.0 - share) / (p + q * share)


def bass_share_as_counted(t: float, p: float, q: float, at_start: float, every: float) -> float:
    """The same if adopters are counted only now and then: dF/dt = (p + q F(last count)) (1 - F(t)), exactly.

    Those of ``at_start`` come just after the count at time 0.
    """
    left, counted = 1.0 - at_start, 0.0
    counts = math.floor(t / every)
    for _ in range(counts):
        left *= math.exp(-(p + q * counted) * every)
        counted = 1.0 - left
    return 1.0 - left * math.exp(-(p + q * counted) * (t - counts * every))


# --- votes ------------------------------------------------------------------------------------------------------------


def agreement(rule: str, members: int, yes: float) -> float:
    """Chance that independent votes, each yes with chance ``yes``, make an agreement.

    "unanimous": s^n. "majority": more than half, the upper tail of the binomial (Condorcet 1785). "champion": the first
    and the last member alone, s^2, and s if they are one.
    """
    if rule == "majority":
        return sum(
            math.comb(members, n) * yes**n * (1.0 - yes) ** (members - n) for n in range(members // 2 + 1, members + 1)
        )
    return float(yes ** (members if rule == "unanimous" else min(members, 2)))


# --- the end of a quarter ---------------------------------------------------------------------------------------------


def share_in_window(cycle: float, window: float, intensity: float, rate: float = 0.0) -> float:
    """Share of events in the last ``window`` of each cycle, where they come ``intensity`` times as often.

    m d / (m d + D - d) while the stock of what can still happen stays the same. If each thing happens once, at ``rate``
    outside of the window, and all are there at the beginning of a cycle, then earlier parts of a cycle meet more of
    them: on the clock of a Poisson process (Cox, Lewis 1966) the cycle lasts A + B = D - d + m d, and the share is
    e^-rA (1 - e^-rB) / (1 - e^-r(A + B)), whatever number of cycles is watched.
    """
    before, within = cycle - window, intensity * window
    if rate <= 0.0:
        return within / (before + within)
    return math.exp(-rate * before) * math.expm1(-rate * within) / math.expm1(-rate * (before + within))
