"""Finds tasks through Python entry points, so that any installed package can add one.

A package adds a task in its pyproject.toml (or setup.py), under the name that `--task` takes:

    [project.entry-points."zprl.tasks"]
    stack = "my_package.stack:STACK"        # STACK is a zprl_sim.tasks.task.Task whose name is "stack"
"""

from typing import TYPE_CHECKING

from zprl_core.catalog import Catalog

if TYPE_CHECKING:  # listing the names needs no numpy
    from zprl_sim.tasks.task import Task


def _task() -> type["Task"]:
    from zprl_sim.tasks.task import Task

    return Task


CATALOG: Catalog["Task"] = Catalog("zprl.tasks", "task", "zprl_sim", _task)
task_sources = CATALOG.sources
task_names = CATALOG.names
check_task = CATALOG.check
task_named = CATALOG.named
