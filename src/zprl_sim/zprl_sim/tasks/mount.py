"""Where an arm stands in a scene. Poses of its base frame become poses of the scene's frame, and back."""

import math
from dataclasses import dataclass

from zprl_core.observation import Pose

Box = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]  # low and high of x, y, z [m]


@dataclass(frozen=True)
class ArmMount:
    """An arm whose base stands on the table at x, y of the scene's frame [m]."""

    arm: str = ""  # its namespace; "": the only arm
    x: float = 0.0
    y: float = 0.0
    turned: bool = False  # by 180 degrees about z, so that it looks along -x

    def __post_init__(self) -> None:
        if self.arm and not self.arm.isidentifier():
            raise ValueError(f"an arm's name has letters, digits and underscores, got {self.arm!r}")
        if not math.isfinite(self.x + self.y):
            raise ValueError(f"an arm stands at finite x and y, got {self.x} and {self.y}")

    def topic(self, name: str) -> str:
        """A topic or a stream of this arm, relative to the robot's namespace; also the name of a part of its model."""
        return f"{self.arm}/{name}" if self.arm else name

    def in_scene(self, pose: Pose) -> Pose:
        """A pose of the arm's base frame, in the scene's."""
        return self._moved(pose, self.x, self.y)

    def in_base(self, pose: Pose) -> Pose:
        """A pose of the scene's frame, in the arm's base frame."""
        return self._moved(pose, self.x, self.y) if self.turned else self._moved(pose, -self.x, -self.y)

    def box_in_scene(self, box: Box) -> Box:
        """A box of the arm's base frame, in the scene's."""
        ends = [self.in_scene(Pose(corner)).position for corner in zip(*box, strict=True)]
        (x, y, z), (u, v, w) = ends
        return (min(x, u), max(x, u)), (min(y, v), max(y, v)), (z, w)

    def _moved(self, pose: Pose, dx: float, dy: float) -> Pose:
        x, y, z = pose.position
        if self.turned:
            return Pose((dx - x, dy - y, z), math.remainder(pose.yaw + math.pi, math.tau), pose.roll, pose.pitch)
        return Pose((x + dx, y + dy, z), pose.yaw, pose.roll, pose.pitch)
