"""Cameras of a scene: where they are, and how far off they are mounted in deployment. Meters, radians."""

import math
from dataclasses import dataclass

Point = tuple[float, float, float]

FRONT, WRIST = "front", "wrist"  # names of the cameras that a policy may observe; an arm's name precedes WRIST
DEPTH_M = (0.1, 1.3)  # nearest and farthest distance of the depth that a policy observes
REPORT = "report"  # name of the camera of reports and videos


@dataclass(frozen=True)
class CameraPose:
    """The pose of a camera in the scene's frame, upright, and its field of view."""

    position: Point
    look_at: Point
    fovy_deg: float = 40.0  # vertical field of view [degrees]

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (*self.position, *self.look_at, self.fovy_deg))):
            raise ValueError(f"a camera's pose must be finite, got {self}")
        if self.position[:2] == self.look_at[:2]:
            raise ValueError(f"a camera must not look straight down or up, as then no side of its image is up: {self}")
        if not 1.0 <= self.fovy_deg <= 120.0:
            raise ValueError(f"a camera's fovy_deg must be within [1, 120], got {self.fovy_deg}")


@dataclass(frozen=True)
class CameraOffset:
    """The error of a camera's mounting, in the axes that it would have: x right, y up, z back."""

    camera: str
    position: Point = (0.0, 0.0, 0.0)  # [m]
    rotation: Point = (0.0, 0.0, 0.0)  # rotation vector [rad]

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (*self.position, *self.rotation))):
            raise ValueError(f"the offset of camera {self.camera} must be finite, got {self}")
