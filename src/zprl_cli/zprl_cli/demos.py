"""`zprl demos`: records demonstrations."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from zprl_bringup.graph.commands import Command
from zprl_bringup.graph.run_options import RunOptions
from zprl_cli.run_command import RunCommand
from zprl_core.bags.bag_images import BagImages
from zprl_core.config.command_line import Embedded

if TYPE_CHECKING:
    from zprl_cli.progress_bar import ProgressBar


@dataclass(frozen=True)
class Demos(RunCommand):
    """Record demonstrations with the scripted expert, which is imperfect like a human demonstrator.

    With --ros the expert plays over the topics of a policy, and each episode becomes a bag for zprl pretrain --bags.
    """

    options: Annotated[RunOptions, Embedded(Command.DEMOS)] = field(default_factory=RunOptions)
    ros: Annotated[bool, "record bags through the ROS graph"] = False
    bags: Annotated[Path, "with --ros: folder that receives the bags"] = Path("bags")
    bag_images: Annotated[BagImages, "with --ros: images in the bags, as of zprl up"] = BagImages.RAW
    robot: Annotated[str, "with --ros: kind of simulated robot, as of zprl up"] = "sim"

    def main(self) -> None:
        from zprl_cli.progress_bar import ProgressBar

        with ProgressBar() as bar:
            if self.ros:
                from zprl_cli.bags.record import record_bags

                folder = self.runs / (self.name or f"{self.options.title}-demos")
                kept = record_bags(self.options, self.robot, self.bags, folder, bar, self.bag_images)
                print(f"{kept} demonstrations: {self.bags}; zprl pretrain --bags {self.bags} makes a base")
                return
            self._record(bar)

    def _record(self, bar: "ProgressBar") -> None:
        from zprl_cli.job import Job
        from zprl_cli.start_check import check_start

        if (self.bags, self.bag_images, self.robot) != (Demos.bags, Demos.bag_images, Demos.robot):
            raise ValueError("--bags, --bag-images and --robot are for --ros; add it, or remove them")
        folder = self.folder()
        check_start(self.options, folder, finetunes=False)
        with folder.locked():
            job = Job(self.settled(self.options, folder), folder, bar)
            job.open()
            demos = job.recorded()
        print(f"{len(demos.episode_ends)} demonstrations, {len(demos.actions)} steps: {job.folder.demos}")
