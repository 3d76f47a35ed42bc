"""Holds what all commands of a run have: its options, its folder, and remarks on stderr."""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from zprl.checkpoints.run_folder import RunFolder
from zprl_bringup.graph.commands import Command
from zprl_bringup.graph.kept_numbers import Numbers, settled
from zprl_bringup.graph.run_options import RunOptions
from zprl_core.config.command_line import Embedded


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
