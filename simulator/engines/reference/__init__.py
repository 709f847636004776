"""The reference engine: start with ``model``, then ``account``, ``journey``, ``lead``, ``service``, ``people``."""

from simulator.engines.reference.model import Engine

__all__ = ["Engine"]
