"""The kernel's own floor: the same decisions and draws of every buyer, in a loop with no queue and no people."""

from simulator.lowering import Setup


def floor_seconds(setup: Setup) -> tuple[float, int]:
    """CPU seconds of one pass over all buyers, and its decision steps.

    Called in turns with the compiled engine on the same setup; what is compiled first has to be compiled before the
    clock starts.
    """
    raise NotImplementedError("the loop per buyer is not written yet")
