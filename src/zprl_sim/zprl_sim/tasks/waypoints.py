"""The waypoints of a scripted demonstration."""

from dataclasses import dataclass

from zprl_core.observation import Pose


@dataclass(frozen=True)
class Waypoint:
    """A pose to reach within `tolerance_m` with the gripper open or closed, and to stay at for `dwell` steps."""

    tool: Pose
    open: bool
    tolerance_m: float = 0.008
    dwell: int = 0
    grasp: bool = False  # the gripper changes here, and a demonstrator may be hasty
    arm: str = ""  # the arm that it belongs to
    together: bool = False  # proceed only when the other arms have reached theirs


def above(pose: Pose, height: float) -> Pose:
    """Returns the pose raised by `height` meters."""
    x, y, z = pose.position
    return Pose((x, y, z + height), pose.yaw)


def pick(pose: Pose, lift: float) -> tuple[Waypoint, ...]:
    """Returns the waypoints to approach from above, close, and lift by `lift` meters."""
    return (
        Waypoint(above(pose, 0.07), open=True, tolerance_m=0.015),
        Waypoint(pose, open=True, tolerance_m=0.006, grasp=True),
        Waypoint(pose, open=False, tolerance_m=0.03, dwell=4),
        Waypoint(above(pose, lift), open=False, tolerance_m=0.01),
    )
