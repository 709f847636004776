"""Hypothesis may not judge a call by its time: the first one compiles the function."""

from hypothesis import settings

settings.register_profile("compiled", deadline=None)
settings.load_profile("compiled")
