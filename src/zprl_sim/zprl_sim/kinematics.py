"""Differential inverse kinematics, from tool targets to joint targets."""

import numpy as np
import numpy.typing as npt

from zprl_core.arm_model import FR3
from zprl_core.observation import Pose
from zprl_sim.rendering import mujoco
from zprl_sim.tasks.mount import ArmMount

Array = npt.NDArray[np.float64]

DAMPING = 0.02
FAR_M, FAR_RAD = 0.05, 0.25  # farther targets take several steps, because the Jacobian changes on the way
OVER = np.diag([1.0, -1.0, -1.0])  # Rx(pi): from a pose's rotation to that of a gripper that points down
POSTURE = 0.02  # pull toward the home posture in the null space


def down(yaw: float) -> Array:
    """Returns the rotation (3, 3) of a gripper that points straight down, turned by `yaw` about the base's z axis."""
    c, s = np.cos(yaw), np.sin(yaw)
    return np.array([[c, s, 0.0], [s, -c, 0.0], [0.0, 0.0, -1.0]])


class ToolKinematics:
    """The seven joints and the tool site of one arm of a model. Without `tilts` the gripper points down."""

    def __init__(self, model: mujoco.MjModel, home: Array, mount: ArmMount, tilts: bool = False):
        self.model, self.home, self.tilts = model, home, tilts
        self.site = model.site(mount.topic("tool")).id
        first = model.joint(mount.topic(FR3.joints[0]))
        q, v = int(first.qposadr[0]), int(first.dofadr[0])
        self.joints, self.dofs = slice(q, q + 7), slice(v, v + 7)  # indices into positions and velocities
        self.range = model.jnt_range[first.id : first.id + 7].copy()
        self._jacobian = np.zeros((6, model.nv))
        self._scratch: mujoco.MjData | None = None  # used by `pose_at` only

    def pose(self, data: mujoco.MjData) -> Pose:
        """Returns the tool's pose."""
        r = data.site_xmat[self.site]
        x, y, z = data.site_xpos[self.site].tolist()
        if self.tilts:
            return Pose.turned((x, y, z), r.reshape(3, 3) @ OVER)
        return Pose((x, y, z), float(np.arctan2(r[3], r[0])))

    def pose_at(self, joints: tuple[float, ...]) -> Pose:
        """Returns the tool's pose, with tilt, for these joint angles [rad]."""
        if self._scratch is None:
            self._scratch = mujoco.MjData(self.model)
        self._scratch.qpos[self.joints] = joints
        mujoco.mj_kinematics(self.model, self._scratch)
        x, y, z = self._scratch.site_xpos[self.site].tolist()
        return Pose.turned((x, y, z), self._scratch.site_xmat[self.site].reshape(3, 3) @ OVER)

    def joint_target(self, data: mujoco.MjData, target: Pose) -> Array:
        """Returns joint positions (7,) [rad] that move the tool toward `target` by one damped step."""
        mujoco.mj_jacSite(self.model, data, self._jacobian[:3], self._jacobian[3:], self.site)
        j = self._jacobian[:, self.dofs]
        error = np.concatenate([np.subtract(target.position, data.site_xpos[self.site]), self._turn(data, target)])
        error /= max(1.0, float(np.linalg.norm(error[:3])) / FAR_M, float(np.linalg.norm(error[3:])) / FAR_RAD)
        q = data.qpos[self.joints]
        inverse = j.T @ np.linalg.inv(j @ j.T + DAMPING**2 * np.eye(6))
        step = inverse @ error
        step += (np.eye(7) - inverse @ j) @ (POSTURE * (self.home - q))
        return np.clip(q + step, self.range[:, 0], self.range[:, 1])

    def _turn(self, data: mujoco.MjData, target: Pose) -> Array:
        now = data.site_xmat[self.site].reshape(3, 3)
        r = (target.matrix @ OVER if target.roll or target.pitch else down(target.yaw)) @ now.T
        vector = 0.5 * np.array([r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]])
        return vector
