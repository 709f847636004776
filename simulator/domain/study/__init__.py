"""Which question is asked of a scenario, and what each question needs: one file a question."""

from dataclasses import dataclass, field

from simulator.domain.schema import parameter
from simulator.domain.study.ablation import Ablation
from simulator.domain.study.attribution import Attribution
from simulator.domain.study.audit import Audit
from simulator.domain.study.calibration import Calibration
from simulator.domain.study.compare import Precision
from simulator.domain.study.free import Free
from simulator.domain.study.mix import Mix

__all__ = ["STUDIES", "Ablation", "Attribution", "Audit", "Calibration", "Free", "Mix", "Precision", "Study"]

#: Every question that can be asked; each has a file in conf/study/.
STUDIES = ("compare", "ablation", "attribution", "calibrate_defaults", "mix", "audit")


@dataclass
class Study:
    """The question."""

    name: str = parameter("compare", "which question is asked", choices=STUDIES)
    compare: Precision = field(default_factory=Precision)
    ablation: Ablation = field(default_factory=Ablation)
    attribution: Attribution = field(default_factory=Attribution)
    calibration: Calibration = field(default_factory=Calibration)
    mix: Mix = field(default_factory=Mix)
    audit: Audit = field(default_factory=Audit)
