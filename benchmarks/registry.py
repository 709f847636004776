"""Every figure with its goal, in the order of the table."""

from benchmarks.figure import Figure
from benchmarks.figures import crm, floor, growth, memory, peers, recording, reference, starting, sweeps, threads

FIGURES: tuple[Figure, ...] = (
    Figure(
        "reference", "events a second, compiled against the reference engine (Mesa agents on SimPy), 100,000 buyers",
        "300 times or more", 300, True, "times", reference.measure,
        reason=(
            "the kernel takes less time than when this was met (342 times, 177 ns); the reference engine, which "
            "runs once, was slower then (60,389 ns)."
        ),
    ),
    Figure(
        "mesa", "the core journey, compiled against plain Mesa with a daily step, 100,000 buyers",
        "100 times or more", 100, True, "times", peers.mesa,
        reason=(
            "the loop per buyer without queue and people (figure floor) would win by less than twice as much: "
            "what is left is six keyed draws, a logarithm and eight topics a step."
        ),
    ),
    Figure(
        "simpy", "the core journey, compiled against plain SimPy with a process per buyer, 100,000 buyers",
        "300 times or more", 300, True, "times", peers.simpy,
        reason=(
            "as for mesa; a process of SimPy costs less a step than the goal supposes."
        ),
    ),
    Figure(
        "numpy_small", "the core journey, compiled against vectorised NumPy with a daily step, 10,000 buyers",
        "12 times or more", 12, True, "times", peers.numpy_small,
        reason=(
            "out of reach of any loop per buyer: even the floor would win less than 4 times. NumPy draws in "
            "bulk and in 32 bits, keeps no journeys, knows no instants, and gives a buyer other luck in each "
            "organisation."
        ),
    ),
    Figure(
        "numpy_large", "the same at 1,000,000 buyers",
        "5 times or more", 5, True, "times", peers.numpy_large,
        reason=(
            "as for numpy_small: the floor itself is slower than NumPy in bulk."
        ),
    ),
    Figure(
        "floor", "time per event against the same decisions and draws in a loop per buyer: no queue, no people",
        "within 2 times", 2, False, "times", floor.measure,
    ),
    Figure(
        "growth", "ns per event at 1,000,000 buyers against 10,000, the whole model",
        "within 1.5 times", 1.5, False, "times", growth.whole,
        reason=(
            "waiting for memory: 107,000 buyers under way have 65 MB of records; asking ahead hides most of "
            "it, not all."
        ),
    ),
    Figure(
        "memory", "bytes per buyer at the peak of a run without touches, the core journey, 1,000,000 buyers",
        "200 or less", memory.GOAL, False, "bytes", memory.core, timed=False,
        reason=(
            "the journeys that the run leaves take 113 bytes; 149,000 buyers under way at a time have records of 480 "
            "bytes, which is 72 for each who came; the queue and lots on their way take the rest."
        ),
    ),
    Figure(
        "memory_whole", "the same on the whole model",
        "published", None, False, "bytes", memory.whole, timed=False,
    ),
    Figure(
        "threads", "two threads against one, independent replications, wall time",
        "1.9 times or more", threads.GOAL, True, "times", threads.measure,
        reason=(
            "two processes that only compute gain 1.93 here; the rest is memory, which both threads wait for."
        ),
    ),
    Figure(
        "recording", "a run that records touches, streamed to Parquet, against one that does not, wall time, two cores",
        "less than 1.5 times", 1.5, False, "times", recording.seconds,
    ),
    Figure(
        "recording_memory", "bytes that each further touch adds to the peak, 100,000 buyers to 400,000",
        "constant memory: under 1 byte", 1, False, "bytes", recording.memory, timed=False,
        reason=(
            "not growth: what waits to be written takes 20 to 80 MB at any size, and how much of it stands beside the "
            "tables, where the peak is, depends on how far behind the writer is then."
        ),
    ),
    Figure(
        "sweep", "what a sweep takes beyond the simulation itself, 1,000 buyers, 20 replications a design point",
        "under 5%", 5, False, "%", sweeps.overhead,
        reason=(
            "a run of 1,000 buyers takes a few milliseconds, and its summary a few hundred calls of NumPy, which start "
            "cold after it."
        ),
    ),
    Figure(
        "sweep_memory", "what ten times the design points add to the peak of a sweep, 200 to 2,000",
        "flat: under 10 MB", 10, False, "MB", sweeps.memory, timed=False,
    ),
    Figure(
        "crm", "study=read_crm on an export of 1,000,000 leads and 100,000 deals, from the shell to its report",
        "under 20 s", 20, False, "s", crm.seconds,
    ),
    Figure(
        "crm_memory", "the peak of that process",
        "under 2147 MB (2 GiB)", 2147, False, "MB", crm.memory, timed=False,
    ),
    Figure(
        "help", "python -m simulator --help, from the shell",
        "under 0.7 s", 0.7, False, "s", starting.help_text,
    ),
    Figure(
        "first_event", "from python -m simulator to the first simulated event, warm cache",
        "under 1.5 s", 1.5, False, "s", starting.first_event,
    ),
    Figure(
        "cold_compile", "the same when nothing was ever compiled, once, with a line that says so",
        "under 20 s", 20, False, "s", starting.cold,
        reason=(
            "about 190 functions of the whole model; each takes a tenth of a second."
        ),
    ),
)  # fmt: skip

BY_NAME = {figure.name: figure for figure in FIGURES}
