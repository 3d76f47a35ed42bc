"""`zprl bag`: a run's record as a ROS 2 bag."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from zprl.checkpoints.find_run import find_run


@dataclass(frozen=True)
class Bag:
    """Copy a run's record into a new ROS 2 bag, also while its learner runs or after it was killed.

    The bag opens in rosbag2, rosbags, Foxglove and Rerun.
    """

    run: Annotated[tyro.conf.Positional[str], "run, as a path or a name"]
    runs: Annotated[Path, "folder that holds the run folders"] = Path("runs")
    output: Annotated[Path | None, "folder of the new bag (default: bag, in the folder of the run)"] = None

    def main(self) -> None:
        from zprl.delivery.bag_export import export_bag

        folder = find_run(self.run, self.runs, "record")
        output = self.output or folder.path / "bag"
        count = export_bag(folder.record, output)
        print(f"{count} messages: {output}")
