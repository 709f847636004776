"""Good leads that marketing held back, and leads that it should not have passed on: what each of them costs.

A good lead is held back if its score at the first look is below the threshold and it does not ask for a person. Most
are passed on later, as their score rises with each touch; what that costs is seen where they are passed on at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.questions.audit.inquiries import BuyerOutcomes, Inquiries
from simulator.results.estimate import Estimate, of_sums


@dataclass(frozen=True)
class ScreeningErrors:
    """Per replication, unless it says otherwise. Money is revenue, in usd, more than today.

    Attributes
    ----------
    good : leads that fit.
    held : those of them that were held back.
    held_share, never_share : of the leads that fit, those held back, and those of these never passed on at all.
    paid_today : what those held back pay today.
    with_same_people : what they pay more when everybody is passed on at once, to the same people.
    others : what all other buyers pay more then; below 0 when they are crowded out.
    whole : both together.
    with_ample_people : what they pay more when everybody is passed on at once and there are people for all.
    each_with_same_people, each_with_ample_people : the same for each one held back.
    wrong_share : of the leads passed on, those that do not fit.
    wrong_hours_share : of the hours of SDRs and reps for the cohort's inquiries, those for such leads.
    """

    good: Estimate
    held: Estimate
    held_share: Estimate
    never_share: Estimate
    paid_today: Estimate
    with_same_people: Estimate
    others: Estimate
    whole: Estimate
    with_ample_people: Estimate
    each_with_same_people: Estimate
    each_with_ample_people: Estimate
    wrong_share: Estimate
    wrong_hours_share: Estimate


def screening_errors_of(
    leads: Sequence[Inquiries],
    today: Sequence[BuyerOutcomes],
    everybody: Sequence[BuyerOutcomes],
    ample: Sequence[BuyerOutcomes],
    good_fit: float,
    threshold: float,
) -> ScreeningErrors:
    """What not being passed on, and being passed on, comes to; replications in order, the same in all."""
    good = [inquiries.fit >= good_fit for inquiries in leads]
    held = [
        which & (inquiries.scores < threshold) & ~inquiries.raised for inquiries, which in zip(leads, good, strict=True)
    ]
    never = [which & ~inquiries.passed for inquiries, which in zip(leads, held, strict=True)]
    wrong = [inquiries.passed & ~which for inquiries, which in zip(leads, good, strict=True)]
    paid = [_paid(inquiries.paid, which) for inquiries, which in zip(leads, held, strict=True)]
    more = {
        name: np.array([_paid(outcomes.of(inquiries.buyers)[1], which) - now for inquiries, which, outcomes, now
                        in zip(leads, held, worlds, paid, strict=True)])
        for name, worlds in (("same", everybody), ("ample", ample))
    }  # fmt: skip
    whole = np.array([after.paid.sum() - before.paid.sum() for after, before in zip(everybody, today, strict=True)])
    counts = np.array([np.count_nonzero(which) for which in held], float)
    ones = np.ones(len(leads))

    def mean(values: NDArray[np.float64]) -> Estimate:
        return of_sums(lambda total, n: total / n, values, ones)

    def ratio(tops: NDArray[np.float64], bottoms: NDArray[np.float64]) -> Estimate:
        return of_sums(lambda top, bottom: top / np.where(bottom > 0, bottom, np.nan), tops, bottoms)

    goods = np.array([np.count_nonzero(which) for which in good], float)
    passed = np.array([np.count_nonzero(inquiries.passed) for inquiries in leads], float)
    hours = np.array([inquiries.hours.sum() for inquiries in leads])
    return ScreeningErrors(
        good=mean(goods),
        held=mean(counts),
        held_share=ratio(counts, goods),
        never_share=ratio(np.array([np.count_nonzero(which) for which in never], float), goods),
        paid_today=mean(np.array(paid)),
        with_same_people=mean(more["same"]),
        others=mean(whole - more["same"]),
        whole=mean(whole),
        with_ample_people=mean(more["ample"]),
        each_with_same_people=ratio(more["same"], counts),
        each_with_ample_people=ratio(more["ample"], counts),
        wrong_share=ratio(np.array([np.count_nonzero(which) for which in wrong], float), passed),
        wrong_hours_share=ratio(
            np.array([inquiries.hours[which].sum() for inquiries, which in zip(leads, wrong, strict=True)]), hours
        ),
    )


def _paid(amounts: NDArray[np.float64], which: NDArray[np.bool_]) -> float:
    return float(amounts[which].sum())
