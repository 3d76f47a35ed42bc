"""The placement of an arm in a scene, and conversion of poses between its base frame and the scene's frame."""

import math
from dataclasses import dataclass

from zprl_core.observation import Pose

Box = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]  # low and high of x, y, z [m]


@dataclass(frozen=True)
class ArmMount:
    """An arm whose base is on the table at x, y of the scene's frame [m]."""

    arm: str = ""  # its namespace; "" for the only arm
    x: float = 0.0
    y: float = 0.0
    turned: bool = False  # by 180 degrees about z, so that it faces -x

    def __post_init__(self) -> None:
        if self.arm and not self.arm.isidentifier():
            raise ValueError(f"an arm's name may contain letters, digits and underscores, got {self.arm!r}")
        if not math.isfinite(self.x + self.y):
            raise ValueError(f"an arm's x and y must be finite, got {self.x} and {self.y}")

    def topic(self, name: str) -> str:
        """Returns the name of a topic, a stream or a model part of this arm, relative to the robot's namespace."""
        return f"{self.arm}/{name}" if self.arm else name

    def in_scene(self, pose: Pose) -> Pose:
        """Converts a pose from the arm's base frame to the scene's frame."""
        return self._moved(pose, self.x, self.y)

    def in_base(self, pose: Pose) -> Pose:
        """Converts a pose from the scene's frame to the arm's base frame."""
        return self._moved(pose, self.x, self.y) if self.turned else self._moved(pose, -self.x, -self.y)

    def box_in_scene(self, box: Box) -> Box:
        """Converts a box from the arm's base frame to the scene's frame."""
        ends = [self.in_scene(Pose(corner)).position for corner in zip(*box, strict=True)]
        (x, y, z), (u, v, w) = ends
        return (min(x, u), max(x, u)), (min(y, v), max(y, v)), (z, w)

    def _moved(self, pose: Pose, dx: float, dy: float) -> Pose:
        x, y, z = pose.position
        if self.turned:
            return Pose((dx - x, dy - y, z), math.remainder(pose.yaw + math.pi, math.tau), pose.roll, pose.pitch)
        return Pose((x + dx, y + dy, z), pose.yaw, pose.roll, pose.pitch)
