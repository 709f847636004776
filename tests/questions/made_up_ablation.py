"""What an ablation found, made up: every contribution is as it is asked for."""

import numpy as np

from simulator.questions.ablation.work import ALL_OFF, ALL_ON, ALONE, LEFT_OUT, MECHANISMS, Ablation, Effect
from simulator.results.estimate import Estimate
from simulator.results.metrics import BY_KEY
from tests.results.fake_journeys import fake_scenario

#: Sizes of metrics, so that contributions of 1 are large for what they are of.
SIZES = {"share": 0.01, "days": 10.0, "hours": 10.0, "usd": 2000.0, "count": 5.0}


def sure(value, spread=0.05):
    """An estimate whose interval is narrow beside 1."""
    return Estimate(value, value + spread * np.array([-0.3, -0.1, 0.1, 0.3]))


def scaled(one, size):
    return Estimate(one.value * size, one.left_out * size)


def attribution(left_out, metrics=("win_rate_inquiries", "cost_per_won"), challengers=("aligned", "integrated"),
                whole=None, remaining=None):  # fmt: skip
    """From mechanism -> contribution when it is left out; alone it is half as much, and the other way round."""
    scenario = fake_scenario("relay_race", *challengers)
    scenario.question = "Which of them?"
    scenario.study.ablation.metrics = list(metrics)
    for name in MECHANISMS:
        setattr(scenario.mechanisms, name, name in left_out)
    effects = []
    for metric in (BY_KEY[key] for key in metrics):
        size = SIZES[metric.unit]
        for name in challengers:
            gap = scaled(whole or sure(sum(one.value for one in left_out.values())), size)
            effects += [Effect(ALL_ON, "", name, metric, gap), Effect(ALL_OFF, "", name, metric, sure(0.0, 0.0))]
            for mechanism, one in left_out.items():
                alone = scaled(Estimate(-one.value / 2, -one.left_out / 2), size)
                effects.append(Effect(ALONE, mechanism, name, metric, alone, alone))
                effects.append(Effect(LEFT_OUT, mechanism, name, metric, gap - scaled(one, size), scaled(one, size)))
    return Ablation(scenario, ("relay_race", *challengers), tuple(left_out), tuple(effects), remaining or {}, 24)
