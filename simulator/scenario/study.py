"""Which question is asked of a scenario, and what each question needs.

A new one that needs settings has its line in `Study`; that it is there follows from its folder.
"""

from dataclasses import dataclass, field
from pathlib import Path

from simulator.questions.ablation.settings import Ablation
from simulator.questions.attribution.settings import Attribution
from simulator.questions.audit.settings import Audit
from simulator.questions.calibrate.settings import Fit
from simulator.questions.calibrate_defaults.settings import DefaultsCalibration
from simulator.questions.compare.settings import Precision
from simulator.questions.lives.settings import Lives
from simulator.questions.mix.settings import Mix
from simulator.questions.sensitivity.settings import Sensitivity
from simulator.questions.transition.settings import Transition
from simulator.questions.twins.settings import Twins
from simulator.questions.when.settings import When
from simulator.scenario.free_parameter import Free
from simulator.scenario.schema import parameter

__all__ = [
    "STUDIES", "Ablation", "Attribution", "Audit", "DefaultsCalibration", "Fit", "Free", "Lives", "Mix", "Precision",
    "Sensitivity", "Study", "Transition", "Twins", "When",
]  # fmt: skip

_QUESTIONS = Path(__file__).resolve().parents[1] / "questions"

#: Every question that can be asked: a folder of `simulator.questions` with a ``tell``, and a file in conf/study/.
#: Limits are no study: a scenario names one.
STUDIES = tuple(sorted(
    (file.parent.name for file in _QUESTIONS.glob("*/tell.py") if file.parent.name not in ("frame", "limits")),
    key=lambda name: (name != "compare", name),
))  # fmt: skip


@dataclass
class Study:
    """The question."""

    name: str = parameter("compare", "which question is asked", choices=STUDIES)
    compare: Precision = field(default_factory=Precision)
    ablation: Ablation = field(default_factory=Ablation)
    attribution: Attribution = field(default_factory=Attribution)
    calibration: DefaultsCalibration = field(default_factory=DefaultsCalibration)
    lives: Lives = field(default_factory=Lives)
    twins: Twins = field(default_factory=Twins)
    transition: Transition = field(default_factory=Transition)
    sensitivity: Sensitivity = field(default_factory=Sensitivity)
    when: When = field(default_factory=When)
    mix: Mix = field(default_factory=Mix)
    audit: Audit = field(default_factory=Audit)
    fit: Fit = field(default_factory=Fit)
