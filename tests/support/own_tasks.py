"""The tasks of this repository, without those that other installed packages add."""

from zprl_sim.tasks.catalog import CATALOG
from zprl_sim.tasks.task import Task


def own_tasks() -> tuple[Task, ...]:
    """Each task that zprl_sim registers, loaded."""
    return tuple(CATALOG.load(source) for source in CATALOG.sources() if source.reference.startswith("zprl_sim."))
