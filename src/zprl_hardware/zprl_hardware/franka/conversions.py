"""Converts between franky's types and ours: poses, states, errors."""

from typing import Any, cast

import numpy as np

from zprl_control.driver import ArmState
from zprl_core.target import Pose6, Twist6, pose_from, quaternion


def affine(pose: Pose6) -> Any:
    """Convert to a franky pose."""
    import franky

    return franky.Affine(np.array(pose[:3]), np.array(quaternion(pose)))


def pose_from_franky(pose: Any) -> Pose6:
    """Convert a franky pose to position [m] and roll, pitch, yaw [rad]."""
    x, y, z = map(float, pose.translation)
    a, b, c, d = map(float, pose.quaternion)
    return pose_from((x, y, z), (a, b, c, d))


def six_floats(values: Any) -> Twist6:
    """Convert an array of six values to a tuple of floats."""
    return cast(Twist6, tuple(float(v) for v in np.asarray(values, dtype=float).reshape(-1)))


def arm_state(robot: Any, state: Any, fault: str, read_s: float) -> ArmState:
    """Convert franky's state to an ArmState, except for the gripper.

    `fault`: why the arm stopped by itself; "" when it did not.
    """
    twist = robot.current_cartesian_velocity.end_effector_twist
    return ArmState(
        read_s=read_s,
        joints=tuple(map(float, state.q)),
        joint_velocities=tuple(map(float, state.dq)),
        pose=pose_from_franky(robot.current_pose.end_effector_pose),
        twist=six_floats([*twist.linear, *twist.angular]),
        wrench=six_floats(state.O_F_ext_hat_K),
        width=0.0,
        fault=f"the arm stopped by itself: {fault}" if fault else "",
    )


def errors_from(errors: Any) -> list[str]:
    """List the names of the errors that are set."""
    names = (name for name in dir(errors) if not name.startswith("_"))
    return [name for name in names if getattr(errors, name) is True]


def explained(error: Exception) -> str:
    """Explain why a connection failed, with the remedy."""
    import franky

    match error:
        case franky.IncompatibleVersionException():
            todo = "install franky's wheel for this server version: docs/how-to/franka.md has the table"
        case franky.RealtimeException():
            todo = "boot a kernel with PREEMPT_RT; docs/how-to/franka.md says when franky.enforce_realtime may be false"
        case _:  # a network error, from the socket or from franky
            todo = "stop any other program that drives the arm, or check the cable and that FCI is active in Desk"
    return f"{str(error).strip().rstrip('.')}; {todo}"
