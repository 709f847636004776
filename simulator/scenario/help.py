"""What ``--help`` and ``--keys`` print."""

import dataclasses
import difflib
import textwrap
import typing
from pathlib import Path
from typing import Any

from simulator.scenario.config_sources import option_file, option_names
from simulator.scenario.paths import hint_at
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError, default_at, described, listed, type_in_words

_HELP = """\
Simulate how buyers live through a selling organisation, and compare organisations on the same buyers.

  buyer-journeys [KEY=VALUE ...]            one run, in a new folder below outputs/
  buyer-journeys study=NAME [KEY=VALUE ...] another question of the same scenario: see Studies below
  buyer-journeys --multirun KEY=A,B ...     a sweep: one job for each combination of values, one table over all
  buyer-journeys workshop [KEY=VALUE ...]   a page for a room: guess first, watch, move levers; until Ctrl-C
  buyer-journeys --resume FOLDER            go on with a sweep that ended early; runs only what is missing or failed
  buyer-journeys --repeat FOLDER            a run again, from its config.yaml: the same numbers, in a new folder

(`python -m simulator` is the same program.)

Scenarios, scenario=NAME:
{scenarios}

Building blocks: market={market}
                 leads={leads}
                 organisation=[{organisation}]
                 crm={crm}

Studies, study=NAME: what is asked of the scenario
{studies}

Keys most often changed:
  run.replications=20  run.seed=1            repetitions; luck
  run.cohort_days=365                        days whose arrivals are counted
  compare.organisations=[a,b]                which organisations, the first is the baseline
  organisations.NAME.handoff.sla_hours=4     anything an organisation chooses
  mechanisms.access=false                    put one mechanism at its neutral value everywhere
  market.leads.path=FILE.csv                 with scenario=replay: your own CRM export
  study.compare.precision=0.05               add replications until intervals are as narrow
  workshop.host=0.0.0.0                      lets browsers on other machines join a workshop
  sweep.backend=joblib  sweep.workers=8      where a sweep runs: serial, threads, joblib, ray, slurm

Examples:
  buyer-journeys scenario=enterprise compare.organisations=[relay_race,integrated] run.replications=20 run.seed=7
  buyer-journeys --multirun organisations.relay_race.handoff.sla_hours=4,8,40
  buyer-journeys scenario=replay market.leads.path=leads.csv
  buyer-journeys study=attribution study.attribution.mechanisms=[access,speed,consistency]
  buyer-journeys --config-dir DIR scenario=mine                          reads DIR/scenario/mine.yaml
  buyer-journeys scenario=DIR/scenario/mine.yaml                         the same, by its file
  buyer-journeys --config-dir DIR organisation=[relay_race,pods]         reads DIR/organisation/pods.yaml

More:
  --keys [WORD]          every key with its range, default, meaning and source; WORD narrows the list
  --cfg job [--resolve]  the composed settings, without running
  --shell-completion     tab completion: eval "$(buyer-journeys -sc install=bash)"
  --hydra-help           Hydra's own flags and settings
  --version

Exit code 0: done; 1: some jobs of a sweep failed; 2: refused, with one line saying why; 130: interrupted;
143: terminated."""


def help_text(config_dir: str | None = None) -> str:
    """The text of ``--help``, with a user's own scenarios and building blocks."""
    folder = Path(config_dir) if config_dir else None
    groups = {group: ",".join(option_names(group, folder)) for group in ("market", "leads", "organisation", "crm")}
    return _HELP.format(scenarios=_questions("scenario", folder), studies=_questions("study", folder), **groups)


def keys_text(word: str = "") -> str:
    """Every key whose path or meaning holds ``word``: type, range, default, meaning, source."""
    keys = list(described(Scenario))
    chosen = [(path, field) for path, field in keys if word.lower() in f"{path} {field.metadata['doc']}".lower()]
    if not chosen:
        close = difflib.get_close_matches(word, {part for path, _ in keys for part in path.split(".")}, n=1)
        raise ScenarioError(
            f"no key has {word!r} in its name or meaning" + "".join(f": did you mean {c}?" for c in close)
        )
    return "\n".join(_key_text(path, field) for path, field in chosen)


def _key_text(path: str, field: "dataclasses.Field[Any]") -> str:
    about = field.metadata
    kind = listed(about["choices"]) or _kind(hint_at(Scenario, path))
    if about["low"] is not None or about["high"] is not None:
        low, high = ("" if about[end] is None else f"{about[end]:g}" for end in ("low", "high"))
        kind += f" {low}..{high}"
    unit = f" {about['unit']}" if about["unit"] else ""
    value = default_at(Scenario, path)
    default = f"; default {value}" if value not in ("", [], {}) else ""
    text = f"{about['doc']} ({kind}{unit}{default}; {about['source']})"
    return path + "\n" + textwrap.fill(text, width=112, initial_indent="    ", subsequent_indent="    ")


def _kind(hint: Any) -> str:
    return "list of names" if typing.get_origin(hint) is list else type_in_words(hint)


def _questions(group: str, folder: Path | None) -> str:
    """A group's building blocks, each with the question it opens with."""
    names = option_names(group, folder)
    width = max(map(len, names)) + 2
    return "\n".join(f"  {name:<{width}}{question_of(group, name, folder)}".rstrip() for name in names)


def question_of(group: str, name: str, folder: Path | None = None) -> str:
    """The question that a building block's file opens with: its first comment line."""
    file = option_file(group, name, folder)
    text = file.read_text(encoding="utf-8-sig", errors="replace") if file else ""
    comments = (line.lstrip("# ") for line in text.splitlines() if line.startswith("#") and "@package" not in line)
    return next(comments, "")
