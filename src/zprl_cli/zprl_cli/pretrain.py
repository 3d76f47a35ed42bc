"""`zprl pretrain`: trains a base policy."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from zprl.checkpoints.find_run import find_run
from zprl.checkpoints.run_folder import RunFolder
from zprl.training.workers import Workers
from zprl_bringup.graph.commands import Command
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.run_command import Devices, RunCommand, checked_workers
from zprl_core.config.command_line import Embedded
from zprl_core.config.metadata import Range, check_ranges

if TYPE_CHECKING:
    from zprl_cli.progress_bar import ProgressBar


@dataclass(frozen=True)
class Pretrain(RunCommand):
    """Pretrain the flow-matching base and its bottleneck, after recording demonstrations if there are none.

    With --demos FOLDER or --bags FOLDER the task needs no scene: the demonstrations are those in that folder.
    """

    options: Annotated[RunOptions, Embedded(Command.PRETRAIN)] = field(default_factory=RunOptions)
    demos: Annotated[
        int | Path | None,
        "demonstrations to record, by default those of the task's recipe; or a folder of demonstrations to use",
    ] = None
    bags: Annotated[
        Path | None, "folder of bags, whose usable episodes are the demonstrations; zprl bags check shows them"
    ] = None
    labels: Annotated[tuple[str, ...], "with --bags: labels of the episodes to use"] = ("success",)
    map: Annotated[Path | None, "with --bags: mapping of topics, for bags of another recorder"] = None
    from_run: Annotated[
        str | None,
        tyro.conf.arg(name="from"),
        "with --bags: run, as a path or a name, whose demonstrations are used besides those of the bags",
    ] = None
    corrections: Annotated[
        bool, "with --bags: only the episodes in which a human moved the arm, each from there to its end"
    ] = False
    held_out: Annotated[
        float | None,
        "with --demos FOLDER or --bags: share of the episodes that the base is not trained on, to show the error of "
        "its actions; by default 0.1 where no scene can tell its success, otherwise 0",
        Range(0, 0.9),
    ] = None
    station: Annotated[
        Path | None, "with --demos FOLDER or --bags: station whose chunk sizes and control rate the base has"
    ] = None
    devices: Devices = None
    nodes: Annotated[
        int,
        "with --demos FOLDER: machines that pretrain together, each by the same command with MASTER_ADDR, MASTER_PORT "
        "and NODE_RANK set; the run is on the first one",
        Range(1, 1000),
    ] = 1

    def __post_init__(self) -> None:
        check_ranges(self)

    def main(self) -> None:
        from zprl_cli.progress_bar import ProgressBar
        from zprl_cli.recorded_base import pretrain_recorded, recorded_base

        if self.bags is not None and self.demos is not None:
            raise ValueError("--bags and --demos exclude each other; remove one of them")
        for_bags = self.labels, self.map, self.from_run, self.corrections
        if self.bags is None and for_bags != (Pretrain.labels, None, None, False):
            raise ValueError("--labels, --map, --from and --corrections are for --bags; give it, or remove them")
        if self.map is not None and self.labels != Pretrain.labels:
            raise ValueError("--labels is for bags of zprl; with --map the mapping has the label: remove --labels")
        workers = checked_workers(self.devices, self.nodes, together=self.bags is None and isinstance(self.demos, Path))
        with ProgressBar() as bar:
            if self.bags is not None:
                folder = self._from_bags(self.bags, bar, workers)
            elif isinstance(self.demos, Path):
                recorded = recorded_base(self.demos, self.station, self.options, self.held_out, workers)
                if not workers.leads:
                    recorded.compute_along()
                    return
                folder = pretrain_recorded(recorded, self.runs, self.name, bar)
            else:
                folder = self._from_expert(self.demos, bar, workers)
        print(f"base policy: {folder.base}")

    def _from_bags(self, bags: Path, bar: "ProgressBar", workers: Workers) -> RunFolder:
        from zprl_cli.bags.base import pretrain_bags  # needs ROS
        from zprl_cli.bags.demos import Choice
        from zprl_core.bags.bag_mapping import load_mapping

        usual = RunOptions.task
        mapping = None if self.map is None else load_mapping(self.map)
        task = "" if self.options.task == usual else self.options.task
        choice = Choice(self.labels, task, mapping, self.corrections)
        source = None if self.from_run is None else find_run(self.from_run, self.runs)
        options = replace(self.options, task=usual)
        return pretrain_bags(
            bags, choice, self.station, options, self.runs, self.name, bar, self.held_out, source, workers
        )

    def _from_expert(self, demos: int | None, bar: "ProgressBar", workers: Workers) -> RunFolder:
        from zprl_cli.job import Job
        from zprl_cli.start_check import check_start

        folder = self.folder()
        if self.station is not None or self.held_out is not None:
            raise ValueError("--station and --held-out are for --demos FOLDER and --bags; remove them")
        options = replace(self.options, demos=demos)
        check_start(options, folder, finetunes=False)
        with folder.locked():
            job = Job(self.settled(options, folder), folder, bar, workers=workers)
            job.open()
            job.prepared()
        return folder
