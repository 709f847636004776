"""``core_journey`` in vectorised NumPy: a column per quantity, a row per buyer on its way, one pass a day.

The price of a daily step is the same as with Mesa: gaps between steps are geometric with mean ``step_days`` and whole
days, patience is rounded to whole days, who asks is answered from the reps' minutes of the day, and waits are known in
whole days only.

How it is made fast. Only buyers who are due on a day are touched: the day of the next step is drawn when a step is
done, and one comparison a day finds who is due. Rows of ended buyers are used again, so that columns are as long as the
number of buyers on their way. Due buyers are worked on in chunks that stay in the cache, in float32. What cannot be
told apart is not kept: of the topics only those of the present stage matter, so a row has the greater and the lesser
uncertainty of its stage, drawn when the stage begins; and one uniform number says whether a buyer is distracted, asks
or reads.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks.peers.core import (
    FIRST_STAGE_ABOUT_US,
    FIRST_STAGE_OF_CHOICE,
    LAST_STAGE,
    TOPICS_OF_STAGE,
    CoreJourney,
    Outcomes,
    mean,
)

MINUTES_A_DAY = 24 * 60
#: Buyers worked on at a time.
CHUNK = 8192
#: Buyers whose fixed traits are drawn at a time.
BLOCK = 32_768
#: "No step planned": the row is free, or its buyer has ended and is still in line.
NEVER = -1

# Columns of ``hot``, read at every step: trust, the greater and the lesser uncertainty, the rival's progress, the
# uniform number from which the buyer reads (below it, it asks or is distracted), the day on which it gives up, what
# content does to it in this stage, its chance to check, and how far it believes the rival in this stage.
TRUST, WORST, OTHER, PROGRESS, READS, GIVES_UP, GRIP, CHECKS, RIVAL = range(9)
# Columns of ``cold``, read when a stage begins or ends: odds of asking, patience in days, what content does, how far
# claims about us convince, fit, and the rival's strength.
ODDS, PATIENCE, POWER, CONVINCES, FIT, STRENGTH = range(6)


class Market:
    """Rows of buyers on their way, the line, and what is counted."""

    def __init__(self, numbers: CoreJourney, seed: int) -> None:
        self.numbers = numbers
        self.random = np.random.Generator(np.random.SFC64(seed))
        rows = 1024
        self.hot = np.zeros((9, rows), np.float32)
        self.cold = np.zeros((6, rows), np.float32)
        self.next_step = np.full(rows, NEVER, np.int32)
        self.stage = np.zeros(rows, np.int8)
        self.arrived = np.zeros(rows, np.int32)
        self.in_line = np.zeros(rows, bool)
        self.free = np.arange(rows - 1, -1, -1)
        self.free_rows = rows
        self.line = np.zeros(0, np.intp)
        self.line_since = np.zeros(0, np.int32)
        self.line_minutes = np.zeros(0)
        self.overrun = self.worked = 0.0
        self.won = self.lost = self.no_decision = self.days_to_win = 0
        self.ours = self.third_party = self.rival = self.person = 0
        self.served = self.days_waited = self.steps = 0
        # a geometric gap is 1 + floor(exponential / -log(1 - chance))
        chance = 1.0 / numbers.step_days
        self.gap_scale = np.float32(-1.0 / np.log1p(-chance) if chance < 1.0 else 0.0)
        self.topics = np.array(TOPICS_OF_STAGE, np.int8)
        self.odds_per_stage = np.float32(np.exp(numbers.preference_by_stage / LAST_STAGE))

    # --- arrivals ---

    def arrivals(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Day by day the fixed traits of those who arrive: columns of ``cold``, and the chance to check."""
        counts = self.random.poisson(self.numbers.arrivals_per_day, self.numbers.days)
        cold, checks, at = np.zeros((6, 0), np.float32), np.zeros(0, np.float32), 0
        for count in counts.tolist():
            if at + count > len(checks):
                more_cold, more_checks = self.traits(max(BLOCK, count))
                cold = np.concatenate([cold[:, at:], more_cold], axis=1)
                checks, at = np.concatenate([checks[at:], more_checks]), 0
            yield cold[:, at : at + count], checks[at : at + count]
            at += count

    def traits(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Who ``n`` buyers are."""
        c, rng, f = self.numbers, self.random, np.float32
        cold = np.empty((6, n), np.float32)
        complexity = c.complexity_low + (c.complexity_high - c.complexity_low) * rng.random(n, f)
        wish = c.preference_base + c.preference_by_complexity * complexity
        cold[ODDS] = np.exp(wish + c.preference_spread * rng.standard_normal(n, f))
        cold[PATIENCE] = np.rint(c.patience_median_days * np.exp(c.patience_sigma * rng.standard_normal(n, f)))
        cold[POWER] = c.content_gain * (1.0 - c.complexity_drag * complexity)
        cold[FIT] = 1.0 / (1.0 + np.exp(-c.fit_mean_logit - c.fit_spread * rng.standard_normal(n, f)))
        cold[CONVINCES] = 1.0 - c.fit_drag * (1.0 - cold[FIT])
        cold[STRENGTH] = c.rival_strength_low + (c.rival_strength_high - c.rival_strength_low) * rng.random(n, f)
        checks = c.verification_low + (c.verification_high - c.verification_low) * rng.random(n, f)
        return cold, checks

    def admit(self, cold: np.ndarray, checks: np.ndarray, today: int) -> None:
        """Give those who arrive a row; their first step is today's."""
        n = len(checks)
        if n > self.free_rows:
            self.grow(n)
        self.free_rows -= n
        rows = self.free[self.free_rows : self.free_rows + n]
        self.cold[:, rows] = cold
        self.hot[TRUST, rows] = self.numbers.initial_trust
        self.hot[PROGRESS, rows] = 0.0
        self.hot[CHECKS, rows] = checks
        self.hot[GIVES_UP, rows] = cold[PATIENCE] + np.float32(today)
        self.arrived[rows] = today
        self.next_step[rows] = today
        self.stage[rows] = 0
        self.begin_stage(rows, np.zeros(n, np.int8))

    def grow(self, n: int) -> None:
        """Twice as many rows, or as many as are needed."""
        rows = len(self.next_step)
        more = max(rows, n)
        self.hot = np.concatenate([self.hot, np.zeros((9, more), np.float32)], axis=1)
        self.cold = np.concatenate([self.cold, np.zeros((6, more), np.float32)], axis=1)
        self.next_step = np.concatenate([self.next_step, np.full(more, NEVER, np.int32)])
        self.stage = np.concatenate([self.stage, np.zeros(more, np.int8)])
        self.arrived = np.concatenate([self.arrived, np.zeros(more, np.int32)])
        self.in_line = np.concatenate([self.in_line, np.zeros(more, bool)])
        free = np.empty(rows + more, np.intp)
        free[:more] = np.arange(rows + more - 1, rows - 1, -1)
        free[more : more + self.free_rows] = self.free[: self.free_rows]
        self.free, self.free_rows = free, more + self.free_rows

    # --- a day ---

    def research(self, due: np.ndarray, today: int) -> None:
        """A step of everybody in ``due``: give up, ask a person, or read; then perhaps move on."""
        c, rng, hot, f, n = self.numbers, self.random, self.hot, np.float32, len(due)
        trust, worst, other, progress, reads_from, gives_up, grip, checks, believes_rival = hot.take(due, axis=1)
        acts, looks, use, luck = rng.random((4, n), f)
        reads = acts >= reads_from
        reads &= gives_up > f(today)
        # whose content
        weight = trust * f(c.our_share)
        weight += f(0.5 * c.our_share)
        looks *= weight + f(c.third_party_share + c.rival_share)
        ours = looks < weight
        weight += f(c.third_party_share)
        rival = looks >= weight
        ours &= reads
        rival &= reads
        n_reads, n_ours, n_rival = np.count_nonzero(reads), np.count_nonzero(ours), np.count_nonzero(rival)
        self.ours += n_ours
        self.rival += n_rival
        self.third_party += n_reads - n_ours - n_rival
        # who checks a claim of ours trusts us more
        luck = luck < checks
        luck &= ours
        gain = f(1.0) - trust
        gain *= f(c.trust_gain)
        gain *= luck
        trust += gain
        hot[TRUST][due] = trust
        # the rival comes nearer
        step = use * f(2.0 * c.rival_gain)
        step *= rival
        progress += step
        hot[PROGRESS][due] = progress
        # the worst topic gets clearer
        if c.our_relevance == c.others_relevance:
            use *= f(2.0 * c.usefulness_spread * c.others_relevance)
            use += f((1.0 - c.usefulness_spread) * c.others_relevance)
        else:
            use *= f(2.0 * c.usefulness_spread)
            use += f(1.0 - c.usefulness_spread)
            use *= np.where(ours, f(c.our_relevance), f(c.others_relevance))
        np.minimum(use, f(1.0), out=use)
        use *= grip
        believed = np.where(rival, believes_rival, f(c.third_party_trust))
        np.copyto(believed, trust, where=ours)
        use *= believed
        use *= reads
        use *= worst
        worst -= use
        clearest = np.minimum(worst, other)
        np.maximum(worst, other, out=worst)
        hot[WORST][due] = worst
        hot[OTHER][due] = clearest
        # the next step
        gap = rng.standard_exponential(n, f)
        gap *= self.gap_scale
        np.floor(gap, out=gap)
        gap += f(today + 1)
        self.next_step[due] = np.minimum(gap, gives_up)
        # few do anything else
        clear = np.flatnonzero(worst <= f(c.clear_level))
        if len(clear):
            movers = due[clear]
            self.advance(movers, today)
            moved = np.flatnonzero(self.next_step[movers] != NEVER)
            movers, clear = movers[moved], clear[moved]
            self.next_step[movers] = np.minimum(gap[clear], hot[GIVES_UP][movers])
        far = np.flatnonzero(progress >= f(1.0))
        if len(far):
            self.lose_early(due[far])
        if n_reads < n:
            rest = np.flatnonzero(~reads)
            leaves = (acts[rest] < f(c.distraction_chance)) | (gives_up[rest] <= f(today))
            gone, asking = due[rest[leaves]], due[rest[~leaves]]
            self.no_decision += len(gone)
            self.end(gone)
            self.ask(asking, today)

    def advance(self, rows: np.ndarray, today: int) -> None:
        """Buyers whose stage is clear move on, as often as the next is clear too; after the last one they choose."""
        c, hot = self.numbers, self.hot
        while len(rows):
            stage = self.stage[rows] + np.int8(1)
            last = stage > LAST_STAGE
            if last.any():
                self.choose(rows[last], today)
                rows, stage = rows[~last], stage[~last]
            self.stage[rows] = stage
            self.cold[ODDS, rows] *= self.odds_per_stage
            hot[GIVES_UP, rows] = self.cold[PATIENCE, rows] + np.float32(today)
            self.begin_stage(rows, stage)
            if 1.0 - c.prior_knowledge > c.clear_level:
                return
            rows = rows[hot[WORST, rows] <= np.float32(c.clear_level)]

    def begin_stage(self, rows: np.ndarray, stage: np.ndarray) -> None:
        """What a buyer does not know about the topics of its stage, and how it takes what it hears there."""
        c, hot, f, n = self.numbers, self.hot, np.float32, len(rows)
        odds, _, power, convinces, _, _ = self.cold.take(rows, axis=1)
        one, two = f(1.0) - f(c.prior_knowledge) * self.random.random((2, n), f)
        two *= self.topics[stage] > 1
        hot[WORST, rows] = np.maximum(one, two)
        hot[OTHER, rows] = np.minimum(one, two)
        about_us = stage >= FIRST_STAGE_ABOUT_US
        hot[GRIP, rows] = np.where(about_us, power * convinces, power)
        hot[RIVAL, rows] = np.where(about_us, f(0.0), f(c.rival_trust))
        hot[READS, rows] = self.reads_from(odds, ~self.in_line[rows])

    def reads_from(self, odds: np.ndarray, may_ask: np.ndarray) -> np.ndarray:
        """The uniform number from which a buyer reads: below it is distraction, and asking if it may."""
        distracted = np.float32(self.numbers.distraction_chance)
        return distracted + (1 - distracted) * may_ask * (odds / (1 + odds))

    def choose(self, rows: np.ndarray, today: int) -> None:
        """Us or the rival, by the logit of the difference of both offers."""
        c, hot, cold = self.numbers, self.hot, self.cold
        better = (1.0 - c.trust_weight) * cold[FIT, rows] + c.trust_weight * hot[TRUST, rows]
        better -= cold[STRENGTH, rows] * np.minimum(hot[PROGRESS, rows], 1.0)
        wins = self.random.random(len(rows)) < 1.0 / (1.0 + np.exp(-c.choice_sharpness * better))
        won = np.count_nonzero(wins)
        self.won += won
        self.lost += len(rows) - won
        self.days_to_win += won * today - int(self.arrived[rows[wins]].sum())
        self.end(rows)

    def lose_early(self, rows: np.ndarray) -> None:
        """The rival has come far enough: it wins the buyers who commit to a solution, or are past that."""
        rows = rows[(self.stage[rows] >= FIRST_STAGE_OF_CHOICE) & (self.next_step[rows] != NEVER)]
        self.lost += len(rows)
        self.end(rows)

    def end(self, rows: np.ndarray) -> None:
        """These journeys are over; rows of those in line are free when the line has passed over them."""
        self.next_step[rows] = NEVER
        self.release(rows[~self.in_line[rows]])

    def release(self, rows: np.ndarray) -> None:
        """These rows may be used again."""
        self.free[self.free_rows : self.free_rows + len(rows)] = rows
        self.free_rows += len(rows)

    # --- the pool of reps ---

    def ask(self, rows: np.ndarray, today: int) -> None:
        """These buyers join the line, each with the minutes that its talk will take."""
        c, n = self.numbers, len(rows)
        self.steps += n
        self.in_line[rows] = True
        self.hot[READS, rows] = c.distraction_chance
        spread = c.answer_spread
        minutes = c.answer_minutes * (1.0 - spread + spread * self.random.standard_exponential(n))
        self.line = np.concatenate([self.line, rows])
        self.line_since = np.concatenate([self.line_since, np.full(n, today, np.int32)])
        self.line_minutes = np.concatenate([self.line_minutes, minutes])

    def answer(self, today: int) -> None:
        """Serve the line until the day's minutes of the reps are spent; what a talk runs over is tomorrow's."""
        budget = self.numbers.reps * MINUTES_A_DAY - self.overrun
        here = self.next_step[self.line] != NEVER
        needed = np.cumsum(self.line_minutes * here)
        served = min(int(np.searchsorted(needed, budget, "left")) + 1, len(needed)) if budget > 0.0 else 0
        spent = float(needed[served - 1]) if served else 0.0
        self.overrun = max(0.0, spent - budget)
        self.worked += spent
        rows, here = self.line[:served], here[:served]
        self.in_line[rows] = False
        talking = rows[here]
        self.release(rows[~here])
        self.served += len(talking)
        self.days_waited += len(talking) * today - int(self.line_since[:served][here].sum())
        self.line, self.line_since = self.line[served:], self.line_since[served:]
        self.line_minutes = self.line_minutes[served:]
        for start in range(0, len(talking), CHUNK):
            self.talk(talking[start : start + CHUNK], today)

    def talk(self, rows: np.ndarray, today: int) -> None:
        """A rep speaks about the topic that worries most."""
        c, rng, hot, f, n = self.numbers, self.random, self.hot, np.float32, len(rows)
        self.person += n
        self.steps += n
        trust, worst, other, progress, _, _, _, checks, _ = hot.take(rows, axis=1)
        use, luck = rng.random((2, n), f)
        trust += f(c.trust_gain) * (f(1.0) - trust) * (luck < checks)
        use *= f(2.0 * c.usefulness_spread)
        use += f(1.0 - c.usefulness_spread)
        np.minimum(use, f(1.0), out=use)
        use *= trust
        use *= f(c.talk_power)
        use *= np.where(self.stage[rows] >= FIRST_STAGE_ABOUT_US, self.cold[CONVINCES, rows], f(1.0))
        worst -= worst * use
        hot[TRUST, rows] = trust
        hot[WORST, rows] = np.maximum(worst, other)
        hot[OTHER, rows] = np.minimum(worst, other)
        hot[READS, rows] = self.reads_from(self.cold[ODDS, rows], np.ones(n, bool))
        self.advance(rows[np.maximum(worst, other) <= f(c.clear_level)], today)
        self.lose_early(rows[progress >= f(1.0)])

    # --- a run ---

    def run(self) -> Outcomes:
        """All days, and what became of everybody."""
        c, buyers = self.numbers, 0
        for today, (cold, checks) in enumerate(self.arrivals()):
            buyers += len(checks)
            self.admit(cold, checks, today)
            due = np.flatnonzero(self.next_step == today)
            self.steps += len(due)
            for start in range(0, len(due), CHUNK):
                self.research(due[start : start + CHUNK], today)
            self.answer(today)
        return Outcomes(
            won=self.won,
            lost=self.lost,
            no_decision=self.no_decision,
            open=buyers - self.won - self.lost - self.no_decision,
            ours=mean(self.ours, buyers),
            third_party=mean(self.third_party, buyers),
            rival=mean(self.rival, buyers),
            person=mean(self.person, buyers),
            days_to_win=mean(self.days_to_win, self.won),
            wait_hours=24.0 * mean(self.days_waited, self.served),
            utilisation=(self.worked - self.overrun) / (c.reps * c.days * MINUTES_A_DAY),
            steps=self.steps,
        )


def run(numbers: CoreJourney, seed: int) -> Outcomes:
    """One run to the end of follow-up."""
    return Market(numbers, seed).run()
