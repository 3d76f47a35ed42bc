"""The contents of a viewer: numbers, poses, lines, images and texts, each from a time on."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt


class Color(tuple[int, int, int], Enum):
    """RGB of lines; that of plans as in rviz."""

    MEASURED = (120, 120, 120)
    EXECUTED = (213, 94, 0)
    PLAN = (31, 119, 255)
    BASE_PLAN = (160, 100, 45)


@dataclass(frozen=True)
class Numbers:
    """Numbers that are plotted together, by name."""

    group: str
    values: Mapping[str, float]


@dataclass(frozen=True)
class Placed:
    """A pose in the base frame: position [m], unit quaternion x, y, z, w."""

    name: str
    position: tuple[float, float, float]
    quaternion: tuple[float, float, float, float]


@dataclass(frozen=True)
class Line:
    """A line through points (n, 3) in the base frame [m]."""

    name: str
    points: npt.NDArray[np.float64]
    color: Color


@dataclass(frozen=True)
class Picture:
    """Pixels (h, w, 3) RGB or (h, w, 1) gray, of uint8; or distances (h, w) of float32 [m]."""

    camera: str
    pixels: npt.NDArray[np.uint8] | npt.NDArray[np.float32]


@dataclass(frozen=True)
class Note:
    """A line of text."""

    source: str
    text: str
    warning: bool = False


Shown = Numbers | Placed | Line | Picture | Note


@dataclass(frozen=True)
class Moment:
    """Something to show from a time on [ns since 1970]."""

    stamp_ns: int
    shown: Shown
