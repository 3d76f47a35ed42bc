"""The interface that every arm driver implements, real or simulated."""

from dataclasses import dataclass
from typing import Protocol

from zprl_core.gripper_state import FOLLOWS, GripperState
from zprl_core.target import Pose6, Target, Twist6, Wrench6


class ArmLost(Exception):
    """The arm cannot be reached; the message says why and what to do."""


@dataclass(frozen=True)
class ArmState:
    """The state that an arm reports. Base frame; meters, radians, seconds, newtons."""

    read_s: float  # time of the arm's last new state, on the session's clock
    joints: tuple[float, ...]  # one per joint [rad]
    joint_velocities: tuple[float, ...]  # [rad/s]
    pose: Pose6  # tool pose, as in Target
    twist: Twist6
    wrench: Wrench6  # external, at the tool
    width: float  # gripper opening [m]
    fault: str = ""  # why the arm's own controller stopped it (which reflex); "" if it did not
    gripper: GripperState = FOLLOWS  # whether the gripper does what it was commanded


class Driver(Protocol):
    """A real or simulated arm. All methods are called from one thread and return quickly.

    `connect` and `read` raise ArmLost when the arm cannot be reached.
    """

    def connect(self) -> None: ...

    def read(self) -> ArmState: ...

    def begin(self, target: Target) -> None:
        """Starts following targets; the first is the current tool pose. The gripper keeps its grasp."""

    def set_target(self, target: Target) -> None:
        """Replaces the target to follow."""

    def halt(self) -> None:
        """Stops tool and fingers, ahead of all pending requests."""

    def reset(self) -> None:
        """Starts the slow motion to the start pose of an episode."""

    def progress(self) -> float:
        """Returns the progress of the reset motion, 0 to 1; 1 when none is running."""

    def home_gripper(self) -> None:
        """Starts to home the gripper, which opens and closes. Raises Refused if it cannot be homed by a command."""

    def recover(self) -> None:
        """Clears the fault of the arm's own controller. Raises ArmLost."""

    def close(self) -> None: ...
