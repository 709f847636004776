"""What both engines count in whole numbers between reviews, and where in the tally it stands.

Sums of integers do not depend on the order in which buyers' steps add to them, and nobody reads them before the
next review. The first sixteen places belong to the compiled engine's loop.
"""

from simulator.model.content import CELLS
from simulator.model.sizes import MAX_CHANNELS

BUCKET, HEAP_SIZE, ARRIVED, LOG_ROWS, EVENTS, REVIEWS, SHIFT = range(7)
#: Slots that are free again; slots ever taken; buyers who came; journeys over and not handed on yet.
FREE, SLOTS, CAME, DONE = range(8, 12)
#: Until when the log is kept before it is handed on: nobody runs ahead of this instant; whether all before it is done.
WINDOW_END, WINDOW_OVER = 12, 13

#: Customers whose review is good, and bad; assets in the library; pieces that reps made; reps' time spent looking.
PLEASED, DISAPPOINTED, ASSETS, OWN_PIECES, SEARCH_US = range(16, 21)
#: Marketers' time that is not yet an asset; their time on buyers up to the last review; its instant.
MAKING_US, WORKED_US, REVIEWED_AT = range(21, 24)
#: Whether the organisation changes now; since when it is another one.
REORGANISE, REORGANISED_AT = range(24, 26)
#: Training a person still has to be given; training a working day in the present period.
TRAINING_DUE_US, TRAINING_US = range(26, 28)

#: By channel, since the last review: inquiries, value of opportunities and of wins in cents.
LEADS = 32
PIPELINE_CENTS = LEADS + MAX_CHANNELS
REVENUE_CENTS = PIPELINE_CENTS + MAX_CHANNELS
#: By cell: how often people heard the question, how often buyers read about it, how often reps used an asset.
HEARD = REVENUE_CENTS + MAX_CHANNELS
READS = HEARD + CELLS
USES = READS + CELLS

TALLY = USES + CELLS
