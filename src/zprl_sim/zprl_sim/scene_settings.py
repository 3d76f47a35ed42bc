"""What a simulated scene is told by its node's parameters, when an arm node moves the arm."""

from dataclasses import dataclass

from zprl_sim.delayed_robot import PATIENCE
from zprl_sim.tasks.catalog import task_named
from zprl_sim.tasks.task import Task


@dataclass(frozen=True)
class SceneSettings:
    """Field names are parameter names."""

    task: str = "lift"
    seed: int = 0
    deployed: bool = True
    patience: float = PATIENCE  # time limit, in units of the task's own: a real arm follows later than the ideal one

    def __post_init__(self) -> None:
        task_named(self.task)
        if self.seed < 0 or self.patience <= 0:
            raise ValueError(f"seed must not be negative and patience must be positive, got {self}")

    @property
    def sim_task(self) -> Task:
        return task_named(self.task)
