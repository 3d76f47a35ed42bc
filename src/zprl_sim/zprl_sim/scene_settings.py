"""The parameters of a simulated scene with an arm node."""

from dataclasses import dataclass
from typing import Annotated

from zprl_core.config.metadata import SEEDS, Range, check_ranges
from zprl_sim.delayed_robot import PATIENCE
from zprl_sim.tasks.catalog import check_task, task_named
from zprl_sim.tasks.task import Task


@dataclass(frozen=True)
class SceneSettings:
    """The parameters of the scene. Field names are parameter names."""

    task: Annotated[str, "name of the task; zprl tasks lists them"] = "lift"
    seed: Annotated[int, "seed of the scenes drawn by resets without a seed", SEEDS] = 0
    deployed: Annotated[bool, "true: with the task's deployment mismatch; false: as in the demonstrations"] = True
    patience: Annotated[
        float, "time limit of an episode as a multiple of the task's own; an arm that lags needs more", Range(0.1, 100)
    ] = PATIENCE

    def __post_init__(self) -> None:
        check_task(self.task)
        check_ranges(self, "scene.")

    @property
    def sim_task(self) -> Task:
        """The task. Raises ValueError for a task with several arms."""
        task = task_named(self.task)
        if len(task.arms) > 1:
            arms = ", ".join(mount.arm for mount in task.arms)
            raise ValueError(f"task {self.task} has the arms {arms}, but an arm node moves only one; use the robot sim")
        return task
