"""Hypothesis may not judge a call by its time: the first one compiles the function."""

from hypothesis import settings

from tests.model.lives import luck

__all__ = ["luck"]

settings.register_profile("compiled", deadline=None)
settings.load_profile("compiled")
