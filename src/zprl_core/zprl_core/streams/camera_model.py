"""Calibrated cameras: what a policy was trained with, and how far another lens or mount moves its image."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from zprl_core import rotation
from zprl_core.config.flatten import flatten
from zprl_core.config.plain import from_plain
from zprl_core.geometry import Matrix, position_from

Array = npt.NDArray[np.float64]
Three = tuple[float, float, float]

DEPTHS = (0.3, 0.6, 1.0)  # distances of the compared points [m]
PLACES = (0.1, 0.5, 0.9)  # of the compared points, as fractions of the image's height and width
COEFFICIENTS = (0, 4, 5, 8, 12, 14)  # how many a lens may have
FOLDED = 0.001  # error of a place, as a fraction of the image, that is not found again
FAR_OFF = float("inf")  # a point that lies behind the other camera


@dataclass(frozen=True)
class CameraModel:
    """A camera: the intrinsics of its images [px], and the pose of its optical frame (z forward, y down).

    As in ROS and OpenCV, the center of the first pixel is at (0, 0), so that an image reaches from -0.5 to width - 0.5.
    """

    size: tuple[int, int]  # height, width
    focal: tuple[float, float]  # fx, fy
    center: tuple[float, float]  # cx, cy
    frame: str = ""  # frame of the pose; "": the pose is unknown
    position: Three = (0.0, 0.0, 0.0)  # [m]
    turn: Three = (0.0, 0.0, 0.0)  # rotation vector [rad]
    distortion: tuple[float, ...] = ()  # of the lens: OpenCV's k1 k2 p1 p2 k3 k4 k5 k6 and so on; (): none

    def __post_init__(self) -> None:
        numbers = (*self.focal, *self.center, *self.position, *self.turn, *self.distortion)
        if min(self.size) < 1 or min(self.focal) <= 0 or not np.isfinite(numbers).all():
            raise ValueError(f"a camera needs a size, positive focal lengths and finite numbers, got {self}")
        if len(self.distortion) not in COEFFICIENTS:
            raise ValueError(f"a lens has 4, 5, 8, 12 or 14 coefficients of distortion, got {len(self.distortion)}")
        if self.distortion and not self._is_one_to_one:
            raise ValueError(
                "the distortion of a lens folds its image: calibrate it again, with the board at its edges too, "
                "or rectify its images"
            )

    @classmethod
    def from_fovy(
        cls, size: tuple[int, int], fovy_rad: float, frame: str, position: Three, turn: Three
    ) -> "CameraModel":
        """Returns a camera without distortion whose principal point is the center, given its vertical field of view."""
        height, width = size
        focal = 0.5 * height / float(np.tan(0.5 * fovy_rad))
        return cls(size, (focal, focal), (0.5 * width - 0.5, 0.5 * height - 0.5), frame, position, turn)

    @property
    def pose(self) -> Matrix:
        """The pose (4, 4) of the optical frame in `frame`."""
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = rotation.from_vector(np.array(self.turn)), self.position
        return pose

    def mounted(self, frame: str, pose: Matrix) -> "CameraModel":
        """Returns this camera with its optical frame at `pose` (4, 4) in `frame`."""
        x, y, z = (float(angle) for angle in rotation.to_vector(pose[:3, :3]))
        return replace(self, frame=frame, position=position_from(pose), turn=(x, y, z))

    def resized(self, size: tuple[int, int]) -> "CameraModel":
        """Returns the camera whose images are those of this one, scaled to `size` (height, width)."""
        (v, u), (fx, fy), (cx, cy) = np.divide(size, self.size).tolist(), self.focal, self.center
        return replace(self, size=size, focal=(u * fx, v * fy), center=(u * (cx + 0.5) - 0.5, v * (cy + 0.5) - 0.5))

    def rays(self, places: Array) -> Array:
        """Returns (N, 3): points at depth 1 that appear at `places` (N, 2), x and y as fractions of the image."""
        height, width = self.size
        pixels = places * (width, height) - 0.5
        xy = self._undistorted((pixels - self.center) / self.focal)
        return np.concatenate([xy, np.ones((len(xy), 1))], axis=1)

    def project(self, points: Array) -> Array:
        """Returns (N, 2): where points (N, 3) in front of the camera appear, as fractions of the image."""
        height, width = self.size
        pixels = self._distorted(points[:, :2] / points[:, 2:]) * self.focal + self.center
        projected: Array = (pixels + 0.5) / (width, height)
        return projected

    @property
    def _is_one_to_one(self) -> bool:
        """True if the compared places are found again through the lens."""
        places = np.array(list(product(PLACES, PLACES)))
        return bool(np.abs(self.project(self.rays(places)) - places).max() < FOLDED)  # False for NaN

    def _distorted(self, xy: Array) -> Array:
        """Returns (N, 2): where the lens shows points (N, 2) at depth 1, with focal length 1."""
        if not self.distortion:
            return xy
        import cv2

        points = np.concatenate([xy, np.ones((len(xy), 1))], axis=1)
        shown, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), np.eye(3), np.array(self.distortion))
        return np.asarray(shown, np.float64).reshape(-1, 2)

    def _undistorted(self, xy: Array) -> Array:
        """Returns (N, 2): the points at depth 1 that the lens shows at (N, 2)."""
        if not self.distortion:
            return xy
        import cv2

        shown = np.ascontiguousarray(xy, np.float64).reshape(-1, 1, 2)
        until = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 1e-9)
        points = cv2.undistortPointsIter(shown, np.eye(3), np.array(self.distortion), np.eye(3), np.eye(3), until)
        return np.asarray(points, np.float64).reshape(-1, 2)


def moved_by(expected: CameraModel, found: CameraModel) -> float:
    """Returns how far the image has moved, in pixels of the expected camera's images.

    That is the greatest distance between where both cameras see the same points, DEPTHS away from the expected one.
    Where one of the poses is unknown, or in another frame, only the intrinsics are compared.
    """
    places = np.array(list(product(PLACES, PLACES)))
    greatest, height, width = 0.0, *expected.size
    for depth in DEPTHS:
        points = depth * expected.rays(places)
        if expected.frame and expected.frame == found.frame:
            scene = points @ rotation.from_vector(np.array(expected.turn)).T + expected.position
            points = (scene - found.position) @ rotation.from_vector(np.array(found.turn))
        if points[:, 2].min() <= 0.0:
            return FAR_OFF
        apart = (found.project(points) - places) * (width, height)
        greatest = max(greatest, float(np.linalg.norm(apart, axis=1).max()))
    return greatest


def to_json(cameras: Mapping[str, CameraModel]) -> dict[str, Any]:
    """Returns plain values for a JSON file, by stream name."""
    return {name: flatten(camera) for name, camera in cameras.items()}


def from_json(values: Any) -> dict[str, CameraModel]:
    """Rebuilds what `to_json` wrote. Raises ValueError for anything else."""
    if not isinstance(values, dict):
        raise ValueError("cameras must be a table of stream names")
    return {str(name): from_plain(CameraModel, value) for name, value in values.items()}
