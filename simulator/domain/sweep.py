"""How a sweep runs its jobs; nothing here changes a result."""

from dataclasses import dataclass

from simulator.domain.schema import parameter


@dataclass
class Sweep:
    """Where the jobs of ``--multirun`` run, and what they leave."""

    backend: str = parameter(
        "threads",
        "what runs the jobs: serial, one after the other; threads, or processes (joblib), of this machine; ray; slurm, "
        "or its stand-in on this machine (slurm_local)",
        choices=("serial", "threads", "joblib", "ray", "slurm", "slurm_local"),
    )
    workers: int = parameter(0, "jobs that run side by side; 0 means one per core", low=0, high=100_000)
    jobs_per_task: int = parameter(
        0,
        "jobs that a process or a node is given at a time; 0 means eight tasks for every worker",
        low=0,
        high=1_000_000,
    )
    folders: bool = parameter(
        False,
        "each job of study=compare leaves a folder of its own too, with journeys and figures, as other studies do",
    )
    task: int = parameter(-1, "set by the sweep itself: which of its tasks a process runs; -1: none", low=-1)
