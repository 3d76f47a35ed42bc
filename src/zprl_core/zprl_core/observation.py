"""What the policy sees at one instant, and the flat state vector that the encoder reads.

Frames: every pose is in the arm's base frame (metres, radians). The hand points straight down, so its
orientation is one yaw angle about the base's z axis.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

ARM_STATE_SIZE = 6
OBJECT_STATE_SIZE = 5


@dataclass(frozen=True)
class PlanarPose:
    """A position and a yaw in the arm's base frame."""

    position: tuple[float, float, float]  # x, y, z [m]
    yaw: float  # [rad]

    def state(self) -> list[float]:
        """(5,) x, y, z, cos yaw, sin yaw: no jump where the angle wraps."""
        return [*self.position, float(np.cos(self.yaw)), float(np.sin(self.yaw))]


@dataclass(frozen=True)
class Observation:
    """One synchronised sample of every stream, taken at `stamp_ns`."""

    stamp_ns: int
    tool: PlanarPose  # between the finger tips
    width: float  # opening of the gripper [m]
    objects: Mapping[str, PlanarPose] = field(default_factory=dict)  # as perceived, not as they are

    def state(self, names: tuple[str, ...]) -> Array:
        """(6 + 5 len(names),) float32: tool pose, gripper width, then each named object's pose.

        Raises KeyError when an object was not observed.
        """
        missing = [name for name in names if name not in self.objects]
        if missing:
            raise KeyError(f"objects {missing} are not observed; observed are {sorted(self.objects)}")
        values = [*self.tool.state(), self.width]
        for name in names:
            values += self.objects[name].state()
        return np.asarray(values, dtype=np.float32)


def state_size(names: tuple[str, ...]) -> int:
    """Length of `Observation.state(names)`."""
    return ARM_STATE_SIZE + OBJECT_STATE_SIZE * len(names)
