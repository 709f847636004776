"""Which question is asked of a scenario, and what each question needs: one file a question."""

from dataclasses import dataclass, field

from simulator.domain.schema import parameter
from simulator.domain.study.ablation import Ablation
from simulator.domain.study.attribution import Attribution
from simulator.domain.study.audit import Audit
from simulator.domain.study.calibration import Calibration
from simulator.domain.study.compare import Precision
from simulator.domain.study.fit import Fit
from simulator.domain.study.free import Free
from simulator.domain.study.mix import Mix
from simulator.domain.study.sensitivity import Sensitivity
from simulator.domain.study.transition import Transition
from simulator.domain.study.twins import Twins
from simulator.domain.study.when import When

__all__ = [
    "STUDIES", "Ablation", "Attribution", "Audit", "Calibration", "Fit", "Free", "Mix", "Precision", "Sensitivity",
    "Study", "Transition", "Twins", "When",
]  # fmt: skip

#: Every question that can be asked; each has a file in conf/study/.
STUDIES = (
    "compare", "twins", "attribution", "sensitivity", "when", "mix", "audit", "transition", "ablation",
    "calibrate_defaults", "read_crm", "calibrate",
)  # fmt: skip


@dataclass
class Study:
    """The question."""

    name: str = parameter("compare", "which question is asked", choices=STUDIES)
    compare: Precision = field(default_factory=Precision)
    ablation: Ablation = field(default_factory=Ablation)
    attribution: Attribution = field(default_factory=Attribution)
    calibration: Calibration = field(default_factory=Calibration)
    twins: Twins = field(default_factory=Twins)
    transition: Transition = field(default_factory=Transition)
    sensitivity: Sensitivity = field(default_factory=Sensitivity)
    when: When = field(default_factory=When)
    mix: Mix = field(default_factory=Mix)
    audit: Audit = field(default_factory=Audit)
    fit: Fit = field(default_factory=Fit)
