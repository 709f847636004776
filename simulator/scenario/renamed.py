"""What keys and studies were called before: a refusal of an old name says the present one.

Nothing of this is read as if it were the present name: who wrote the old one learns what replaced it.
"""

import re
from collections.abc import Mapping

#: Old key, or old choice as it is typed -> what replaced it. A key stands for all below it, and ``organisations.*`` for
#: any organisation.
#: ``"study.old": "study.new"`` answers ``study.old.trials``; ``"study=old": "study=new"`` the name of a study.
RENAMED: Mapping[str, str] = {
    "market.heat": "market.reach",
    "market.journey.patience_per_repeat_days": "market.requests.repeat_cost",
    "market.trust.loss_when_contradicted": "market.trust.contradiction_cost",
    "market.group.spillover": "market.group.passed_on",
    "market.group.person_share": "market.group.attend_chance",
    "market.group.other_form": "market.group.meeting_effect",
    "organisations.*.content.tailored_relevance": "market.group.support_effect",
    "organisations.*.sales.offer_days": "market.closing.offer_days",
}

_ORGANISATION = re.compile(r"^organisations\.[^.]+\.")


def replacement(old: str) -> str:
    """What replaced a key or a choice; "" if nothing did."""
    key = old = _ORGANISATION.sub("organisations.*.", old)
    while key:
        if key in RENAMED:
            return RENAMED[key] + old.removeprefix(key)
        key = key.rpartition(".")[0] if "=" not in key else ""
    return ""
