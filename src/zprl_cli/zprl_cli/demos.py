"""`zprl demos`: records demonstrations."""

from dataclasses import dataclass, field
from typing import Annotated

from zprl_bringup.graph.commands import Command
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.run_command import RunCommand
from zprl_core.config.command_line import Embedded


@dataclass(frozen=True)
class Demos(RunCommand):
    """Record demonstrations with the scripted expert, which is imperfect like a human demonstrator."""

    options: Annotated[RunOptions, Embedded(Command.DEMOS)] = field(default_factory=RunOptions)

    def main(self) -> None:
        from zprl_cli.job import Job
        from zprl_cli.progress_bar import ProgressBar
        from zprl_cli.start_check import check_start

        folder = self.folder()
        check_start(self.options, folder, finetunes=False)
        with folder.locked(), ProgressBar() as bar:
            job = Job(self.settled(self.options, folder), folder, bar)
            job.open()
            demos = job.recorded()
        print(f"{len(demos.episode_ends)} demonstrations, {len(demos.actions)} steps: {job.folder.demos}")
