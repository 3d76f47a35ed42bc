"""The scene of a task with a torque-controlled arm, which the simulated FCI steps at 1 kHz."""

import numpy as np
import numpy.typing as npt

from zprl_sim.contacts import ContactSensor
from zprl_sim.rendering import mujoco
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.task import Task

Array = npt.NDArray[np.float64]

TICK_S = 0.001  # Franka's control period
SMOOTHING = 0.03  # weight of a new sample in the filtered external torques and wrench: about 5 Hz
MAX_FORCE = 60.0  # greatest force of the fingers [N]
STIFFNESS, DAMPING = 5000.0, 45.0  # gains of a finger's servo [N/m, N s/m]


class TorqueScene(SimRobot):
    """SimRobot's scene with torques in place of position servos. Not thread-safe; the caller must lock."""

    def __init__(self, task: Task, deployed: bool, seed: int):
        super().__init__(task, deployed, seed)
        self.model.opt.timestep = TICK_S
        self.model.opt.disableflags |= mujoco.mjtDisableBit.mjDSBL_ACTUATION
        # Franka's controller and libfranka's model compensate gravity, so the simulated arm must have weight
        arm = [*(f"fr3_link{i}" for i in range(8)), "hand"]
        for name in arm:
            self.model.body_gravcomp[self.model.body(name).id] = 0.0
        self._contact_sensor = ContactSensor(self.model, self.kinematics.site)
        self._jacobian = np.zeros((3, self.model.nv)), np.zeros((3, self.model.nv))
        self._finger_goal = self._finger_now = self.width / 2
        self._finger_speed, self._finger_force = 0.05, MAX_FORCE
        self.tau_ext = np.zeros(7)
        self.wrench = np.zeros(6)  # external wrench at the tool, in the base frame [N, N m]

    def set_torques(self, torques: Array) -> None:
        """Sets the torques (7,) of the arm's motors for the next tick [N m]."""
        self.data.qfrc_applied[:7] = torques

    def set_fingers(self, width: float, speed: float, force: float) -> None:
        """Opens or closes the gripper: opening [m], speed of the opening [m/s], force [N]."""
        self._finger_goal = float(np.clip(width / 2, 0.0, 0.04))
        self._finger_speed, self._finger_force = speed / 2, min(force, MAX_FORCE)
        self._finger_now = self.width / 2

    def tick(self) -> None:
        """Simulates one millisecond."""
        self._drive_fingers()
        mujoco.mj_step(self.model, self.data)
        tau, wrench = self._contact_sensor.read(self.data)
        self.tau_ext += SMOOTHING * (tau - self.tau_ext)
        self.wrench += SMOOTHING * (wrench - self.wrench)

    def tool_motion(self) -> tuple[Array, Array]:
        """Returns position [m] and velocity [m/s] of the tool in the base frame."""
        linear, angular = self._jacobian
        mujoco.mj_jacSite(self.model, self.data, linear, angular, self.kinematics.site)
        return self.data.site_xpos[self.kinematics.site].copy(), linear @ self.data.qvel

    def _drive_fingers(self) -> None:
        reach = self._finger_speed * TICK_S
        self._finger_now += min(max(self._finger_goal - self._finger_now, -reach), reach)
        most = self._finger_force
        for finger in (7, 8):
            force = STIFFNESS * (self._finger_now - self.data.qpos[finger]) - DAMPING * self.data.qvel[finger]
            self.data.qfrc_applied[finger] = min(max(force, -most), most)
