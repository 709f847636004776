"""Sweeps: many design points, run on any backend, kept as they finish, resumed where they stopped."""
