"""What is run: every study, scenario and limit, as a user would type it, at sizes that take a second."""

from dataclasses import dataclass

#: Long enough that some buyers win, short enough that nobody waits.
_SMALL = (
    "run.seed=7 run.threads=1 run.replications=3 run.warm_up_days=30 run.cohort_days=45 run.follow_up_days=150 "
    "market.inquiries_per_year=1800"
)
#: Smaller still.
_TINY = (
    "run.seed=7 run.threads=1 run.replications=2 run.warm_up_days=20 run.cohort_days=30 run.follow_up_days=90 "
    "market.inquiries_per_year=1200"
)
#: For studies that run many arms: buyers who have made up half of their minds, so that some win soon.
_QUICK = (
    "run.seed=7 run.threads=1 run.replications=2 run.warm_up_days=5 run.cohort_days=30 run.follow_up_days=50 "
    "market.inquiries_per_year=900 market.journey.step_days=1 market.journey.prior_knowledge=0.5"
)
_TWO = "compare.organisations=[relay_race,integrated]"
_LIMIT = "run.seed=7 run.threads=1"
#: Files that `running.export` lays into the working folder.
_EXPORT = "crm=simulator crm.leads=leads.csv crm.deals=deals.csv run.threads=1"
_HELD = (
    "ready_knowledge prior_knowledge content_gain person_gain distraction wants_person rivals_gain choice_sharpness "
    "half_life accept_threshold qualify_threshold receptive_bonus follow_up offer pickup recycling"
)

#: Takes out assumptions that a small design has no room for.
_WITHOUT = " ".join(
    f"~study.sensitivity.free.{name}"
    for name in (
        "complexity", "deal_value", "wish_for_a_person", "cost_of_contradiction", "half_life_of_heat", "marketer_skill",
        "meetings_per_teammate_in_challenger", "contradictions_of_baseline",
    )
)  # fmt: skip

#: Three parameters move, all others are held.
_CALIBRATE = (
    f"study=calibrate scenario=replay {_EXPORT} study.fit.points=96 study.fit.narrowed=64 study.fit.trials=4 "
    "study.fit.replications=2 study.fit.draws=10 study.fit.channel_leads=2000 "
    f"study.fit.hold=[{','.join(_HELD.split())}]"
)


@dataclass(frozen=True)
class Case:
    """A run whose results are kept.

    Attributes
    ----------
    typed : what stands behind ``python -m simulator``; nothing for `in_python`.
    digits : significant digits that are kept of a table's numbers: fewer where they come out of linear algebra or a
        search, which need not give the same last digits on every processor.
    exports : whether an export lies in the working folder.
    lives : whether the events of some buyers are told one by one.
    report : whether the words of report.html are kept; elsewhere they say the same in the same way.
    whole : whether all settings are kept; of other cases only what differs from those of the one that has them.
    long : whether it is too slow for every day.
    """

    typed: str
    digits: int = 12
    exports: bool = False
    lives: bool = False
    report: bool = False
    whole: bool = False
    long: bool = False


#: The case that keeps all settings.
WHOLE = "compare"

CASES = {
    # studies
    WHOLE: Case(_SMALL, report=True, whole=True),
    "ablation": Case(
        f"study=ablation {_QUICK} {_TWO} run.seed=8 study.ablation.metrics=[win_rate_inquiries,net] "
        "study.ablation.mechanisms=[access,context,consistency]"
    ),
    "attribution": Case(
        f"study=attribution {_QUICK} {_TWO} study.attribution.metrics=[win_rate_inquiries,net] "
        "study.attribution.mechanisms=[access,context,consistency]"
    ),
    "attribution_sampled": Case(
        f"study=attribution {_QUICK} {_TWO} study.attribution.metrics=[win_rate_inquiries] "
        "study.attribution.mechanisms=[access,context,consistency] study.attribution.method=sampled "
        "study.attribution.orders=4",
        long=True,
    ),
    "audit": Case(f"study=audit {_QUICK} study.audit.thresholds=[0.55,0.85] study.audit.ample=2"),
    "calibrate": Case(f"{_CALIBRATE} study.fit.rounds=0 study.fit.weeks=0", digits=9, exports=True),
    "calibrate_checked": Case(f"{_CALIBRATE} study.fit.rounds=1 study.fit.weeks=3", digits=9, exports=True, long=True),
    "calibrate_defaults": Case(
        f"study=calibrate_defaults {_QUICK} study.calibration.trials=6 study.calibration.replications=2 "
        "study.calibration.finalists=2 study.calibration.finalist_replications=2 study.calibration.profile_points=1",
        digits=9,
    ),
    "evidence": Case(f"study=calibrate_defaults {_TINY} study.calibration.trials=0", long=True),
    "lives_study": Case(f"study=lives {_TINY} study.lives.buyers=6", report=True),
    "mix": Case(
        f"study=mix {_QUICK} study.mix.trials=8 study.mix.replications=2 study.mix.finalists=3 "
        "study.mix.check_replications=3",
        digits=9,
    ),
    "read_crm": Case(f"study=read_crm {_EXPORT}", exports=True, report=True),
    "sensitivity": Case(
        f"study=sensitivity {_QUICK} {_TWO} study.sensitivity.method=both study.sensitivity.trajectories=2 "
        "study.sensitivity.sobol_points=4 study.sensitivity.replications=2 study.sensitivity.resamples=100 "
        f"study.sensitivity.metrics=[win_rate_inquiries] {_WITHOUT}",
        digits=9,
    ),
    "transition_study": Case(f"study=transition scenario=baseline {_SMALL} {_TWO}"),
    "twins": Case(f"study=twins {_QUICK} {_TWO} study.twins.detail_replications=2", report=True),
    "when": Case(
        f"study=when {_QUICK} {_TWO} study.when.points=2 study.when.replications=2 study.when.hypercube=20 "
        "study.when.held_out=10 study.when.rule_replications=2",
        digits=9,
    ),
    # scenarios
    "core_journey": Case("scenario=core_journey run.seed=7 run.threads=1 run.replications=2 run.warm_up_days=20 "
                         "run.cohort_days=30 run.follow_up_days=60", long=True),
    "enterprise": Case(f"scenario=enterprise {_TINY} run.follow_up_days=240", long=True),
    "high_coordination": Case(f"scenario=high_coordination {_TINY}", long=True),
    "overload": Case(f"scenario=overload {_TINY}", long=True),
    "replay": Case("scenario=replay run.seed=7 run.threads=1 run.replications=2 run.cohort_days=60 "
                   f"{_TWO}"),
    "transactional": Case(f"scenario=transactional {_TINY}", long=True),
    "transition": Case(f"scenario=transition {_TINY} compare.organisations=[relay_race,changing] "
                       "run.cohort_days=240 market.inquiries_per_year=600"),
    "workshop": Case(f"scenario=workshop {_TINY}", long=True),
    # limits
    "limit_absorbing_chain": Case(f"scenario=limits/absorbing_chain {_LIMIT} run.replications=4 "
                                  "market.inquiries_per_year=2000"),
    "limit_bass": Case(f"scenario=limits/bass {_LIMIT} run.replications=3 market.word_of_mouth.customers_needed=2000"),
    "limit_conservation": Case(f"scenario=limits/conservation {_LIMIT} run.cohort_days=60 run.follow_up_days=60",
                               long=True),
    "limit_erlang_a": Case(f"scenario=limits/erlang_a {_LIMIT} run.replications=3 run.cohort_days=28", long=True),
    "limit_erlang_c": Case(f"scenario=limits/erlang_c {_LIMIT} run.replications=3 run.cohort_days=180"),
    "limit_group": Case(f"scenario=limits/group {_LIMIT} run.replications=3 run.cohort_days=4"),
    "limit_little": Case(f"scenario=limits/little {_LIMIT} run.cohort_days=20 run.follow_up_days=20 "
                         "market.inquiries_per_year=1000", long=True),
    "limit_null": Case(f"scenario=limits/null {_LIMIT} run.cohort_days=60 run.follow_up_days=60", long=True),
    "limit_quarter_end": Case(f"scenario=limits/quarter_end {_LIMIT} run.replications=3 run.cohort_days=364 "
                              "market.inquiries_per_year=1000", long=True),
    "limit_worlds": Case(f"scenario=limits/worlds {_LIMIT} run.cohort_days=30 run.follow_up_days=60 "
                         "market.inquiries_per_year=1000"),
    # other doors
    "sweep": Case(f"--multirun {_QUICK} {_TWO} organisations.relay_race.handoff.sla_hours=4,40 "
                  "market.reach.half_life_days=2,5 sweep.backend=serial"),
    "crm_export": Case(f"scenario=transactional {_TINY} {_TWO} run.export=crm"),
    "lives": Case(f"{_TINY} run.replications=1 run.record=touches", lives=True),
    "python": Case(""),
}  # fmt: skip
