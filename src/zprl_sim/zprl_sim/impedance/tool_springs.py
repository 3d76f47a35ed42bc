"""Cartesian impedance control of a simulated arm: the law with which Franka's driver moves the tool."""

import numpy as np
import numpy.typing as npt

from zprl_control.safety.interpolator import Reach, Setpoint, bounded, rotation_between
from zprl_core.observation import Pose
from zprl_core.target import quaternion
from zprl_sim.kinematics import OVER
from zprl_sim.rendering import mujoco
from zprl_sim.sim_arm import SimArm

Array = npt.NDArray[np.float64]

STIFFNESS, ROTATIONAL_STIFFNESS = 800.0, 40.0  # defaults of the driver's parameters [N/m, N m/rad]
DAMPING, ROTATIONAL_DAMPING = 2 * (STIFFNESS * 5.0) ** 0.5, 2 * ROTATIONAL_STIFFNESS**0.5  # [N s/m, N m s/rad]
REACH = Reach(0.03, 0.2, STIFFNESS / DAMPING, ROTATIONAL_STIFFNESS / ROTATIONAL_DAMPING)
SPRINGS = np.repeat([STIFFNESS, ROTATIONAL_STIFFNESS], 3)
DAMPERS = np.repeat([DAMPING, ROTATIONAL_DAMPING], 3)
POSTURE, POSTURE_TORQUE = 10.0, 5.0  # null-space pull of each joint towards home [N m/rad, N m]


class ToolSprings:
    """Pulls the tool of one arm towards setpoints with springs and dampers of bounded force."""

    def __init__(self, model: mujoco.MjModel, arm: SimArm):
        """Takes the servos of the arm's joints out of `model`; those of its fingers stay."""
        self._arm, self._home = arm, arm.kinematics.home
        arm.disable_servos(model)
        self._jacobian = np.zeros((6, model.nv))
        self._to_base = np.array([-1.0, -1.0, 1.0] * 2 if arm.mount.turned else [1.0] * 6)  # of a vector in the scene

    def pull(self, data: mujoco.MjData, setpoint: Setpoint) -> None:
        """Sets the torques of the joints [N m] for the next physics step. The setpoint is in the arm's base frame."""
        kinematics = self._arm.kinematics
        joints, dofs, site = kinematics.joints, kinematics.dofs, kinematics.site
        turned = Pose.turned(tuple(data.site_xpos[site].tolist()), data.site_xmat[site].reshape(3, 3) @ OVER)
        here = self._arm.mount.in_base(turned).six
        near = bounded(setpoint, here, REACH)
        turn = rotation_between(quaternion(here), quaternion(near.pose))
        away = np.concatenate([np.subtract(near.pose[:3], here[:3]), np.clip(turn, -REACH.radians, REACH.radians)])
        mujoco.mj_jacSite(kinematics.model, data, self._jacobian[:3], self._jacobian[3:], site)
        jacobian = self._to_base[:, None] * self._jacobian[:, dofs]
        q, v = data.qpos[joints], data.qvel[dofs]
        wrench = SPRINGS * away + DAMPERS * (near.twist - jacobian @ v)
        data.qfrc_applied[dofs] = jacobian.T @ wrench + self._posture(jacobian, q, v)

    def _posture(self, jacobian: Array, q: Array, v: Array) -> Array:
        """Torques (7,) that pull the elbow home and do not move the tool."""
        torque = np.clip(POSTURE * (self._home - q) - 2 * POSTURE**0.5 * v, -POSTURE_TORQUE, POSTURE_TORQUE)
        forces = np.linalg.lstsq(jacobian.T, torque, rcond=None)[0]
        rest: Array = torque - jacobian.T @ forces
        return rest
