"""`zprl pretrain`: trains a base policy."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from zprl_bringup.graph.commands import Command
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.run_command import RunCommand
from zprl_core.config.command_line import Embedded


@dataclass(frozen=True)
class Pretrain(RunCommand):
    """Pretrain the flow-matching base and its bottleneck, after recording demonstrations if there are none.

    With --demos FOLDER the task needs no scene: the base is made from the demonstrations in that folder.
    """

    options: Annotated[RunOptions, Embedded(Command.PRETRAIN)] = field(default_factory=RunOptions)
    demos: Annotated[
        int | Path | None,
        "demonstrations to record, by default those of the task's recipe; or a folder of demonstrations to use",
    ] = None
    station: Annotated[Path | None, "with --demos FOLDER: station whose chunk sizes and control rate the base has"] = (
        None
    )

    def main(self) -> None:
        from zprl_cli.job import Job
        from zprl_cli.progress_bar import ProgressBar
        from zprl_cli.recorded_base import pretrain_recorded
        from zprl_cli.start_check import check_start

        with ProgressBar() as bar:
            if isinstance(self.demos, Path):
                folder = pretrain_recorded(self.demos, self.station, self.options, self.runs, self.name, bar)
            else:
                folder = self.folder()
                if self.station is not None:
                    raise ValueError("--station is for --demos FOLDER; remove it")
                options = replace(self.options, demos=self.demos)
                check_start(options, folder, finetunes=False)
                with folder.locked():
                    job = Job(self.settled(options, folder), folder, bar)
                    job.open()
                    job.prepared()
        print(f"base policy: {folder.base}")
