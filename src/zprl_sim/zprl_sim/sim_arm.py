"""One arm of a simulated scene: its numbers in MuJoCo's arrays, where it may go, and how it is driven."""

import numpy as np
import numpy.typing as npt

from zprl_core.action import ArmTarget
from zprl_core.arm_model import FR3
from zprl_core.observation import Pose
from zprl_sim.kinematics import ToolKinematics
from zprl_sim.rendering import mujoco
from zprl_sim.tasks.mount import ArmMount, Box

Array = npt.NDArray[np.float64]

HOME = np.array([0.0, 0.0, 0.0, -2.1, 0.0, 2.1, -0.785])
START = (0.45, 0.0, 0.22)  # where the tool waits at a reset, in the arm's base frame [m]
START_SPREAD = 0.02
WORKSPACE: Box = ((0.28, 0.66), (-0.30, 0.30), (0.012, 0.42))  # of tool targets [m]; the pads reach 1 cm below the tool
MAX_WIDTH = 0.08  # opening of the gripper [m]


class SimArm:
    """A Franka FR3. Poses are in the scene's frame, which is the arm's base frame when there is only one."""

    def __init__(self, model: mujoco.MjModel, mount: ArmMount, tilt: float = 0.0):
        """`tilt`: how far roll and pitch of the tool may go [rad]."""
        self.mount, self.name, self.tilt = mount, mount.arm, tilt
        self.kinematics = ToolKinematics(model, HOME, mount, tilt > 0.0)
        self.workspace = mount.box_in_scene(WORKSPACE)
        q, v = self.kinematics.joints.start, self.kinematics.dofs.start
        u = model.actuator(mount.topic(FR3.joints[0])).id
        self._positions, self._velocities = slice(q, q + 9), slice(v, v + 9)
        self._actuators = slice(u, u + 7)  # of the joints; the next one is the gripper's

    def pose(self, data: mujoco.MjData) -> Pose:
        """Where the tool is."""
        return self.kinematics.pose(data)

    def positions(self, data: mujoco.MjData) -> Array:
        """(9,) seven arm joints [rad], two fingers [m]: a view."""
        q: Array = data.qpos[self._positions]
        return q

    def velocities(self, data: mujoco.MjData) -> Array:
        """(9,) [rad/s] and [m/s]: a view."""
        v: Array = data.qvel[self._velocities]
        return v

    def width(self, data: mujoco.MjData) -> float:
        """Opening of the gripper [m]."""
        q = self.positions(data)
        return float(q[7] + q[8])

    def drive(self, data: mujoco.MjData, target: ArmTarget) -> None:
        """Set the servos: the tool towards `target`, within the workspace."""
        self.aim(data, clamp(target.pose, self.workspace, self.tilt))
        self.set_fingers(data, np.clip(target.width, 0.0, MAX_WIDTH) / 2)

    def aim(self, data: mujoco.MjData, tool: Pose) -> None:
        """Set the servos of the joints: the tool towards `tool`."""
        data.ctrl[self._actuators] = self.kinematics.joint_target(data, tool)

    def set_fingers(self, data: mujoco.MjData, opening: float) -> None:
        """Set the servo of the fingers: how far each is from the middle [m]."""
        data.ctrl[self._actuators.stop] = opening

    def fingers(self, data: mujoco.MjData) -> float:
        """What `set_fingers` set [m]."""
        return float(data.ctrl[self._actuators.stop])

    def place(self, data: mujoco.MjData, tool: Pose) -> None:
        """Put the joints where the tool is nearer to `tool`, without motion. Positions in `data` must be current."""
        data.qpos[self.kinematics.joints] = self.kinematics.joint_target(data, tool)

    def rest(self, data: mujoco.MjData) -> None:
        """Set the servos to where the joints are, with an open gripper."""
        data.ctrl[self._actuators] = data.qpos[self.kinematics.joints]
        self.set_fingers(data, MAX_WIDTH / 2)


def clamp(tool: Pose, box: Box = WORKSPACE, tilt: float = 0.0) -> Pose:
    """A tool target inside the workspace, with roll and pitch of at most `tilt` [rad]."""
    x, y, z = (min(max(p, low), high) for p, (low, high) in zip(tool.position, box, strict=True))
    roll, pitch = (min(max(angle, -tilt), tilt) for angle in (tool.roll, tool.pitch))
    return Pose((x, y, z), tool.yaw, roll, pitch)
