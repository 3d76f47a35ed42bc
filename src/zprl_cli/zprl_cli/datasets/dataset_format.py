"""The formats of demonstrations of other tools, and which of them a path has."""

from enum import Enum
from pathlib import Path

from zprl_core.errors import RecordError

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
INFO = Path("meta", "info.json")  # in a LeRobot data set


class DatasetFormat(str, Enum):
    """A format of demonstrations."""

    ROBOMIMIC = "robomimic"  # one HDF5 file
    LEROBOT = "lerobot"  # a folder: LeRobotDataset v3


def is_dataset(path: Path) -> bool:
    """Returns whether the path is a file, or the folder of a LeRobot data set, and so no bag."""
    return path.is_file() or (path / INFO).is_file()


def format_of(path: Path) -> DatasetFormat:
    """Returns the format of the demonstrations at `path`. Raises RecordError when it is neither."""
    if path.is_dir():
        if (path / INFO).is_file():
            return DatasetFormat.LEROBOT
        raise RecordError(f"{path} is no LeRobot data set, as it has no {INFO}; give the folder that contains meta/")
    if not path.exists():
        raise RecordError(f"there is no {path}; give an HDF5 file of robomimic or the folder of a LeRobot data set")
    with path.open("rb") as file:
        if file.read(len(HDF5_MAGIC)) == HDF5_MAGIC:
            return DatasetFormat.ROBOMIMIC
    raise RecordError(f"{path} is no HDF5 file; give an HDF5 file of robomimic or the folder of a LeRobot data set")
