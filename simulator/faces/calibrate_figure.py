"""Figures of a calibration."""

from matplotlib.figure import Figure

from simulator.studies.calibrate import Calibrated


def calibrate_figures(found: Calibrated) -> dict[str, Figure]:
    """The figures by their files' names."""
    return {}
