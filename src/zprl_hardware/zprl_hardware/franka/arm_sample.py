"""The measured state that a follower uses to drive the arm."""

from dataclasses import dataclass

from zprl_core.target import Pose6


@dataclass(frozen=True)
class ArmSample:
    """One measured state of the arm."""

    pose: Pose6  # of the tool, in the base frame [m, rad]
    time_s: float  # on the arm's own clock [s]
    joints: tuple[float, ...] = (0.0,) * 7  # [rad]
    joint_velocities: tuple[float, ...] = (0.0,) * 7  # [rad/s]
