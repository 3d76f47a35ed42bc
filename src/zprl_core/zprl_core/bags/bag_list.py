"""The bags in a folder, and the state of each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import yaml

from zprl_core.bags.bag_metadata import NAME
from zprl_core.bags.bag_reader import bag_file, is_described
from zprl_core.errors import RecordError
from zprl_core.host.owned_lock import owner

LIVE = ".recording"  # lock file in the folder of a bag while it is written
LARGEST_METADATA = 16 << 20  # bytes


class BagState(str, Enum):
    """The state of a bag: complete, or why it is not."""

    COMPLETE = "complete"
    RECORDING = "recording"
    CUT_OFF = "cut off"  # its writer was killed; `repair` completes it
    DAMAGED = "damaged"


@dataclass(frozen=True)
class BagSummary:
    """A bag at a glance. Of a bag that is not complete `messages` and `duration_s` are 0."""

    path: Path
    state: BagState
    custom: Mapping[str, str]  # metadata of the recorder
    messages: int = 0
    duration_s: float = 0.0
    size: int = 0  # of its files [bytes]


def bags_in(folder: Path) -> Iterator[BagSummary]:
    """Lists the bags in a folder, by name. Raises RecordError when there is no such folder."""
    if not folder.is_dir():
        raise RecordError(f"{folder} is no folder; give the folder that holds the bags")
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.name.startswith(".") and (is_described(path) or any(path.glob("*.mcap"))):
            yield summary_of(path)


def summary_of(path: Path) -> BagSummary:
    """Returns the state of one bag, reading no messages."""
    size = sum(file.stat().st_size for file in path.iterdir() if file.is_file())
    if owner(path / LIVE) is not None:
        return BagSummary(path, BagState.RECORDING, _metadata(path), size=size)
    if not is_described(path) or _torn(path):
        return BagSummary(path, BagState.CUT_OFF, {**_metadata(path), **described(path)}, size=size)
    try:
        found = _information(path / NAME)
        messages, duration_ns = int(found["message_count"]), int(found["duration"]["nanoseconds"])
        custom = {str(name): str(text) for name, text in (found.get("custom_data") or {}).items()}
    except (OSError, yaml.YAMLError, LookupError, TypeError, ValueError, AttributeError, RecursionError):
        return BagSummary(path, BagState.DAMAGED, {}, size=size)
    return BagSummary(path, BagState.COMPLETE, custom, messages, duration_ns / 1e9, size)


def described(path: Path) -> dict[str, str]:
    """Returns what metadata.yaml says of the episode, such as its label; nothing where there is none."""
    try:
        found = _information(path / NAME).get("custom_data") or {}
        return {str(name): str(text) for name, text in found.items()}
    except (OSError, yaml.YAMLError, LookupError, TypeError, ValueError, AttributeError, RecursionError):
        return {}


def _torn(path: Path) -> bool:
    """Returns True for a bag whose file lacks its end, although it is described."""
    try:
        return not bag_file(path).closed
    except RecordError:
        return False


def _information(file: Path) -> Mapping[str, Any]:
    with file.open("rb") as opened:
        text = opened.read(LARGEST_METADATA)
    found: Mapping[str, Any] = yaml.safe_load(text)["rosbag2_bagfile_information"]
    return found


def _metadata(path: Path) -> Mapping[str, str]:
    try:
        return bag_file(path).metadata()
    except RecordError:
        return {}
