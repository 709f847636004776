"""Figures of a calibration."""

from matplotlib.figure import Figure

from simulator.studies.fitting.found import Calibrated


def calibrate_figures(found: Calibrated) -> dict[str, Figure]:
    """The figures by their files' names."""
    return {}
