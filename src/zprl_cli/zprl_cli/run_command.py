"""Holds what all commands of a run have: its options, its folder, and remarks on stderr."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from zprl.checkpoints.run_folder import RunFolder
from zprl.training.workers import Workers, workers_from
from zprl_bringup.graph.commands import Command
from zprl_bringup.graph.kept_numbers import Numbers, settled
from zprl_bringup.graph.run_options import RunOptions
from zprl_core.config.command_line import Embedded
from zprl_core.config.metadata import Range

Devices = Annotated[
    int | None,
    "GPUs, or without a GPU processes on the CPU, that share each batch of pretraining; by default all GPUs for a base "
    "that observes images, else one process on the CPU. Their number does not change the base, apart from rounding",
    Range(1, 1024),
]


@dataclass(frozen=True)
class RunCommand:
    """Options that all commands of a run share."""

    options: Annotated[RunOptions, Embedded(Command.JOB)] = field(default_factory=RunOptions)
    name: Annotated[str | None, "name of the run's folder (default: TASK-seedSEED, or Id-seedSEED)"] = None
    runs: Annotated[Path, "folder that holds the run folders"] = Path("runs")
    numbers: Annotated[
        Numbers,
        "numbers of a run of another release, which derived others from the same settings. then: as it was; now: as "
        "it is now",
    ] = Numbers.THEN

    def settled(self, options: RunOptions, folder: RunFolder) -> RunOptions:
        """Return the options with which the run in that folder continues, and print what differs."""
        return settled(options, folder, self.numbers, note)

    def folder(self) -> RunFolder:
        return RunFolder(self.runs / (self.name or f"{self.options.title}-seed{self.options.seed}"))


def note(text: str) -> None:
    """Print a remark on stderr."""
    print(f"zprl: {text}", file=sys.stderr)


def checked_workers(devices: int | None, nodes: int = 1, together: bool = False) -> Workers:
    """Return the processes that pretrain. Raises ValueError for more than this machine can run.

    `together`: the command can be one of several that pretrain together.
    """
    workers = workers_from(devices, nodes, os.environ)
    if not (workers.alone or together):
        raise ValueError(
            "several machines, and torchrun, need demonstrations that exist: record them first (zprl demos; zprl "
            "pretrain --bags keeps those of bags), and give each machine zprl pretrain --demos FOLDER"
        )
    from zprl.training.accelerator import check_devices

    check_devices(workers)
    return workers
