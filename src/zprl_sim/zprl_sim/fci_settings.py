"""What the simulated FCI is told by its parameters."""

from dataclasses import dataclass

from zprl_sim.tasks import task_named


@dataclass(frozen=True)
class FciSettings:
    """Field names are parameter names."""

    task: str = "lift"
    seed: int = 0
    hostname: str = "127.0.0.1"
    lockstep: bool = True  # simulated time waits for the driver, which a loaded machine needs
    deployed: bool = True
    patience: float = 3.0  # time limit, in units of the task's own: an arm on springs follows slower than the ideal one

    def __post_init__(self) -> None:
        task_named(self.task)
        if self.seed < 0 or self.patience <= 0:
            raise ValueError(f"seed must not be negative and patience must be positive, got {self}")
