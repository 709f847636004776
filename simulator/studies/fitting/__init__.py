"""Fitting the model to an export: what is seen, sets of parameters, what they leave likely, and how well they predict."""
