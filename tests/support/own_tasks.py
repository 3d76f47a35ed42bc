"""The tasks of this repository, without those that other installed packages add."""

from zprl_sim.tasks.catalog import task_sources
from zprl_sim.tasks.task import Task


def own_tasks() -> tuple[Task, ...]:
    """Each task that zprl_sim registers, loaded."""
    return tuple(source.load() for source in task_sources() if source.reference.startswith("zprl_sim."))
