"""The reference engine: start with ``model``, then ``account`` and ``people``."""

from simulator.engines.reference.model import Engine

__all__ = ["Engine"]
