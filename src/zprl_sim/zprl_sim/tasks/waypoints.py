"""Waypoints: what a scripted demonstration goes through."""

from dataclasses import dataclass

from zprl_core.observation import Pose


@dataclass(frozen=True)
class Waypoint:
    """Be at `tool` within `tolerance_m` with the gripper open or closed; then stay for `dwell` steps."""

    tool: Pose
    open: bool
    tolerance_m: float = 0.008
    dwell: int = 0
    grasp: bool = False  # the gripper changes here: a person may be hasty
    arm: str = ""  # whose it is
    together: bool = False  # go on when the other arms have come to theirs, too


def above(pose: Pose, height: float) -> Pose:
    """The pose, `height` metres higher."""
    x, y, z = pose.position
    return Pose((x, y, z + height), pose.yaw)


def pick(pose: Pose, lift: float) -> tuple[Waypoint, ...]:
    """Come from above, close, and lift by `lift` metres."""
    return (
        Waypoint(above(pose, 0.07), open=True, tolerance_m=0.015),
        Waypoint(pose, open=True, tolerance_m=0.006, grasp=True),
        Waypoint(pose, open=False, tolerance_m=0.03, dwell=4),
        Waypoint(above(pose, lift), open=False, tolerance_m=0.01),
    )
