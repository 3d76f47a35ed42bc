"""The description of a LeRobot data set: meta/info.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zprl_cli.datasets.dataset_format import INFO
from zprl_cli.datasets.lerobot.layout import (
    ACTION,
    CHUNK_FILES,
    COUNTERS,
    DATA_MB,
    DATA_PATH,
    STATE,
    VERSION,
    VIDEO_MB,
    VIDEO_PATH,
    LeRobotLayout,
)  # fmt: skip
from zprl_core.errors import RecordError, quoted
from zprl_core.observation_spec import StreamSpec

CONVERT = "convert it with lerobot's script convert_dataset_v21_to_v30"
CHANNELS = (1, 3)


@dataclass(frozen=True)
class LeRobotInfo:
    """The rate and the features that can be read."""

    fps: float
    numbers: Mapping[str, int]  # size of each vector, by key
    names: Mapping[str, tuple[str, ...]]  # of the numbers in a vector, by key
    videos: Mapping[str, tuple[int, ...]]  # height, width and channels of each video, by key


def read_info(folder: Path) -> LeRobotInfo:
    """Reads the description in the folder of a data set. Raises RecordError with the cause and the remedy."""
    path = folder / INFO
    try:
        value = json.loads(path.read_text())
        version, fps, features = str(value["codebase_version"]), float(value["fps"]), dict(value["features"])
        if not version.startswith("v3."):
            raise RecordError(f"{folder} is a LeRobot data set of version {quoted(version)}, not v3; {CONVERT}")
        if not 0.0 < fps <= 1000.0:
            raise ValueError(f"fps is {fps:g}")
        numbers, names, videos = dict[str, int](), dict[str, tuple[str, ...]](), dict[str, tuple[int, ...]]()
        for key, feature in features.items():
            if "/" in key:
                raise ValueError(f"a feature is named {key}")
            kind, shape = feature["dtype"], tuple(int(n) for n in feature["shape"])
            if kind == "video":
                videos[key] = _height_first(shape)
            elif kind not in ("image", "string", "language") and len(shape) == 1 and key not in COUNTERS:
                numbers[key] = shape[0]
                if isinstance(feature.get("names"), list):
                    names[key] = tuple(str(name) for name in feature["names"])
        return LeRobotInfo(fps, numbers, names, videos)
    except RecordError:
        raise
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise RecordError(f"{path} cannot be read: {quoted(error)!r}; copy the data set again") from None


def info_text(layout: LeRobotLayout, fps: int, episodes: int, steps: int, pixels: Mapping[str, str]) -> str:
    """Returns the description of a data set in JSON. `pixels`: pixel format of each video."""
    counter = {"dtype": "int64", "shape": [1], "names": None}
    vectors = {STATE: layout.state_names, ACTION: layout.action_names}
    features: dict[str, object] = {key: _vector(names) for key, names in vectors.items() if names}
    for stream in layout.saved.observation.images:
        key = layout.video(stream)
        features[key] = _video(stream, fps, pixels[key])
    features["timestamp"] = {"dtype": "float32", "shape": [1], "names": None}
    features |= {key: counter for key in COUNTERS}
    info = {
        "codebase_version": VERSION,
        "robot_type": None,
        "total_episodes": episodes,
        "total_frames": steps,
        "total_tasks": 1,
        "chunks_size": CHUNK_FILES,
        "data_files_size_in_mb": DATA_MB,
        "video_files_size_in_mb": VIDEO_MB,
        "fps": fps,
        "splits": {"train": f"0:{episodes}"},
        "data_path": DATA_PATH,
        "video_path": VIDEO_PATH if pixels else None,
        "features": features,
    }
    return json.dumps(info, indent=2) + "\n"


def _vector(names: list[str]) -> dict[str, Any]:
    return {"dtype": "float32", "shape": [len(names)], "names": names}


def _video(stream: StreamSpec, fps: int, pixels: str) -> dict[str, Any]:
    height, width, channels = stream.shape
    info = {
        "video.height": height,
        "video.width": width,
        "video.codec": "h264",
        "video.pix_fmt": pixels,
        "video.fps": fps,
        "video.channels": channels,
        "video.is_depth_map": False,
        "has_audio": False,
    }
    return {"dtype": "video", "shape": [*stream.shape], "names": ["height", "width", "channels"], "info": info}


def _height_first(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Returns height, width, channels; some data sets write the channels first."""
    if len(shape) != 3:
        raise ValueError(f"a video has shape {shape}")
    return (*shape[1:], shape[0]) if shape[2] not in CHANNELS and shape[0] in CHANNELS else shape
