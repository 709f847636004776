"""Our content: the library of assets, what a piece is worth, and nurture mails."""

from dataclasses import dataclass

from simulator.scenario.schema import parameter


@dataclass
class Content:
    """A library of assets, each for one topic, one segment and one format, and what becomes of it."""

    relevance: float = parameter(
        0.6,
        "mean use, for the buyer's question, of a new piece of best quality that fits it in every respect",
        low=0,
        high=1,
    )
    mail_relevance: float = parameter(0.4, "the same for a nurture mail", low=0, high=1)
    generic_match: float = parameter(
        0.4, "match of our general pages with any question: the least a buyer finds", low=0, high=1
    )
    segment_mismatch: float = parameter(
        0.3, "share of match lost if a piece is made for another segment", low=0, high=1
    )
    format_mismatch: float = parameter(
        0.2, "share of match lost if it has another format than the buyer likes", low=0, high=1
    )
    assets_at_start: int = parameter(
        860, "assets in the library at the start, made by guess", unit="assets", low=0, high=100_000
    )
    hours_per_asset: float = parameter(
        24.0, "marketers' work in one asset", unit="hours", low=0.5, high=10_000, rule="asset_us"
    )
    making_share: float = parameter(
        0.35, "share of marketers' time, after meetings, training and buyers, that goes into assets", low=0, high=1
    )
    early_lean: float = parameter(
        2.0,
        "how far guessed topics lean to the early stages: 1 not at all; at 2 half of them are the first two of eight",
        low=1,
        high=10,
    )
    quality_low: float = parameter(0.6, "least quality of an asset; uniform between low and high", low=0, high=1)
    quality_high: float = parameter(1.0, "greatest quality of an asset", low=0, high=1)
    half_life_days: float = parameter(
        720.0, "time in which an asset loses half of its match", unit="days", low=1, high=36_500,
        rule="asset_half_life_days",
    )  # fmt: skip
    piece_share: float = parameter(0.3, "share of a talk's use that hangs on the piece that is shown", low=0, high=1)
    useful_match: float = parameter(
        0.53, "match from which a rep uses an asset it finds; else it makes a piece of its own", low=0, high=1
    )
    own_piece_minutes: float = parameter(15.0, "a rep's work on a piece of its own", unit="minutes", low=0, high=10_000)
    own_piece_match: float = parameter(0.6, "match of such a piece", low=0, high=1)


@dataclass
class Nurture:
    """Mails to known leads that nobody serves."""

    every_days: float = parameter(14.0, "time between mails", unit="days", low=0.1, high=3650, rule="mail_every_us")
    open_rate: float = parameter(0.25, "chance that a mail is read", low=0, high=1)
