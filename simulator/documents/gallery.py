"""``docs/gallery.md`` (``make gallery``): every kind of figure, what it answers, how to read it, and what makes it.

The runs are small, so that the whole takes minutes: pictures show what a figure looks like, not what was found.
"""

import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

#: Where the export of the run ``export`` lies, from which others are made; a reader's is made into that folder.
_EXPORT, _TYPED = "{export}", "outputs/export"
_OF_EXPORT = "crm=simulator crm.leads={export}/crm/relay_race/leads.csv crm.deals={export}/crm/relay_race/deals.csv"

#: Settings of each run, by name; what is typed after `python -m simulator`.
COMMANDS = {
    "comparison": "run.replications=20",
    "change": "scenario=transition run.replications=10",
    "transition": "study=transition run.replications=10",
    "attribution": "study=attribution run.replications=8 study.attribution.metrics=[win_rate_inquiries] "
    "study.attribution.mechanisms=[access,context,consistency,recycling,support]",
    "ablation": "study=ablation run.replications=6 study.ablation.metrics=[win_rate_inquiries]",
    "sensitivity": "study=sensitivity study.sensitivity.trajectories=8 study.sensitivity.replications=3 "
    "study.sensitivity.metrics=[win_rate_inquiries]",
    "when": "study=when study.when.points=5 study.when.replications=6 study.when.hypercube=80 study.when.held_out=40 "
    "study.when.rule_replications=3",
    "mix": "study=mix study.mix.trials=40 study.mix.replications=4 study.mix.finalists=6 "
    "study.mix.check_replications=12",
    "audit": "study=audit run.replications=6",
    "lives": "study=lives",
    "twins": "study=twins run.replications=8",
    "evidence": "study=calibrate_defaults study.calibration.trials=0",
    "sweep": "--multirun organisations.relay_race.handoff.sla_hours=4,8,40 market.reach.half_life_days=2,5,10 "
    "run.replications=4",
    "sweep of one": "--multirun market.reach.half_life_days=0.5,1,2,5,10,20 run.replications=10",
    "export": "scenario=transactional market.inquiries_per_year=3000 run.cohort_days=240 "
    "run.follow_up_days=60 run.replications=1 run.export=crm",
    "read": f"study=read_crm {_OF_EXPORT}",
    "calibration": f"scenario=transactional study=calibrate {_OF_EXPORT} study.fit.points=1024 study.fit.narrowed=384 "
    "study.fit.trials=40 study.fit.draws=60 study.fit.horizon_days=45 "
    "study.fit.hold=[content_gain,person_gain,rivals_gain,choice_sharpness,distraction,qualify_threshold]",
}

#: Colours of a picture, which lines and letters do not miss; a picture is seldom wider than a page.
_COLOURS, _PIXELS_WIDE = 64, 1080


@dataclass(frozen=True)
class Picture:
    """A kind of figure.

    Attributes
    ----------
    figure : file name without suffix in the run's ``figures/``, and in the gallery.
    question : what it answers.
    reading : how to read it, in two sentences.
    function : module and name of what draws it.
    run : which of `COMMANDS` leaves it.
    """

    figure: str
    question: str
    reading: str
    function: str
    run: str = "comparison"


PICTURES = {
    "A comparison": [
        Picture(
            "funnel", "Of 100 inquiries, how many get how far?",
            "Each group of bars is a step from inquiry to win, a bar for each organisation. Thin black lines are 95% "
            "intervals.",
            "questions.compare.figure:funnel",
        ),
        Picture(
            "cycle_time", "How long until buyers have bought?",
            "A curve rises as buyers buy; who chose another vendor, or none, stays below it for ever. The dot is the "
            "median of those who bought, a stroke is a journey cut off by the end of follow-up.",
            "questions.compare.figure:cycle_time",
        ),
        Picture(
            "first_response", "How soon does a person reach an inquiry?",
            "Read across at 50% to see when every second inquiry had been reached; time is logarithmic. What lies "
            "above a curve's end was never reached.",
            "questions.compare.figure:first_response",
        ),
        Picture(
            "cost_per_won", "What does one won customer cost?",
            "The dot is all costs by all wins, the line its 95% interval. Leads that nobody called are paid for too.",
            "questions.compare.figure:cost_per_won",
        ),
        Picture(
            "outcomes", "How much does luck move the outcomes?",
            "A small dot is one replication, a cloud shows how densely they lie: so wide is a year's luck. The black "
            "dot is the estimate from all of them, the black line its interval, which more replications make "
            "narrower.",
            "questions.compare.outcomes_figure:outcomes",
        ),
        Picture(
            "paired_differences", "What changes for the same buyers?",
            "Each small dot is an organisation less the baseline in one replication, on the same buyers. A line that "
            "keeps clear of 0 says that they differ; a side of 0 is named the better one.",
            "questions.compare.differences_figure:paired_differences",
        ),
        Picture(
            "load", "Where do buyers wait, and who has no time left?",
            "Left, how many buyers wait for each role, right, how much of their time for buyers its people need, from "
            "review to review. A line that grows while people are at 100% does not end by itself.",
            "questions.compare.load_figure:load",
        ),
        Picture(
            "channels", "Do the channels that bring leads bring revenue?",
            "The ring is a channel's share of the leads, the dot its share of the revenue, the stroke its share of "
            "the spend. A dot left of its ring: more leads than revenue.",
            "questions.compare.channels_figure:channels",
        ),
        Picture(
            "transition", "When has a change paid for itself?",
            "The line is what an organisation that changes has earned more or less since than one that does not, with "
            "a 95% band. Below 0 it has cost so far; where it rises through 0 it has paid for itself.",
            "questions.compare.figure:transition", "change",
        ),
    ],
    "Why": [
        Picture(
            "attribution_win_rate_inquiries", "Which mechanism is the gap made of?",
            "A waterfall from one organisation to the other: each step is a mechanism's Shapley value, with its "
            "interval. Steps add up to the gap.",
            "questions.attribution.figure:waterfall", "attribution",
        ),
        Picture(
            "ablation_win_rate_inquiries", "What does each mechanism do alone, and when left out?",
            "A bar is what the gap loses without a mechanism, a ring what it gains when that is the only one, both "
            "with their intervals. Where the two differ, mechanisms depend on each other.",
            "questions.ablation.figure:ablation_figure", "ablation",
        ),
        Picture(
            "lives", "What happened to ten buyers, drawn at random?",
            "Each row is a buyer: above its line what it read and when it asked for a person, below it who spoke with "
            "it and who refused it, at its end what became of it. Nobody chose them by their outcome.",
            "questions.lives.figure:timelines", "lives",
        ),
        Picture(
            "twins_flips", "Which buyers flip between two organisations?",
            "Of 100 buyers in each row, so many are won by one organisation only, to the left and to the right. The "
            "win rates differ by the difference of the two.",
            "questions.twins.figure:flips", "twins",
        ),
        Picture(
            "twins_partings", "Where do their lives part for the first time?",
            "Each row is a mechanism: had it been the same in both organisations, the two lives would not have parted "
            "where they first did. Bars are shares of the lives that part; beside them stand those gained and lost.",
            "questions.twins.figure:partings", "twins",
        ),
        Picture(
            "twins_stories", "What was it like for one of them?",
            "Each pair of bands is one buyer's life in both organisations, darker with each stage. The dashed line is "
            "where they part, and at the end stands what became of the buyer.",
            "questions.twins.figure:stories", "twins",
        ),
    ],
    "What it hangs on": [
        Picture(
            "morris_win_rate_inquiries", "What does the answer hang on?",
            "A bar is how much the gap moves when one assumption moves across its range, with its interval. Dashes "
            "are what luck alone would show; a ring far out says that the effect depends on other assumptions.",
            "questions.sensitivity.figure:sensitivity_figure", "sensitivity",
        ),
        Picture(
            "map_win_rate_inquiries", "When does which organisation win?",
            "Colour says by how much one organisation is ahead at each pair of assumptions; the black line is break- "
            "even. Where it is hatched the interval holds 0, and what is seen may be chance.",
            "questions.when.figure:map_figure", "when",
        ),
        Picture(
            "rule", "Can that be said in a rule?",
            "Each row is an assumption, and the thick part of its range is where the rule says who wins. Above stands "
            "how often it is so there, on points that the rule was not made from, and how often it is so at all.",
            "questions.when.figure:rule_figure", "when",
        ),
        Picture(
            "sweep_integrated", "How does the answer move with two settings?",
            "Each field is a job of the sweep, its number an organisation less the baseline, its colour who is ahead. "
            "A question mark: the interval holds 0.",
            "sweeps.figure:gap_map", "sweep",
        ),
        Picture(
            "sweep", "How does it move with one setting?",
            "A line for each organisation through the values of the setting, with bands for the 95% intervals. Where "
            "bands overlap, the paired differences of the jobs may still tell organisations apart.",
            "sweeps.figure:lines", "sweep of one",
        ),
    ],
    "What to do": [
        Picture(
            "pareto", "What is the best team for this payroll?",
            "Each point is a team less today's, run again on other seeds than those it was chosen on; better is up "
            "and to the right. Nothing beats a blue point in everything, and the orange one is recommended.",
            "questions.mix.figure:pareto", "mix",
        ),
        Picture(
            "transition_path", "What does it cost to get there?",
            "The line is what the change has earned more or less so far; the dark band holds for a given day, the "
            "light one for the whole path. The lowest point and the day that pays it back are marked.",
            "questions.transition.figure:path", "transition",
        ),
        Picture(
            "roc", "Does the lead score tell good leads from others?",
            "The further a curve bends to the upper left, the better the score; the dashes are a coin. The points are "
            "the threshold in use, and what is passed on in the end.",
            "questions.audit.figure:roc", "audit",
        ),
        Picture(
            "thresholds", "Where should the threshold be?",
            "Each point is what another threshold earns, less today's. The thick line is its own 95% interval, the "
            "thin one holds for all thresholds together.",
            "questions.audit.figure:thresholds", "audit",
        ),
        Picture(
            "channels_credit", "What is each channel really worth?",
            "Grey bars are the credit that usual rules give, the blue one is what is lost when the channel is closed. "
            "Where they differ, the rule misleads.",
            "questions.audit.figure:channels_credit", "audit",
        ),
    ],
    "Can it be believed?": [
        Picture(
            "patterns", "How far does the model meet published figures?",
            "Each row is a published figure on its own scale; the shaded part still counts as met. The dot is the "
            "model's, with its interval.",
            "questions.calibrate_defaults.figure:evidence_figure", "evidence",
        ),
    ],
    "An export of your own": [
        Picture(
            "leads_and_wins", "How many leads come in, how many are won?",
            "Two columns of bars for each channel: leads by the month they came in, wins by the month they were won. "
            "At the right stands the share won so far, with its 95% interval.",
            "questions.read_crm.figure:leads_and_wins", "read",
        ),
        Picture(
            "parameters", "What does the export tell of each parameter?",
            "A pale bar is a parameter's whole prior range, the line in it the 90% interval that the export leaves. "
            "Thick and blue is told, thin, dashed and grey is not: there the chosen value is one of many that serve.",
            "questions.calibrate.figure:parameters", "calibration",
        ),
        Picture(
            "profiles", "Where could each parameter lie?",
            "A curve says how much worse the export is met as a parameter moves and all others follow. Where it stays "
            "below the dashes over the whole range it is flat: the export cannot tell.",
            "questions.calibrate.figure:profiles", "calibration",
        ),
        Picture(
            "export_met", "Does the fitted model show what the export shows?",
            "Each row is a share that the export shows, the black stroke, on what likely parameter sets show, the "
            "blue line. What they do not make is orange.",
            "questions.calibrate.fit_figure:export_met", "calibration",
        ),
        Picture(
            "held_out_weeks", "How many of the leads that came then were won, and what was predicted?",
            "A black bar is what came of a week's leads that the fit had not seen; beside it stand the simulator's "
            "prediction and two that know no buyers, with 90% intervals. At the right are all weeks together.",
            "questions.calibrate.holdout_figure:held_out_weeks", "calibration",
        ),
        Picture(
            "held_out_curves", "How fast are new leads won, and was it foreseen?",
            "The black steps are the share of new leads really won by each age, the blue line and its band what the "
            "simulator predicted. At the end of each line stands by how much it was off at most.",
            "questions.calibrate.holdout_figure:held_out_curves", "calibration",
        ),
        Picture(
            "leads_elsewhere", "What would the same leads have become elsewhere?",
            "A dot is one parameter set that the export leaves likely, at the left the share it wins, at the right "
            "by how much more or less than in the fitted organisation. Where a black line keeps clear of 0 the "
            "difference does not hang on what the export cannot tell.",
            "questions.calibrate.elsewhere_figure:leads_elsewhere", "calibration",
        ),
    ],
}  # fmt: skip


def page() -> str:
    """The gallery in Markdown."""
    lines = [
        "<!-- made by `make gallery`; do not edit -->\n",
        "# Gallery\n",
        "Every kind of figure. Runs leave each as SVG and PNG in their `figures/`; from Python, each is a function on "
        "result tables or on what a study found. The runs here are small: look at the figures, and quote the numbers "
        "of larger runs.\n",
    ]
    for heading, pictures in PICTURES.items():
        lines.append(f"## {heading}\n")
        for one in pictures:
            lines += [
                f"### {one.question}\n",
                f"![{one.question}](gallery/{one.figure}.png)\n",
                f"{one.reading}\n",
                f"`simulator.{one.function.replace(':', '.')}`, "
                f"{', then '.join(f'`python -m simulator {command}`' for command in typed(one.run))}\n",
            ]
    return "\n".join(lines)


def typed(run: str) -> list[str]:
    """What a reader types for a run, one after the other."""
    command = COMMANDS[run]
    if _EXPORT not in command:
        return [command]
    return [f"{COMMANDS['export']} hydra.run.dir={_TYPED}", command.replace(_EXPORT, _TYPED)]


def needed(runs: Sequence[str]) -> list[str]:
    """These runs in order, and before them the export if one of them is made from it."""
    unknown = [run for run in runs if run not in COMMANDS]
    if unknown:
        raise SystemExit(f"runs must be among {', '.join(COMMANDS)}, got {unknown[0]!r}")
    exports = any(_EXPORT in COMMANDS[run] for run in runs)
    return [name for name in COMMANDS if name in runs or (exports and name == "export")]


def draw(folder: Path, runs: Sequence[str]) -> None:
    """Make the runs, and put their pictures into ``folder``; what is there of no picture goes."""
    drawn = [one for pictures in PICTURES.values() for one in pictures]
    with tempfile.TemporaryDirectory() as scratch:
        for name in needed(runs):
            command = COMMANDS[name].replace(_EXPORT, str(Path(scratch, "export")))
            into, sweeps = Path(scratch, name.replace(" ", "_")), "--multirun" in command
            print(f"python -m simulator {command}", flush=True)
            where = f"hydra.{'sweep' if sweeps else 'run'}.dir={into}"
            made = subprocess.run(
                [sys.executable, "-m", "simulator", *shlex.split(command), where], capture_output=True, text=True
            )
            if made.returncode:
                raise SystemExit(made.stderr)
        folder.mkdir(parents=True, exist_ok=True)
        for old in set(folder.iterdir()) - {folder / f"{one.figure}.png" for one in drawn}:
            old.unlink()
        for one in drawn:
            if one.run in runs:
                picture = Path(scratch, one.run.replace(" ", "_"), "figures", f"{one.figure}.png")
                _small(picture, folder / f"{one.figure}.png")


def _small(drawn: Path, picture: Path) -> None:
    """A picture for a page: fewer colours and pixels than the original."""
    with Image.open(drawn) as image:
        height = round(image.height * _PIXELS_WIDE / image.width)
        page_wide = image.convert("RGB").resize((_PIXELS_WIDE, height), Image.Resampling.LANCZOS)
        # a tall picture is mostly letters, which an octree makes much smaller; soft clouds need the median cut
        how = Image.Quantize.FASTOCTREE if height > _PIXELS_WIDE else Image.Quantize.MEDIANCUT
        page_wide.quantize(_COLOURS, how, dither=Image.Dither.NONE).save(picture, optimize=True)


def main(folder: str = "docs", *runs: str) -> None:
    """Write the gallery into ``folder``: the pictures of all runs, or of these."""
    draw(Path(folder, "gallery"), runs or list(COMMANDS))
    Path(folder, "gallery.md").write_text(page(), encoding="utf-8")
    print(f"wrote {Path(folder, 'gallery.md')}")


if __name__ == "__main__":
    main(*sys.argv[1:])
