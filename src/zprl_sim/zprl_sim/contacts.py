"""External forces on the robot, from MuJoCo's contacts."""

import numpy as np
import numpy.typing as npt

from zprl_sim.rendering import mujoco

Array = npt.NDArray[np.float64]


class ContactSensor:
    """Computes the torques and the wrench that the robot exerts on its environment."""

    def __init__(self, model: mujoco.MjModel, site: int):
        """`site` is the tool site, the reference point of the wrench's torque."""
        self.model, self.site = model, site
        root = model.body("base").id
        self._is_robot = [bool(model.body_rootid[body] == root) for body in range(model.nbody)]
        self._jacobian = np.zeros((3, model.nv)), np.zeros((3, model.nv))
        self._force = np.zeros(6)

    def read(self, data: mujoco.MjData) -> tuple[Array, Array]:
        """Returns joint torques (7,) [N m] and the wrench (6,) in the base frame [N, N m].

        The sign follows Franka: pressing down on a table gives a negative force along z.
        """
        tau, wrench = np.zeros(7), np.zeros(6)
        linear, angular = self._jacobian
        for i in range(data.ncon):
            contact = data.contact[i]
            first, second = self.model.geom_bodyid[contact.geom1], self.model.geom_bodyid[contact.geom2]
            if self._is_robot[first] == self._is_robot[second]:
                continue
            mujoco.mj_contactForce(self.model, data, i, self._force)  # force of the first geom on the second
            frame = contact.frame.reshape(3, 3).T * (1.0 if self._is_robot[first] else -1.0)
            force, torque = frame @ self._force[:3], frame @ self._force[3:]
            body = first if self._is_robot[first] else second
            mujoco.mj_jac(self.model, data, linear, angular, contact.pos, body)
            tau += linear[:, :7].T @ force + angular[:, :7].T @ torque
            wrench += np.concatenate([force, torque + np.cross(contact.pos - data.site_xpos[self.site], force)])
        return tau, wrench
