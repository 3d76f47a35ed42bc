"""Converts simulation states to the messages of a real arm's node, and commands to targets."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from geometry_msgs.msg import PoseStamped
from sensor_msgs.msg import JointState
from std_msgs.msg import Header

from zprl_core.action import ArmTarget
from zprl_core.arm_model import FR3
from zprl_core.deadline_timer import DeadlineTimer
from zprl_core.gripper_state import GripperMode
from zprl_core.observation import TOOL, Pose
from zprl_core.ros.conversions import time_from
from zprl_core.ros.poses import object_message, tilted_tool_from, tool_from, tool_message
from zprl_msgs.msg import ArmCommand, ArmStatus, SuccessDetection
from zprl_sim.lockstep_session import ArmSample, ExecutedCommand, State
from zprl_sim.tasks.mount import ArmMount

LONGEST_NAME = 50  # longest name of a command source in an error
UPRIGHT = 0.02  # tolerance of a commanded quaternion from that of a gripper pointing straight down


def target_from(command: ArmCommand, tilt: float = 0.0) -> ArmTarget:
    """Returns the commanded target. Raises ValueError when it is not finite, or tilts where this is not allowed.

    A width of nan keeps the gripper as it is. If there are joints, the pose is ignored.

    `tilt`: greatest roll and pitch [rad], to which they are clipped later; 0 does not allow tilting.
    """
    p, q = command.target.position, command.target.orientation
    source = repr(command.source[:LONGEST_NAME]) if command.source else "an unnamed source"
    followed = command.joints or (p.x, p.y, p.z, q.x, q.y, q.z, q.w)
    if not all(map(math.isfinite, followed)) or math.isinf(command.gripper_width):
        raise ValueError(f"the command of {source} is not finite; the arm holds")
    if command.joints:
        if len(command.joints) != len(FR3.joints):
            has = f"{len(command.joints)} joints, but the arm has {len(FR3.joints)}"
            raise ValueError(f"the command of {source} is for {has}; the arm holds")
        return ArmTarget(None, command.gripper_width, tuple(command.joints))
    if tilt:
        return ArmTarget(tilted_tool_from(command.target), command.gripper_width)
    if math.hypot(q.z, q.w) > UPRIGHT or abs(math.hypot(q.x, q.y) - 1.0) > UPRIGHT:
        raise ValueError(f"the command of {source} tilts the gripper, which must point straight down")
    return ArmTarget(tool_from(command.target), command.gripper_width)


@dataclass(frozen=True)
class ArmMessages:
    """The messages of one arm."""

    joints: JointState
    tool: PoseStamped
    status: ArmStatus


@dataclass(frozen=True)
class StateMessages:
    """The messages of one state, all with the state's stamp."""

    arms: dict[str, ArmMessages]  # by arm name
    objects: dict[str, PoseStamped]
    success: SuccessDetection


def state_messages(state: State, mounts: Iterable[ArmMount], frame: str, deadlines: DeadlineTimer) -> StateMessages:
    """Returns the messages of `state`, with poses in `frame` and the loop's counts from `deadlines`."""
    seen = state.observation
    header = Header(stamp=time_from(seen.stamp_ns), frame_id=frame)
    return StateMessages(
        arms={
            mount.arm: ArmMessages(
                joints=_joints(state.arms[mount.arm], header),
                tool=PoseStamped(header=header, pose=tool_message(seen.pose(mount.topic(TOOL)))),
                status=_status(state.arms[mount.arm].executed, seen.pose(mount.topic(TOOL)), deadlines, header),
            )
            for mount in mounts
        },
        objects={name: PoseStamped(header=header, pose=object_message(pose)) for name, pose in seen.objects.items()},
        success=SuccessDetection(header=header, success=state.success, ended=state.ended, step=state.step),
    )


def _joints(arm: ArmSample, header: Header) -> JointState:
    position, velocity = arm.positions.tolist(), arm.velocities.tolist()
    return JointState(header=header, name=FR3.joint_names, position=position, velocity=velocity)


def _status(executed: ExecutedCommand, tool: Pose, deadlines: DeadlineTimer, header: Header) -> ArmStatus:
    return ArmStatus(
        header=header,
        mode=int(executed.mode),
        executed_target=tool_message(executed.target.tool or tool),
        executed_width=executed.target.width,
        clipped=executed.clipped,
        reason=executed.reason,
        ticks=deadlines.ticks,
        late_ticks=deadlines.late,
        lateness_ms=deadlines.lateness_s * 1e3,
        executed_joints=list(executed.target.joints),
        gripper=int(GripperMode.HOLDING),
    )
