"""Finds tasks through Python entry points, so that any installed package can add one.

A package adds a task in its pyproject.toml (or setup.py), under the name that `--task` takes:

    [project.entry-points."zprl.tasks"]
    stack = "my_package.stack:STACK"        # STACK is a zprl_sim.tasks.task.Task whose name is "stack"

Listing names loads none of the tasks' modules; taking a task loads its own module only.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from zprl_core.errors import quoted

if TYPE_CHECKING:  # listing the names needs no numpy
    from zprl_sim.tasks.task import Task

GROUP = "zprl.tasks"


@dataclass(frozen=True)
class TaskSource:
    """Where a task comes from: `package` is the installed distribution, `reference` is module:attribute."""

    name: str
    package: str
    reference: str

    def __str__(self) -> str:
        return f"{self.package} ({self.reference})"

    def load(self) -> "Task":
        """Import the task. Raises ValueError that names task, package and cause when the package is broken."""
        from zprl_sim.tasks.task import Task

        try:
            task = EntryPoint(self.name, self.reference, GROUP).load()
        except Exception as error:  # whatever the code of another package raises
            raise ValueError(
                f"task {self.name!r} of {self} cannot be loaded ({type(error).__name__}: {quoted(error)}); mend or "
                f"uninstall {self.package}"
            ) from error
        if not isinstance(task, Task):
            raise ValueError(f"task {self.name!r} of {self} is a {type(task).__name__}; it must be a zprl_sim Task")
        if task.name != self.name:
            raise ValueError(f"task {self.name!r} of {self} calls itself {task.name!r}; give both the same name")
        return task


def task_sources() -> tuple[TaskSource, ...]:
    """Every task that an installed package registers, zprl's own first, then by package."""
    return _task_sources(tuple(sys.path))


def task_names() -> tuple[str, ...]:
    """The names that `--task` takes. Loads no task."""
    return tuple(dict.fromkeys(source.name for source in task_sources()))


def check_task(name: str) -> None:
    """Raises ValueError that lists the known names when there is no task of that name. Loads no task."""
    _sources_of(name)


def task_named(name: str) -> "Task":
    """The task of that name. Raises ValueError: it is unknown, broken, or registered by two packages."""
    sources = _sources_of(name)
    if len(sources) > 1:
        raise ValueError(
            f"task {name!r} is registered by {' and by '.join(map(str, sources))}; rename one of them, or uninstall it"
        )
    return sources[0].load()


def _sources_of(name: str) -> Sequence[TaskSource]:
    sources = [source for source in task_sources() if source.name == name]
    if not sources:
        known = ", ".join(task_names()) or "none: the metadata of zprl_sim is missing or old, run make build"
        raise ValueError(f"unknown task {name!r}; known tasks are {known}")
    return sources


@lru_cache(maxsize=8)
def _task_sources(path: tuple[str, ...]) -> tuple[TaskSource, ...]:
    """What is registered on this sys.path: reading the metadata of every installed package takes a while."""
    found = [
        TaskSource(entry.name, entry.dist.name if entry.dist else "an unknown package", entry.value)
        for entry in entry_points(group=GROUP)
    ]
    return tuple(sorted(found, key=lambda source: (source.package.replace("-", "_") != "zprl_sim", source.package)))
