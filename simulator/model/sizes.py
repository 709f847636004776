"""Sizes of the engines' fixed tables: the most of each thing that a scenario may have."""

MAX_SEGMENTS = 16
MAX_CHANNELS = 32
MAX_TEAMS = 16
MAX_GROUP = 12

#: A price that means "any price", usd.
NO_LIMIT_USD = 1e9
