"""`zprl tasks`: lists the tasks that the installed packages register."""

import sys
from dataclasses import dataclass

from zprl_cli.listing import print_table
from zprl_sim.tasks.catalog import task_named, task_names, task_sources

HEADS = ("task", "time limit", "objects", "from")


@dataclass(frozen=True)
class Tasks:
    """List the tasks: name, time limit in control steps, objects, and package.

    A package adds a task through the entry point group zprl.tasks.
    """

    def main(self) -> None:
        """Print the table; a task that cannot be loaded is reported on stderr, and the others are listed."""
        rows, broken = [], []
        for name in task_names():
            try:
                task = task_named(name)
            except ValueError as error:
                broken.append(str(error))
                continue
            source = next(source for source in task_sources() if source.name == name)
            rows.append((name, str(task.time_limit), ", ".join(task.objects), str(source)))
        print_table(HEADS, rows)
        for line in broken:
            print(f"zprl: {line}", file=sys.stderr)
