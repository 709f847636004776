"""The player: the same buyers moving through several organisations, in a report or on a page.

`payload` is what it is given; `fragment` is a piece of HTML that holds it all; `script` and `style` are its parts for a
page that sends payloads by itself. The player is plain JavaScript in the files beside this one, and needs nothing else.
"""

import base64
import gzip
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.model.words import Activity, Role, Stage, Topic
from simulator.questions.frame.numbers import words
from simulator.questions.frame.player.lives import parting
from simulator.questions.frame.player.show import Show, ShownArm
from simulator.questions.frame.style import colour
from simulator.results.summary import DAY

#: Instants are sent as whole steps, as many a day as 16 bits have room for.
_ROOM = 2**16 - 1

#: Bytes of data that are left as they are: a browser that cannot unpack (before 2023) then shows them too.
_SMALL = 300_000

_KINDS = {"u8": "<u1", "u16": "<u2", "u32": "<u4", "f32": "<f4", "f64": "<f8"}
_ROLES = {Role.MARKETER: ("marketer", "marketers"), Role.SDR: ("SDR", "SDRs"), Role.REP: ("rep", "reps")}
_SCRIPTS = ("data.js", "scene.js", "numbers.js", "lives.js", "player.js")


def payload(show: Show, lives: bool = True, tints: Mapping[str, str] | None = None) -> dict[str, Any]:
    """All that the player needs, ready for `json.dumps`; ``tints``: colours of organisations by name, if not by place.

    An array is ``{"u8" | "u16" | "u32" | "f32" | "f64": base64 of its little-endian bytes}``. Instants are steps, so
    many ``steps_per_day``, rounded up: whatever is within a day stays there. ``lives`` are the events of buyer 0 in
    each arm, then those of buyer 1, and so on; ``who`` is ``4 * (topic + 1) + role + 1``, 0 where there is none;
    ``shared`` is how many events of a buyer are alike in all arms, from its first on. Without ``lives`` a picked buyer
    is only marked.
    """
    from simulator.questions.frame.event_words import BY_WHOM, PEOPLE, event  # which needs `lives` of this folder

    return {
        "scenario": words(show.scenario.name),
        "replication": show.replication + 1,
        "replications": max(show.scenario.run.replications, show.replication + 1),
        "first_day": show.first_day.isoformat(),
        "days": show.days,
        "cohort_days": show.cohort_days,
        "steps_per_day": steps_per_day(show.days),
        "of": show.of,
        "stages": [words(stage.name.lower()) for stage in Stage],
        "roles": [list(_ROLES[role]) for role in Role],
        "topics": [words(topic.name.lower()) for topic in Topic],
        "activities": [event(activity.name.lower()) for activity in Activity],
        "people": [PEOPLE[role] for role in Role],
        "by_whom": sorted(int(activity) for activity in BY_WHOM),
        "stage_entered": int(Activity.STAGE_ENTERED),
        "segments": [words(name) for name in show.segments],
        "channels": [words(name) for name in show.channels],
        "buyers": _packed("u32", show.buyers),
        "segment": _packed("u8", show.segment),
        "channel": _packed("u8", show.channel),
        "complexity": _packed("f32", show.complexity),
        "members": _packed("u8", show.members),
        "deal_value_usd": _packed("f32", show.deal_value_usd),
        "arms": [
            _arm(show, arm, (tints or {}).get(arm.organisation, colour(position)))
            for position, arm in enumerate(show.arms)
        ],
        "lives": _lives(show) if lives else None,
    }


def fragment(show: Show, *, lives: bool = True, tints: Mapping[str, str] | None = None) -> str:
    """A self-contained piece of HTML: a style, a division and a script with the player and its data.

    Several may stand on one page; the player is then defined once, by whichever comes first.
    """
    data = json.dumps(payload(show, lives, tints), separators=(",", ":"))
    packed = "gzip" if len(data) >= _SMALL else ""
    if packed:
        data = json.dumps(base64.b64encode(gzip.compress(data.encode(), mtime=0)).decode())
    return (
        f"<style>{style()}</style>\n"
        '<div class="bj" role="group" aria-label="Buyers moving through organisations"></div>\n'
        f"<script>{script()}\n"
        f'BuyerJourneys.embed(document.currentScript.previousElementSibling,{safe(data)},"{packed}");</script>\n'
    )


def script() -> str:
    """The player: defines ``BuyerJourneys`` if the page has none yet."""
    parts = "\n".join(_text(name) for name in _SCRIPTS)
    return f'(function () {{\n"use strict";\nif (window.BuyerJourneys) return;\n{parts}}})();\n'


def style() -> str:
    """How the player looks."""
    return _text("player.css")


def _text(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def safe(data: str) -> str:
    """JSON that may stand in a script: nothing in it ends the script, begins a comment or ends a line."""
    for mark in "<>&\u2028\u2029":
        data = data.replace(mark, f"\\u{ord(mark):04x}")
    return data


def _packed(kind: str, values: np.ndarray) -> dict[str, str]:
    return {kind: base64.b64encode(np.asarray(values).astype(_KINDS[kind]).tobytes()).decode()}


def steps_per_day(days: int) -> int:
    """Steps in a day of a show that is so long."""
    return max(1, _ROOM // days)


def _steps(show: Show, at_us: NDArray[np.int64]) -> dict[str, str]:
    steps = steps_per_day(show.days)
    kind = "u16" if steps * show.days <= _ROOM else "u32"
    return _packed(kind, -((show.start_us - at_us) * steps // DAY))


def _arm(show: Show, arm: ShownArm, tint: str) -> dict[str, Any]:
    series = arm.series
    return {
        "name": words(arm.organisation),
        "colour": tint,
        "headcount": list(arm.headcount),
        "buyers": int(arm.summary.sums["cohort"]),
        "first": _packed("u32", arm.tracks.first),
        "at": _steps(show, arm.tracks.at),
        "states": _packed("u8", arm.tracks.states),
        "won": _packed("u32", series.won),
        "lost": _packed("u32", series.lost),
        "no_decision": _packed("u32", series.no_decision),
        "revenue_usd": _packed("f64", series.revenue_usd),
        "cost_usd": _packed("f64", series.cost_usd),
        "median_days": _packed("f64", series.median_days),
        "waiting": [_packed("u32", row) for row in series.waiting],
        "waiting_cohort": [_packed("u32", row) for row in series.waiting_cohort],
        "paid_usd": _packed("f32", arm.paid_usd),
        "asked_again": _packed("f32", arm.asked_again),
        "handoffs": _packed("u8", np.minimum(arm.handoffs, 255)),
        "contradictions": _packed("u8", np.minimum(arm.contradictions, 255)),
    }


def _lives(show: Show) -> dict[str, Any]:
    """Events by buyer, then by arm: lives that begin alike stand beside each other, and pack well."""
    spans = [arm.lives.spans(show.buyers) for arm in show.arms]
    begin = np.stack([begin for begin, _ in spans], axis=1).ravel()
    count = np.stack([count for _, count in spans], axis=1).ravel()
    first = np.concatenate([[0], np.cumsum(count)])
    offset = np.concatenate([[0], np.cumsum([len(arm.lives.events) for arm in show.arms])])[:-1]
    rows = np.repeat(begin + np.tile(offset, len(show.buyers)) - first[:-1], count) + np.arange(first[-1])
    events = np.concatenate([arm.lives.events for arm in show.arms])[rows]
    baseline, *others = (arm.lives for arm in show.arms)
    parted = [parting(baseline, other, show.buyers) for other in others]  # exactly: steps are too coarse to tell
    shared = np.minimum.reduce([count[:: len(show.arms)], *parted])
    who = 4 * (events["topic"].astype(np.int64) + 1) + events["role"] + 1
    return {
        "first": _packed("u32", first),
        "shared": _packed("u32", shared),
        "at": _steps(show, events["at"]),
        "activity": _packed("u8", events["activity"]),
        "who": _packed("u8", who),
    }
