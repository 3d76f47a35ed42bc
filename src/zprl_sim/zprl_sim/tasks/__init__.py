"""The tasks, and how to find one by its name."""

from zprl_sim.tasks.lift import LIFT_CUBE
from zprl_sim.tasks.peg_insert import PEG_INSERT
from zprl_sim.tasks.pick_to_tray import PICK_TO_TRAY
from zprl_sim.tasks.task import Task

TASKS = (LIFT_CUBE, PICK_TO_TRAY, PEG_INSERT)


def task_named(name: str) -> Task:
    """The task of that name. Raises ValueError that lists the known ones."""
    for task in TASKS:
        if task.name == name:
            return task
    raise ValueError(f"unknown task {name!r}; known tasks are {', '.join(task.name for task in TASKS)}")


__all__ = ["TASKS", "Task", "task_named"]
