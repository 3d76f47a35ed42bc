"""Writes the usable episodes of bags in the format of another tool."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from zprl_cli.bags.check import Verdict
from zprl_cli.bags.demos import Checked, Choice, check_alike, checked, reasons
from zprl_cli.datasets.dataset_format import DatasetFormat
from zprl_cli.datasets.dataset_writer import DatasetWriter
from zprl_cli.datasets.lerobot.writer import LeRobotWriter
from zprl_cli.datasets.output import complete_or_absent
from zprl_cli.datasets.robomimic.writer import RobomimicWriter
from zprl_cli.datasets.saved_specs import SavedSpecs
from zprl_core.bags.bag_list import BagSummary
from zprl_core.bags.episode_info import EpisodeInfo
from zprl_core.errors import RecordError

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Exported:
    """Counts of what was written, and the bags that were left out, without their steps."""

    episodes: int
    steps: int
    left: tuple[Checked, ...]


def export_bags(
    bags: list[BagSummary], choice: Choice, out: Path, to: DatasetFormat, sentence: str = "",
    progress: Progress = lambda done: None,
) -> Exported:  # fmt: skip
    """Writes the usable episodes to `out`, which is complete or absent. `sentence`: of LeRobot's task.

    Raises RecordError when no episode can be used, when two have other specs or tasks, or when `out` exists.
    """
    with complete_or_absent(out) as building:
        return _write(bags, choice, building, to, sentence, progress)


def _write(
    bags: list[BagSummary], choice: Choice, path: Path, to: DatasetFormat, sentence: str, progress: Progress
) -> Exported:
    left: list[Checked] = []
    first: EpisodeInfo | None = None
    writer: DatasetWriter | None = None
    episodes = steps = 0
    with ExitStack() as stack:
        for done, found in enumerate(checked(bags, choice), 1):
            progress(done)
            if found.info is None or not found.verdict.usable:
                left.append(Checked(found.bag, found.verdict))
                continue
            if first is None or writer is None:
                first = found.info
                writer = stack.enter_context(_writer(first, path, to, sentence))
            check_alike(first, found.info, found.bag.path)
            try:
                writer.add(found.steps, found.info.label == "success")
                episodes, steps = episodes + 1, steps + len(found.steps)
            except ValueError as error:
                left.append(Checked(found.bag, Verdict((str(error),), 0)))
        if not episodes:
            raise RecordError(f"no episode of these bags can be used{reasons(left)}")
    return Exported(episodes, steps, tuple(left))


def _writer(info: EpisodeInfo, path: Path, to: DatasetFormat, sentence: str) -> DatasetWriter:
    saved = SavedSpecs(info.task, info.observation, info.action)
    match to:
        case DatasetFormat.ROBOMIMIC:
            return RobomimicWriter(path, saved)
        case DatasetFormat.LEROBOT:
            return LeRobotWriter(path, saved, sentence)
