"""The parameters of the renderer node."""

from dataclasses import dataclass
from typing import Annotated

from zprl_core.config.metadata import Range, check_ranges
from zprl_sim.tasks.catalog import check_task, task_named
from zprl_sim.tasks.task import Task


@dataclass(frozen=True)
class RendererSettings:
    """The parameters of the cameras of a scene that another node simulates. Field names are parameter names."""

    task: Annotated[str, "name of the task, the same as the simulation's; zprl tasks lists them"] = "lift"
    deployed: Annotated[bool, "true: with the task's deployment mismatch; false: as in the demonstrations"] = True
    cameras: Annotated[tuple[str, ...], "names of the cameras to publish: front, wrist; none: all of the task"] = ()
    depth: Annotated[bool, "true: publish the depth of each camera too, in the pixels of its images"] = False
    width: Annotated[int, "width of an image [px]", Range(16, 640)] = 128
    height: Annotated[int, "height of an image [px]", Range(16, 480)] = 128

    def __post_init__(self) -> None:
        check_task(self.task)
        check_ranges(self)
        check_cameras(self.cameras, self.sim_task)

    @property
    def sim_task(self) -> Task:
        """The task."""
        return task_named(self.task)

    @property
    def published(self) -> tuple[str, ...]:
        """The names of the cameras to publish."""
        return self.cameras or self.sim_task.cameras


def check_cameras(names: tuple[str, ...], task: Task) -> None:
    """Raises ValueError for a camera that the task's scene does not have."""
    unknown = sorted(set(names) - set(task.cameras))
    if unknown:
        raise ValueError(
            f"unknown cameras {', '.join(unknown)}; the scene of task {task.name} has {', '.join(task.cameras)}"
        )
