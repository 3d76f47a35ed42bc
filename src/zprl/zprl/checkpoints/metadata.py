"""Reads a checkpoint's metadata, checkpoint.json, without loading torch."""

import json
from pathlib import Path
from typing import Any

from zprl.models.config import BaseConfig
from zprl_core.errors import CheckpointError, quoted
from zprl_core.streams import camera_model
from zprl_core.streams.camera_model import CameraModel

FORMAT = 2
DEMOS = "demonstrations"  # name of the tensors of the embedded demonstrations in a base's folder
CAMERAS = "cameras"  # key of the cameras that a base was trained with, by stream name; not part of its fingerprint


def read_metadata(folder: Path) -> dict[str, Any]:
    """Read the JSON of a checkpoint folder. Raises CheckpointError if it is missing or damaged."""
    path = folder / "checkpoint.json"
    try:
        old = folder.with_name(f".{folder.name}.old")
        if not folder.exists() and old.exists():  # the writer died between its two renames
            old.rename(folder)
        found = path.is_file()
        metadata = json.loads(path.read_text()) if found else None
    except (ValueError, OSError, RecursionError) as error:
        raise CheckpointError(f"{path} is damaged ({quoted(error)}); restore it or train again") from None
    if not found:
        raise CheckpointError(f"no checkpoint in {folder}; give the folder that holds checkpoint.json")
    if not isinstance(metadata, dict):
        raise CheckpointError(f"{path} is damaged (it is not a JSON object); restore it or train again")
    if metadata.get("format") != FORMAT:
        raise CheckpointError(f"{path} has format {quoted(metadata.get('format'))}, this version reads {FORMAT}")
    return metadata


def read_base_config(folder: str | Path) -> BaseConfig:
    """Read the sizes of the base in a checkpoint folder. Raises CheckpointError if missing or damaged."""
    folder = Path(folder)
    config = read_metadata(folder).get("base")
    if not isinstance(config, dict):
        raise CheckpointError(f"{folder} holds no base policy; give the run's base/ folder")
    try:
        return BaseConfig.from_json(config)
    except (TypeError, ValueError, KeyError) as error:
        raise CheckpointError(
            f"{folder}/checkpoint.json has an unusable configuration ({quoted(error)}); restore it or train again"
        ) from None


def read_cameras(folder: str | Path) -> dict[str, CameraModel]:
    """Read the cameras that a base was trained with, by stream name; empty for a base that does not know them.

    Raises CheckpointError when they are damaged.
    """
    folder = Path(folder)
    cameras = read_metadata(folder).get(CAMERAS, {})
    try:
        return camera_model.from_json(cameras)
    except (TypeError, ValueError, LookupError, ArithmeticError) as error:
        raise CheckpointError(
            f"{folder}/checkpoint.json has unusable cameras ({quoted(error)}); restore it or train again"
        ) from None


def has_demos(folder: Path) -> bool:
    """Return whether a base has its demonstrations with it. Raises CheckpointError without a base."""
    sums = read_metadata(folder).get("sha256")
    return isinstance(sums, dict) and DEMOS in sums
