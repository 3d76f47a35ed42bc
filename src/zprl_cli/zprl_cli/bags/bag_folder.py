"""The bags that a path of a command means."""

from pathlib import Path

from zprl_core.bags.bag_list import BagSummary, bags_in, summary_of
from zprl_core.errors import RecordError


def bags_at(folder: Path) -> list[BagSummary]:
    """Returns the bags in a folder, or the folder itself if it is a bag. Raises RecordError when there is none."""
    if any(folder.glob("*.mcap")):
        return [summary_of(folder)]
    found = list(bags_in(folder))
    if not found:
        raise RecordError(f"{folder} has no bag; zprl teleop --bags {folder} records demonstrations")
    return found
