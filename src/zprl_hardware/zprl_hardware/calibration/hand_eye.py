"""Solves for the mount of a camera from tool poses and the board's pose seen at each."""

import contextlib
import math
from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np

from zprl_core.geometry import Matrix, angle, inverse
from zprl_hardware.cameras.calibration_file import CalibrationError

MIN_POSES = 4
MIN_TURN = math.radians(5.0)  # RMS turn about the second axis
MOST_MM, MOST_DEG = 20.0, 2.0  # a larger spread is refused
GOOD_MM = 5.0  # a larger one is reported


class Where(Enum):
    """The body that the camera is fixed to; the board is fixed to the other."""

    BASE = "eye-to-hand"
    TOOL = "eye-in-hand"


@dataclass(frozen=True, eq=False)
class HandEye:
    """The camera's pose (4, 4) in the base (BASE) or the tool (TOOL), and how well the poses agree (RMS)."""

    camera: Matrix
    spread_mm: float
    spread_deg: float

    @property
    def usable(self) -> bool:
        """True if the pairs agree well enough to save."""
        return self.spread_mm <= MOST_MM and self.spread_deg <= MOST_DEG


def solve(where: Where, tools: list[Matrix], boards: list[Matrix]) -> HandEye:
    """Solve by Park and Martin (1994), with OpenCV. `tools` are poses in the base, `boards` in the camera, in pairs.

    Raises CalibrationError when there are too few, or the tool turned too little or about one axis only.
    """
    if len(tools) != len(boards) or len(tools) < MIN_POSES:
        raise CalibrationError(f"{len(tools)} tool poses, {len(boards)} views; {MIN_POSES} pairs are needed, better 15")
    _check_turns(tools)
    return _fit(where, tools, boards)


def worst(where: Where, tools: list[Matrix], boards: list[Matrix]) -> tuple[int, HandEye]:
    """Find the pair (counted from 0) without which the others agree best, and their solution."""
    rests = []
    for i in range(len(tools)):
        with contextlib.suppress(CalibrationError, cv2.error):  # the rest has no solution
            rests.append((i, _fit(where, tools[:i] + tools[i + 1 :], boards[:i] + boards[i + 1 :])))
    if not rests:
        raise CalibrationError("the poses contradict each other: check that images and tool poses belong together")
    return min(rests, key=lambda rest: rest[1].spread_mm / MOST_MM + rest[1].spread_deg / MOST_DEG)


def _fit(where: Where, tools: list[Matrix], boards: list[Matrix]) -> HandEye:
    hands = tools if where is Where.TOOL else [inverse(t) for t in tools]
    turn, shift = cv2.calibrateHandEye(
        [h[:3, :3] for h in hands], [h[:3, 3] for h in hands],
        [b[:3, :3] for b in boards], [b[:3, 3] for b in boards],
        method=cv2.CALIB_HAND_EYE_PARK,
    )  # fmt: skip
    camera = np.eye(4)
    camera[:3, :3], camera[:3, 3] = turn, np.ravel(shift)
    if not np.isfinite(camera).all():
        raise CalibrationError("the poses contradict each other: check that images and tool poses belong together")
    fixed = [h @ camera @ b for h, b in zip(hands, boards, strict=True)]
    return HandEye(camera, *_spread(fixed))


def _check_turns(tools: list[Matrix]) -> None:
    turns = np.array([np.ravel(cv2.Rodrigues(tools[0][:3, :3].T @ t[:3, :3])[0]) for t in tools[1:]])
    second = float(np.linalg.svd(turns, compute_uv=False)[1]) / math.sqrt(len(turns))
    if second < MIN_TURN:
        raise CalibrationError(
            f"the tool turned about one axis only (about the second by {math.degrees(second):.1f} degrees RMS); "
            "tilt it about two axes, by 20 degrees or more"
        )


def _spread(poses: list[Matrix]) -> tuple[float, float]:
    """RMS distance [mm] and RMS angle [degrees] of poses that should coincide, from their mean."""
    positions = np.array([p[:3, 3] for p in poses])
    off = np.linalg.norm(positions - positions.mean(axis=0), axis=1)
    mean = np.eye(4)
    u, _, vt = np.linalg.svd(sum(p[:3, :3] for p in poses))  # the rotation nearest to all
    mean[:3, :3] = u @ np.diag([1.0, 1.0, np.linalg.det(u @ vt)]) @ vt
    angles = [angle(inverse(mean) @ p) for p in poses]
    return float(np.sqrt(np.mean(off**2)) * 1e3), math.degrees(float(np.sqrt(np.mean(np.square(angles)))))
