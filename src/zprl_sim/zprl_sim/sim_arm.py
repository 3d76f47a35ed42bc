"""One arm of a simulated scene: its slices of MuJoCo's arrays, its limits and its servos."""

import math

import numpy as np
import numpy.typing as npt

from zprl_control.safety import joint_checks
from zprl_control.safety.limits import BOX_M, Limits
from zprl_core.action import ArmTarget
from zprl_core.arm_model import FR3
from zprl_core.observation import Pose
from zprl_core.target import Pose6
from zprl_sim.kinematics import ToolKinematics
from zprl_sim.rendering import mujoco
from zprl_sim.tasks.mount import ArmMount, Box

Array = npt.NDArray[np.float64]
Joints = tuple[float, ...]

HOME = np.array([0.0, 0.0, 0.0, -2.1, 0.0, 2.1, -0.785])
START = (0.45, 0.0, 0.22)  # tool position after a reset, in the arm's base frame [m]
START_SPREAD = 0.02
WORKSPACE: Box = (
    (0.28, 0.66),
    (-0.30, 0.30),
    (0.012, 0.42),
)  # limits of tool targets [m]; the pads reach 1 cm below the tool
MAX_WIDTH = 0.08  # opening of the gripper [m]
TILT = 0.2  # greatest tilt under joint commands if the task allows none [rad]
TURN = 3.1415  # greatest yaw under joint commands [rad]
MOST_PITCH = 1.4  # largest limit of pitch [rad]
JOINT_FAR = 0.25  # farther joint targets take several steps [rad]


class SimArm:
    """A Franka FR3. Poses are in the scene's frame, which is the arm's base frame when there is only one."""

    def __init__(self, model: mujoco.MjModel, mount: ArmMount, tilt: float = 0.0):
        """`tilt` is the greatest roll and pitch of the tool [rad]."""
        self.mount, self.name, self.tilt = mount, mount.arm, tilt
        self.kinematics = ToolKinematics(model, HOME, mount, tilt > 0.0)
        self.workspace = mount.box_in_scene(WORKSPACE)
        q, v = self.kinematics.joints.start, self.kinematics.dofs.start
        u = model.actuator(mount.topic(FR3.joints[0])).id
        self._positions, self._velocities = slice(q, q + 9), slice(v, v + 9)
        self._actuators = slice(u, u + 7)  # of the joints; the next actuator is the gripper's
        level = max(tilt, TILT)
        self.limits = _limits(WORKSPACE, level, level)  # limits of joint targets, in the arm's base frame

    def disable_limits(self) -> None:
        """Disables the arm's own limits on tilt and joint targets, for an arm behind guards."""
        self.tilt, self.kinematics.tilts = math.pi, True
        self.limits = _limits(((-BOX_M, BOX_M),) * 3, TURN, MOST_PITCH)

    def disable_servos(self, model: mujoco.MjModel) -> None:
        """Takes the servos of the joints out of `model`, so that torques alone move them; the fingers' stay."""
        model.actuator_gainprm[self._actuators] = model.actuator_biasprm[self._actuators] = 0.0

    def pose(self, data: mujoco.MjData) -> Pose:
        """Returns the tool's pose."""
        return self.kinematics.pose(data)

    def positions(self, data: mujoco.MjData) -> Array:
        """Returns a view (9,) of the positions: seven arm joints [rad], two fingers [m]."""
        q: Array = data.qpos[self._positions]
        return q

    def velocities(self, data: mujoco.MjData) -> Array:
        """Returns a view (9,) of the velocities [rad/s] and [m/s]."""
        v: Array = data.qvel[self._velocities]
        return v

    def width(self, data: mujoco.MjData) -> float:
        """Returns the opening of the gripper [m]."""
        q = self.positions(data)
        return float(q[7] + q[8])

    def drive(self, data: mujoco.MjData, target: ArmTarget) -> None:
        """Sets the servos to move tool or joints toward `target`, with the tool inside the workspace."""
        if target.joints:
            self.set_joints(data, self.allowed(data, target.joints)[0])
        else:
            self.aim(data, clamp(target.pose, self.workspace, self.tilt))
        if not math.isnan(target.width):
            self.set_fingers(data, np.clip(target.width, 0.0, MAX_WIDTH) / 2)

    def allowed(self, data: mujoco.MjData, joints: Joints) -> tuple[Joints, str]:
        """Returns the allowed joint angles [rad] for a target of `joints`, and why they differ."""
        q = tuple(data.qpos[self.kinematics.joints].tolist())
        goal, past = joint_checks.clip_joint_range(joints, self.limits)
        goal, far = joint_checks.clip_joint_lead(goal, q, self.limits)
        outside = joint_checks.leaving_reason(self.tool_at(goal), self.tool_at(q), self.limits)
        return q if outside else goal, "; ".join(filter(None, (past, far, outside)))

    def tool_at(self, joints: Joints) -> Pose6:
        """Returns the tool's pose in the arm's base frame for these joint angles [rad]."""
        return self.mount.in_base(self.kinematics.pose_at(joints)).six

    def aim(self, data: mujoco.MjData, tool: Pose) -> None:
        """Sets the servos of the joints to move the tool toward `tool`."""
        data.ctrl[self._actuators] = self.kinematics.joint_target(data, tool)

    def set_joints(self, data: mujoco.MjData, joints: Joints) -> None:
        """Sets the servos of the joints [rad]."""
        data.ctrl[self._actuators] = joints

    def set_fingers(self, data: mujoco.MjData, opening: float) -> None:
        """Sets the servo of the fingers to their distance from the middle [m]."""
        data.ctrl[self._actuators.stop] = opening

    def fingers(self, data: mujoco.MjData) -> float:
        """Returns the value that `set_fingers` set [m]."""
        return float(data.ctrl[self._actuators.stop])

    def place(self, data: mujoco.MjData, tool: Pose) -> None:
        """Moves the joints toward the tool pose `tool` without simulating. Positions in `data` must be current."""
        data.qpos[self.kinematics.joints] = self.kinematics.joint_target(data, tool)

    def rest(self, data: mujoco.MjData) -> None:
        """Sets the servos to the current joint positions, with an open gripper."""
        data.ctrl[self._actuators] = data.qpos[self.kinematics.joints]
        self.set_fingers(data, MAX_WIDTH / 2)


def _limits(box: Box, roll: float, pitch: float) -> Limits:
    (x, u), (y, v), (z, w) = box
    return Limits(low=(x, y, z, -roll, -pitch, -TURN), high=(u, v, w, roll, pitch, TURN), joint_error=JOINT_FAR)


def clamp(tool: Pose, box: Box = WORKSPACE, tilt: float = 0.0) -> Pose:
    """Clips a tool target to the workspace, and roll and pitch to `tilt` [rad]."""
    x, y, z = (min(max(p, low), high) for p, (low, high) in zip(tool.position, box, strict=True))
    roll, pitch = (min(max(angle, -tilt), tilt) for angle in (tool.roll, tool.pitch))
    return Pose((x, y, z), tool.yaw, roll, pitch)
