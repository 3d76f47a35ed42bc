"""`zprl bags export` and `zprl bags import`: demonstrations in the formats of robomimic and LeRobot."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from zprl_cli.datasets.dataset_format import DatasetFormat
from zprl_cli.listing import print_table


@dataclass(frozen=True)
class Export:
    """Write the usable episodes in the format of robomimic (an HDF5 file) or LeRobot (a data set of version 3)."""

    folder: Annotated[tyro.conf.Positional[Path], "folder that holds the bags, or a bag"]
    out: Annotated[Path, "file (robomimic) or folder (lerobot) to write, which must not exist"]
    to: Annotated[DatasetFormat, "format to write"]
    labels: Annotated[tuple[str, ...], "labels of the episodes to use"] = ("success",)
    task: Annotated[str, "task of the episodes to use; by default that of all"] = ""
    map: Annotated[Path | None, "mapping of topics, for bags of another recorder; zprl bags map drafts it"] = None
    sentence: Annotated[str, "with lerobot: what the robot does, as a sentence; by default the task's name"] = ""

    def main(self) -> None:
        from zprl_cli.bags.bag_folder import bags_at
        from zprl_cli.bags.demos import Choice
        from zprl_cli.datasets.bag_export import export_bags
        from zprl_cli.datasets.output import check_absent
        from zprl_cli.progress_bar import ProgressBar
        from zprl_core.bags.bag_mapping import load_mapping

        if self.sentence and self.to != DatasetFormat.LEROBOT:
            raise ValueError("--sentence is for --to lerobot; remove it")
        choice = Choice(self.labels, self.task, None if self.map is None else load_mapping(self.map))
        check_absent(self.out)
        bags = bags_at(self.folder)
        with ProgressBar() as bar, bar.phase("export", len(bags)) as phase:
            made = export_bags(bags, choice, self.out, self.to, self.sentence, phase.update)
        print(f"{self.out}: {made.episodes} demonstrations, {made.steps} steps; {len(made.left)} bags left out")
        _say("bag", [(left.bag.path.name, "; ".join(left.verdict.problems)) for left in made.left])


@dataclass(frozen=True)
class Import:
    """Make demonstrations of a robomimic HDF5 file or a LeRobot data set, for `zprl pretrain --demos FOLDER`."""

    path: Annotated[tyro.conf.Positional[Path], "HDF5 file, or folder of the LeRobot data set"]
    out: Annotated[Path, "folder for the demonstrations, which must not exist"]
    map: Annotated[Path | None, "mapping of columns, if zprl did not export it; zprl bags map drafts it"] = None
    lossless_video: Annotated[bool, "keep images as FFV1, not H.264"] = False

    def main(self) -> None:
        from zprl.training.video import Codec
        from zprl_cli.datasets.dataset_import import import_dataset
        from zprl_cli.datasets.dataset_mapping import load_dataset_mapping
        from zprl_cli.datasets.open_dataset import map_dataset
        from zprl_cli.datasets.output import check_absent
        from zprl_cli.progress_bar import ProgressBar

        mapping = None if self.map is None else load_dataset_mapping(self.map)
        codec = Codec.FFV1 if self.lossless_video else Codec.H264
        check_absent(self.out)
        found = map_dataset(self.path, mapping)
        with ProgressBar() as bar, bar.phase("import", found.reader.count) as phase:
            made = import_dataset(found, self.out, codec, phase.update)
        paused = f", {made.paused} without motion left out" if made.paused else ""
        print(f"{self.out}: {made.episodes} demonstrations, {made.steps} steps{paused}; {len(made.left)} left out")
        _say("episode", [(left.name, left.why) for left in made.left])


def _say(what: str, left: Sequence[tuple[str, str]]) -> None:
    if left:
        print_table((what, "left out because"), left)
