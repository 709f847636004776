"""The library of assets: what a new one is about, how it matches a question, and what a talk is worth with it.

A *cell* is a question as the library sees it: topic, segment and the format the buyer likes.
"""

from simulator.model.compiling import compiled
from simulator.model.numerics import DAY_US, LN_2, exp, left_of, log
from simulator.model.sizes import MAX_SEGMENTS
from simulator.model.words import FORMATS, TOPICS

CELLS = TOPICS * MAX_SEGMENTS * FORMATS


@compiled
def cell_of(topic, segment, form):
    """Number of a cell."""
    return (int(topic) * MAX_SEGMENTS + int(segment)) * FORMATS + int(form)


@compiled
def one_of(u, options):
    """FORMAT, ASSET_GUESS: one of ``options``, all alike."""
    return int(u * options)


@compiled
def guessed_topic(u, lean):
    """ASSET_GUESS: a topic; above 1, ``lean`` favours those of the early stages: P(topic < t) = (t / 8)^(1 / lean)."""
    return min(TOPICS - 1, int(TOPICS * exp(lean * log(u))))


@compiled
def bits_for(options):
    """Bits that name one of ``options``."""
    return log(float(options)) / LN_2


@compiled
def hit_chance(bits, options):
    """ASSET_HIT: chance that an aspect is made as the brief says, so that with guesses 2^bits in ``options`` are right.

    Each bit halves the candidates: with b bits the right one of n is met with chance 2^b / n. A guess meets it with
    1 / n anyway, so the brief has to decide in (2^b - 1) / (n - 1) of the cases.
    """
    if options <= 1:
        return 1.0
    return min(1.0, (exp(bits * LN_2) - 1.0) / (options - 1.0))


@compiled
def drawn_cell(u, heard, total):
    """ASSET_TARGET: a question that people heard, in proportion to how often; ``heard`` counts by cell."""
    wanted = int(u * total)
    cell = 0
    while wanted >= heard[cell]:
        wanted -= heard[cell]
        cell += 1
    return cell


@compiled
def freshness(age_us, half_life_days):
    """What age leaves of an asset's match."""
    return left_of(age_us / DAY_US, half_life_days)


@compiled
def match(value, same_segment, same_format, segment_mismatch, format_mismatch):
    """How far a piece of ``value`` (quality times freshness) matches a question on its topic."""
    if not same_segment:
        value *= 1.0 - segment_mismatch
    if not same_format:
        value *= 1.0 - format_mismatch
    return value


@compiled
def talk_relevance(piece_share, piece_match):
    """Use of a talk with a piece of the given match; ``piece_share`` of it hangs on the piece."""
    return 1.0 - piece_share * (1.0 - piece_match)
