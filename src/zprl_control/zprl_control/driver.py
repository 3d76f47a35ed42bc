"""What an arm must be able to do to be driven: the one interface of real and simulated arms."""

from dataclasses import dataclass
from typing import Protocol

from zprl_core.target import Pose6, Target, Twist6, Wrench6


class ArmLost(Exception):
    """The arm cannot be reached; the message says why and what to do."""


@dataclass(frozen=True)
class ArmState:
    """What the arm says of itself. Base frame; metres, radians, seconds, newtons."""

    read_s: float  # when the arm last said something new, on the clock that the session is driven by
    joints: tuple[float, ...]  # one for each joint [rad]
    joint_velocities: tuple[float, ...]  # [rad/s]
    pose: Pose6  # of the tool, as in Target
    twist: Twist6
    wrench: Wrench6  # external, at the tool
    width: float  # of the gripper
    fault: str = ""  # why the arm's own control stopped it (a reflex), and which
    gripper_trouble: str = ""  # why the gripper does not follow; the arm does


class Driver(Protocol):
    """An arm that can be driven: a real one, or a simulated one. Called from one thread; none of it blocks for long.

    `read` raises ArmLost when the arm is gone, `connect` when it cannot be reached.
    """

    def connect(self) -> None: ...

    def read(self) -> ArmState: ...

    def begin(self, target: Target) -> None:
        """Follow targets from now on; the first one is where the tool is. What the gripper holds it goes on holding."""

    def set_target(self, target: Target) -> None:
        """The newest target."""

    def halt(self) -> None:
        """Follow nothing any more, with tool and fingers, before anything that was asked for earlier."""

    def reset(self) -> None:
        """Begin the slow motion to the start of an episode."""

    def progress(self) -> float:
        """Of the reset motion, 0 to 1; 1 when none runs."""

    def recover(self) -> None:
        """Clear the fault of the arm's own control. Raises ArmLost."""

    def close(self) -> None: ...
