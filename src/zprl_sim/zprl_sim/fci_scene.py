"""The scene of a task as a torque-controlled arm: what the simulated FCI steps at 1 kHz."""

import mujoco
import numpy as np
import numpy.typing as npt

from zprl_sim.robot import SimRobot
from zprl_sim.tasks.task import Task

Array = npt.NDArray[np.float64]

TICK_S = 0.001  # Franka's control period
SMOOTHING = 0.03  # of a new sample in the filtered external torques and wrench: about 5 Hz
MAX_FORCE = 60.0  # of the fingers [N]
STIFFNESS, DAMPING = 5000.0, 45.0  # of a finger's servo [N/m, N s/m]


class TorqueScene(SimRobot):
    """SimRobot's scene with torques in place of its position servos. Not safe across threads: lock around it."""

    def __init__(self, task: Task, deployed: bool, seed: int):
        super().__init__(task, deployed, seed)
        self.model.opt.timestep = TICK_S
        self.model.opt.disableflags |= mujoco.mjtDisableBit.mjDSBL_ACTUATION
        # Franka's controller and libfranka's model compensate the arm's weight: here it has to have one
        arm = [*(f"fr3_link{i}" for i in range(8)), "hand"]
        for name in arm:
            self.model.body_gravcomp[self.model.body(name).id] = 0.0
        self._is_robot = self._robot_bodies()
        self._jacobian = np.zeros((3, self.model.nv)), np.zeros((3, self.model.nv))
        self._force = np.zeros(6)
        self._finger_goal = self._finger_now = self.width / 2
        self._finger_speed, self._finger_force = 0.05, MAX_FORCE
        self.tau_ext = np.zeros(7)
        self.wrench = np.zeros(6)  # at the tool, in the base frame [N, N m]

    def place_things(self, seed: int | None = None) -> None:
        """Draw the objects' places anew and put them there; the arm stays where it is."""
        if seed is not None:
            self.rng = np.random.default_rng(seed)
        for thing in self.task.things:
            box = thing.place if self.deployed else self.task.covered[thing.name]
            self._place(thing, box.sample(self.rng, thing.z))
        self.data.qvel[9:] = 0.0
        mujoco.mj_forward(self.model, self.data)

    def set_torques(self, torques: Array) -> None:
        """(7,) torques of the arm's motors for the next tick [N m]."""
        self.data.qfrc_applied[:7] = torques

    def set_fingers(self, width: float, speed: float, force: float) -> None:
        """Open or close the gripper: opening [m], speed of the opening [m/s], force [N]."""
        self._finger_goal = float(np.clip(width / 2, 0.0, 0.04))
        self._finger_speed, self._finger_force = speed / 2, min(force, MAX_FORCE)
        self._finger_now = self.width / 2

    def tick(self) -> None:
        """One millisecond."""
        self._drive_fingers()
        mujoco.mj_step(self.model, self.data)
        tau, wrench = self._contacts()
        self.tau_ext += SMOOTHING * (tau - self.tau_ext)
        self.wrench += SMOOTHING * (wrench - self.wrench)

    def tool_motion(self) -> tuple[Array, Array]:
        """Position [m] and velocity [m/s] of the tool, in the base frame."""
        linear, angular = self._jacobian
        mujoco.mj_jacSite(self.model, self.data, linear, angular, self.kinematics.site)
        return self.data.site_xpos[self.kinematics.site].copy(), linear @ self.data.qvel

    def _drive_fingers(self) -> None:
        reach = self._finger_speed * TICK_S
        self._finger_now += float(np.clip(self._finger_goal - self._finger_now, -reach, reach))
        q, dq = self.data.qpos[7:9], self.data.qvel[7:9]
        force = STIFFNESS * (self._finger_now - q) - DAMPING * dq
        self.data.qfrc_applied[7:9] = np.clip(force, -self._finger_force, self._finger_force)

    def _contacts(self) -> tuple[Array, Array]:
        """Torques (7,) and wrench (6,) that the robot exerts on what it touches.

        The sign is Franka's: pressing down on a table gives a negative force along z.
        """
        tau, wrench = np.zeros(7), np.zeros(6)
        tool = self.data.site_xpos[self.kinematics.site]
        linear, angular = self._jacobian
        for i in range(self.data.ncon):
            contact = self.data.contact[i]
            first, second = self.model.geom_bodyid[contact.geom1], self.model.geom_bodyid[contact.geom2]
            if self._is_robot[first] == self._is_robot[second]:
                continue
            mujoco.mj_contactForce(self.model, self.data, i, self._force)  # of the first geom on the second
            frame = contact.frame.reshape(3, 3).T * (1.0 if self._is_robot[first] else -1.0)
            force, torque = frame @ self._force[:3], frame @ self._force[3:]
            body = first if self._is_robot[first] else second
            mujoco.mj_jac(self.model, self.data, linear, angular, contact.pos, body)
            tau += linear[:, :7].T @ force + angular[:, :7].T @ torque
            wrench += np.concatenate([force, torque + np.cross(contact.pos - tool, force)])
        return tau, wrench

    def _robot_bodies(self) -> list[bool]:
        root = self.model.body("base").id
        return [bool(self.model.body_rootid[b] == root) for b in range(self.model.nbody)]
