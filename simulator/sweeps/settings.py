"""How a sweep runs its jobs; nothing here changes a result."""

from dataclasses import dataclass

from simulator.scenario.schema import parameter

#: Backend -> the launcher of Hydra that runs its tasks, the extra that brings it, and the plugin by which it is found.
LAUNCHERS = {
    "joblib": ("joblib", "", "hydra_joblib_launcher"),
    "ray": ("ray", "ray", "hydra_ray_launcher"),
    "slurm": ("submitit_slurm", "slurm", "hydra_submitit_launcher"),
    "slurm_local": ("submitit_local", "slurm", "hydra_submitit_launcher"),
}


@dataclass
class Sweep:
    """Where the jobs of ``--multirun`` run, and what they leave."""

    backend: str = parameter(
        "threads",
        "what runs the jobs: serial, one after the other; threads, or processes (joblib), of this machine; ray; slurm, "
        "or its stand-in on this machine (slurm_local)",
        choices=("serial", "threads", *LAUNCHERS),
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
