"""What a follower knows of the arm that it drives."""

from dataclasses import dataclass

from zprl_core.target import Pose6


@dataclass(frozen=True)
class ArmSample:
    """One state of the arm."""

    pose: Pose6  # of the tool
    time_s: float  # of the arm's own clock
    joints: tuple[float, ...] = (0.0,) * 7  # [rad]
    joint_velocities: tuple[float, ...] = (0.0,) * 7  # [rad/s]
