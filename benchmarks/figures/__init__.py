"""The figures, a module for each kind; every one has functions from sizes and a number of runs to ``Measured``."""
