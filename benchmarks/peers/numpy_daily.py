"""``core_journey`` in vectorised NumPy: a column per quantity, a row per buyer on its way, one pass a day.

The price of a daily step is the same as with Mesa: gaps between steps are geometric with mean ``step_days`` and whole
days, patience is rounded to whole days, who asks is answered from the reps' minutes of the day, and waits are known in
whole days only.

How it is made fast. Only buyers who are due on a day are touched: the day of the next step is drawn when a step is
done, and one comparison a day finds who is due. Rows of ended buyers are used again, so that columns are as long as the
number of buyers on their way. Due buyers are worked on in float32, in chunks that stay in the cache. What cannot be
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
    daily_chance,
    mean,
)

MINUTES_A_DAY = 24 * 60
#: Buyers worked on at a time: fewer waste time on calls (twice the time at 2,000), many more would leave the cache.
CHUNK = 65_536
#: Buyers whose fixed traits are drawn at a time.
BLOCK = 32_768
#: "No step planned": the row is free, or its buyer has ended and is still in line.
NEVER = -1

f4 = np.float32

# Columns read at every step: trust, the greater and the lesser uncertainty, the rival's progress, the uniform number
# from which the buyer reads (below it, it asks or is distracted), the day on which it gives up, what content does to it
# in this stage, its chance to check, and how far it believes the rival in this stage.
TRUST, WORST, OTHER, PROGRESS, READS, GIVES_UP, GRIP, CHECKS, RIVAL = HOT = range(9)
# Columns read when a stage begins or ends: odds of asking in this stage, patience in days, what content does, how far
# claims about us convince, fit, and the rival's strength.
ODDS, PATIENCE, POWER, CONVINCES, FIT, STRENGTH = range(9, 15)
COLUMNS = 15


class Market:
    """Rows of buyers on their way, the line, and what is counted."""

    def __init__(self, numbers: CoreJourney, seed: int) -> None:
        self.numbers = numbers
        self.random = np.random.Generator(np.random.SFC64(seed))
        # a geometric gap is 1 + floor(exponential / -log(1 - chance))
        chance = daily_chance(numbers)
        self.gap_scale = f4(-1.0 / np.log1p(-chance) if chance < 1.0 else 0.0)
        self.has_two_topics = np.array(TOPICS_OF_STAGE) > 1
        self.odds_per_stage = f4(np.exp(numbers.preference_by_stage / LAST_STAGE))
        self.may_begin_clear = 1.0 - numbers.prior_knowledge <= numbers.clear_level
        self.free = np.zeros(0, np.intp)
        self.free_rows = 0
        self.hold(np.zeros((COLUMNS, 0), f4), *(np.zeros(0, kind) for kind in (np.int32, np.int8, np.int32, bool)))
        self.line = np.zeros(0, np.intp)
        self.line_since = np.zeros(0, np.int32)
        self.line_minutes = np.zeros(0)
        self.overrun = self.worked = 0.0
        self.won = self.lost = self.no_decision = self.days_to_win = 0
        self.ours = self.third_party = self.rival = self.person = 0
        self.served = self.days_waited = self.steps = 0

    # --- rows ---

    def hold(
        self, table: np.ndarray, next_step: np.ndarray, stage: np.ndarray, arrived: np.ndarray, in_line: np.ndarray
    ) -> None:
        """Let these be the columns, with a view of each."""
        self.table, self.hot, self.column = table, table[: len(HOT)], list(table)
        self.next_step, self.stage, self.arrived, self.in_line = next_step, stage, arrived, in_line

    def grow(self, n: int) -> None:
        """Twice as many rows, or as many more as are needed."""
        rows = len(self.next_step)
        more = max(rows, n)
        self.hold(
            np.concatenate([self.table, np.zeros((COLUMNS, more), f4)], axis=1),
            np.concatenate([self.next_step, np.full(more, NEVER, np.int32)]),
            np.concatenate([self.stage, np.zeros(more, np.int8)]),
            np.concatenate([self.arrived, np.zeros(more, np.int32)]),
            np.concatenate([self.in_line, np.zeros(more, bool)]),
        )
        free = np.empty(rows + more, np.intp)
        free[:more] = np.arange(rows + more - 1, rows - 1, -1)
        free[more : more + self.free_rows] = self.free[: self.free_rows]
        self.free, self.free_rows = free, more + self.free_rows

    def release(self, rows: np.ndarray) -> None:
        """These rows may be used again."""
        self.free[self.free_rows : self.free_rows + len(rows)] = rows
        self.free_rows += len(rows)

    # --- arrivals ---

    def arrivals(self) -> Iterator[np.ndarray]:
        """Day by day the columns of those who arrive."""
        counts = self.random.poisson(self.numbers.arrivals_per_day, self.numbers.days)
        block, at = self.buyers(BLOCK), 0
        for count in counts.tolist():
            if at + count > block.shape[1]:
                block, at = np.concatenate([block[:, at:], self.buyers(max(BLOCK, count))], axis=1), 0
            yield block[:, at : at + count]
            at += count

    def buyers(self, n: int) -> np.ndarray:
        """Columns of ``n`` buyers who begin their first stage on day 0."""
        c, rng = self.numbers, self.random
        new = np.empty((COLUMNS, n), f4)
        complexity = c.complexity_low + (c.complexity_high - c.complexity_low) * rng.random(n, f4)
        wish = c.preference_base + c.preference_by_complexity * complexity
        wish += c.preference_spread * rng.standard_normal(n, f4)
        new[ODDS] = np.exp(np.minimum(wish, 60.0))  # surely asks, and stays finite in float32
        new[PATIENCE] = np.rint(c.patience_median_days * np.exp(c.patience_sigma * rng.standard_normal(n, f4)))
        new[POWER] = c.content_gain * (1.0 - c.complexity_drag * complexity)
        new[FIT] = 1.0 / (1.0 + np.exp(-c.fit_mean_logit - c.fit_spread * rng.standard_normal(n, f4)))
        new[CONVINCES] = 1.0 - c.fit_drag * (1.0 - new[FIT])
        new[STRENGTH] = c.rival_strength_low + (c.rival_strength_high - c.rival_strength_low) * rng.random(n, f4)
        new[CHECKS] = c.verification_low + (c.verification_high - c.verification_low) * rng.random(n, f4)
        new[TRUST], new[PROGRESS] = c.initial_trust, 0.0
        first = np.zeros(n, np.int8)
        new[WORST], new[OTHER] = self.uncertainties(first)
        new[READS] = self.reads_from(new[ODDS])
        new[GRIP], new[RIVAL] = self.taken_in(first, new[POWER], new[CONVINCES])
        new[GIVES_UP] = new[PATIENCE]
        return new

    def admit(self, new: np.ndarray, today: int) -> None:
        """Give those who arrive a row; their first step is today's."""
        n = new.shape[1]
        if n > self.free_rows:
            self.grow(n)
        self.free_rows -= n
        rows = self.free[self.free_rows : self.free_rows + n]
        self.table[:, rows] = new
        self.column[GIVES_UP][rows] += f4(today)
        self.arrived[rows] = today
        self.next_step[rows] = today
        self.stage[rows] = 0

    # --- a day ---

    def research(self, due: np.ndarray, today: int) -> None:
        """A step of everybody in ``due``: give up, ask a person, or read; then perhaps move on."""
        c, rng, column, n, now = self.numbers, self.random, self.column, len(due), f4(today)
        trust, worst, other, progress, reads_from, gives_up, grip, checks, believes_rival = self.hot.take(due, axis=1)
        acts, looks, use, luck = rng.random((4, n), f4)
        reads = acts >= reads_from
        reads &= gives_up > now
        # whose content
        weight = trust * f4(c.our_share)
        weight += f4(0.5 * c.our_share)
        looks *= weight + f4(c.third_party_share + c.rival_share)
        ours = looks < weight
        weight += f4(c.third_party_share)
        rival = looks >= weight
        ours &= reads
        rival &= reads
        n_reads, n_ours, n_rival = map(np.count_nonzero, (reads, ours, rival))
        self.ours += int(n_ours)
        self.rival += int(n_rival)
        self.third_party += int(n_reads - n_ours - n_rival)
        # who checks a claim of ours trusts us more
        gains = luck < checks
        gains &= ours
        gain = f4(1.0) - trust
        gain *= f4(c.trust_gain)
        gain *= gains
        trust += gain
        column[TRUST][due] = trust
        # the rival comes nearer
        advance = use * f4(2.0 * c.rival_gain)
        advance *= rival
        progress += advance
        column[PROGRESS][due] = progress
        # the worst topic gets clearer
        relevance = f4(c.others_relevance)
        if c.our_relevance != c.others_relevance:
            relevance = np.where(ours, f4(c.our_relevance), relevance)
        use *= f4(2.0 * c.usefulness_spread)
        use += f4(1.0 - c.usefulness_spread)
        use *= relevance
        np.minimum(use, f4(1.0), out=use)
        use *= grip
        use *= np.where(ours, trust, np.where(rival, believes_rival, f4(c.third_party_trust)))
        use *= reads
        use *= worst
        worst -= use
        column[OTHER][due] = np.minimum(worst, other)
        np.maximum(worst, other, out=worst)
        column[WORST][due] = worst
        # the next step
        gap = rng.standard_exponential(n, f4)
        gap *= self.gap_scale
        np.floor(gap, out=gap)
        gap += now + f4(1.0)
        self.next_step[due] = np.minimum(gap, gives_up)
        # a few do more
        clear = (worst <= f4(c.clear_level)).nonzero()[0]
        if len(clear):
            movers = due[clear]
            self.advance(movers, today)
            moved = (self.next_step[movers] != NEVER).nonzero()[0]
            movers = movers[moved]
            self.next_step[movers] = np.minimum(gap[clear[moved]], column[GIVES_UP][movers])
        far = (progress >= f4(1.0)).nonzero()[0]
        if len(far):
            self.lose_early(due[far])
        if n_reads < n:
            rest = (~reads).nonzero()[0]
            leaves = (acts[rest] < f4(c.distraction_chance)) | (gives_up[rest] <= now)
            gone = due[rest[leaves]]
            self.no_decision += len(gone)
            self.end(gone)
            self.ask(due[rest[~leaves]], today)

    def advance(self, rows: np.ndarray, today: int) -> None:
        """Buyers whose stage is clear move on, as often as the next is clear too; after the last one they choose."""
        column = self.column
        while len(rows):
            stage = self.stage[rows] + np.int8(1)
            last = stage > LAST_STAGE
            choosing = last.nonzero()[0]
            if len(choosing):
                self.choose(rows[choosing], today)
                going = (~last).nonzero()[0]
                rows, stage = rows[going], stage[going]
            odds, patience, power, convinces = self.table[ODDS : CONVINCES + 1].take(rows, axis=1)
            self.stage[rows] = stage
            odds *= self.odds_per_stage
            patience += f4(today)
            column[ODDS][rows] = odds
            column[GIVES_UP][rows] = patience
            column[WORST][rows], column[OTHER][rows] = self.uncertainties(stage)
            column[GRIP][rows], column[RIVAL][rows] = self.taken_in(stage, power, convinces)
            odds *= ~self.in_line[rows]
            column[READS][rows] = self.reads_from(odds)
            if not self.may_begin_clear:
                return
            rows = rows[column[WORST][rows] <= f4(self.numbers.clear_level)]

    def uncertainties(self, stage: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The greater and the lesser uncertainty about the topics of a stage; 0 for a second one that is not there."""
        one, two = f4(1.0) - f4(self.numbers.prior_knowledge) * self.random.random((2, len(stage)), f4)
        two *= self.has_two_topics[stage]
        return np.maximum(one, two), np.minimum(one, two)

    def taken_in(self, stage: np.ndarray, power: np.ndarray, convinces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What content does to a buyer in a stage, and how far it believes the rival there."""
        about_us = stage >= FIRST_STAGE_ABOUT_US
        return power * np.where(about_us, convinces, f4(1.0)), ~about_us * f4(self.numbers.rival_trust)

    def reads_from(self, odds: np.ndarray) -> np.ndarray:
        """The uniform number from which a buyer reads: below it, it asks, with these odds, or is distracted."""
        distracted = f4(self.numbers.distraction_chance)
        return distracted + (f4(1.0) - distracted) * (odds / (f4(1.0) + odds))

    def choose(self, rows: np.ndarray, today: int) -> None:
        """Us or the rival, by the logit of the difference of both offers."""
        c, column = self.numbers, self.column
        better = f4(1.0 - c.trust_weight) * column[FIT][rows] + f4(c.trust_weight) * column[TRUST][rows]
        better -= column[STRENGTH][rows] * np.minimum(column[PROGRESS][rows], f4(1.0))
        wins = self.random.random(len(rows), f4) < f4(1.0) / (f4(1.0) + np.exp(f4(-c.choice_sharpness) * better))
        winners = rows[wins]
        self.won += len(winners)
        self.lost += len(rows) - len(winners)
        self.days_to_win += len(winners) * today - int(self.arrived[winners].sum())
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

    # --- the pool of reps ---

    def ask(self, rows: np.ndarray, today: int) -> None:
        """These buyers join the line, each with the minutes that its talk will take."""
        c, n = self.numbers, len(rows)
        self.steps += n
        self.in_line[rows] = True
        self.column[READS][rows] = c.distraction_chance
        minutes = self.random.standard_exponential(n)
        minutes *= c.answer_minutes * c.answer_spread
        minutes += c.answer_minutes * (1.0 - c.answer_spread)
        self.line = np.concatenate([self.line, rows])
        self.line_since = np.concatenate([self.line_since, np.full(n, today, np.int32)])
        self.line_minutes = np.concatenate([self.line_minutes, minutes])

    def answer(self, today: int) -> None:
        """Serve the line until the day's minutes of the reps are spent; what a talk runs over is tomorrow's."""
        budget = self.numbers.reps * MINUTES_A_DAY - self.overrun
        here = self.next_step[self.line] != NEVER
        needed = np.cumsum(self.line_minutes * here)
        served = min(int(needed.searchsorted(budget)) + 1, len(needed)) if budget > 0.0 else 0
        spent = float(needed[served - 1]) if served else 0.0
        self.overrun = max(0.0, spent - budget)
        self.worked += spent
        rows, here = self.line[:served], here[:served]
        self.in_line[rows] = False
        self.release(rows[~here])
        talking = rows[here]
        self.served += len(talking)
        self.days_waited += len(talking) * today - int(self.line_since[:served][here].sum())
        self.line, self.line_since = self.line[served:], self.line_since[served:]
        self.line_minutes = self.line_minutes[served:]
        for start in range(0, len(talking), CHUNK):
            self.talk(talking[start : start + CHUNK], today)

    def talk(self, rows: np.ndarray, today: int) -> None:
        """A rep speaks about the topic that worries most."""
        c, column, n = self.numbers, self.column, len(rows)
        self.person += n
        self.steps += n
        trust, worst, other, progress, _, _, _, checks, _, odds = self.table[: ODDS + 1].take(rows, axis=1)
        use, luck = self.random.random((2, n), f4)
        trust += f4(c.trust_gain) * (f4(1.0) - trust) * (luck < checks)
        use *= f4(2.0 * c.usefulness_spread)
        use += f4(1.0 - c.usefulness_spread)
        np.minimum(use, f4(1.0), out=use)
        use *= trust
        use *= f4(c.talk_power)
        use *= np.where(self.stage[rows] >= FIRST_STAGE_ABOUT_US, column[CONVINCES][rows], f4(1.0))
        worst -= worst * use
        column[TRUST][rows] = trust
        column[OTHER][rows] = np.minimum(worst, other)
        np.maximum(worst, other, out=worst)
        column[WORST][rows] = worst
        column[READS][rows] = self.reads_from(odds)
        self.advance(rows[worst <= f4(c.clear_level)], today)
        far = (progress >= f4(1.0)).nonzero()[0]
        if len(far):
            self.lose_early(rows[far])

    # --- a run ---

    def run(self) -> Outcomes:
        """All days, and what became of everybody."""
        c, buyers = self.numbers, 0
        for today, new in enumerate(self.arrivals()):
            buyers += new.shape[1]
            self.admit(new, today)
            due = (self.next_step == today).nonzero()[0]
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
