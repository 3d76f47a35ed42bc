"""The driver's interface to controller and gripper action, without ROS."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

Position = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]


@dataclass(frozen=True)
class GripperStatus:
    """State of the newest goal of the gripper."""

    ready: bool = False  # the action server is available
    busy: bool = False  # a goal was sent and is not answered yet: send no other
    moving: bool = False  # an accepted goal has not ended
    trouble: str = ""  # why the newest goal failed; "" when it did not
    refused: bool = False  # the newest goal was not accepted: it may be sent again later


class ControllerLink(Protocol):
    """Sends commands and gripper goals. No method blocks."""

    @property
    def listeners(self) -> int:
        """Number of subscriptions on the command topic."""

    def send_positions(self, positions: Sequence[float]) -> None:
        """Sends joint positions [rad] to a forward_command_controller."""

    def send_trajectory(self, positions: Sequence[float], seconds: float) -> None:
        """Sends a joint_trajectory_controller to `positions` [rad], `seconds` after the message arrives."""

    def send_pose(self, position: Position, quaternion: Quaternion) -> None:
        """Sends a pose in the base frame [m; x y z w] to a Cartesian controller."""

    @property
    def gripper(self) -> GripperStatus:
        """State of the gripper's action."""

    def send_gripper(self, position: float, effort: float) -> None:
        """Sends a goal, which replaces the one before: position of the gripper's joint; effort 0: the default."""

    def forget_gripper(self) -> None:
        """Forgets why the newest goal failed."""

    def cancel_gripper(self) -> None:
        """Cancels the newest goal, also one that is not answered yet: the fingers stop."""
