"""Fitting the model to an export: what is seen, parameter sets, which of them are likely, and how well they predict."""
