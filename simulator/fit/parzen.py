"""Tree-structured Parzen estimators (Bergstra et al. 2011; optuna, Akiba et al. 2019), as all searches use them."""

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution

from simulator.scenario.free import FreeParameter


def parzen_study(at_random: int, seed: int, objectives: int = 1) -> optuna.Study:
    """A search for what is least in every objective, which begins to learn after so many trials."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(multivariate=True, n_startup_trials=at_random, seed=seed)
    return optuna.create_study(sampler=sampler, directions=["minimize"] * objectives)


def distribution(free: FreeParameter) -> BaseDistribution:
    """The values that a search may take of a parameter."""
    if free.whole:
        return IntDistribution(int(free.low), int(free.high), log=free.log)
    return FloatDistribution(free.low, free.high, log=free.log)
