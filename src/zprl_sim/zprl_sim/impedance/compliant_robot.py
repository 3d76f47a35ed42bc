"""The simulated robot with latency and compliance of a Franka under impedance control."""

from collections.abc import Mapping

from zprl_core.action import ArmTarget
from zprl_core.observation import Observation
from zprl_sim.delayed_robot import DelayedRobot
from zprl_sim.impedance.tool_springs import ToolSprings
from zprl_sim.rendering import mujoco
from zprl_sim.robot import SUBSTEPS
from zprl_sim.settings import PHYSICS_S


class CompliantRobot(DelayedRobot):
    """A delayed robot whose tool hangs on springs, and whose gripper only opens and closes, as behind Franka's driver.

    A finger that lands on an object stays there, where a stiff arm would push it past. Follows tool targets only.
    """

    binary_gripper = True

    def reset(self, seed: int | None = None) -> Observation:
        observation = super().reset(seed)
        self._springs = {arm.name: ToolSprings(self.model, arm) for arm in self.arms}
        return observation

    def _drive(self, targets: Mapping[str, ArmTarget]) -> None:
        for name, delay in self._delays.items():
            delay.follow(self.data, targets[name], self._now_s)
        for _ in range(SUBSTEPS):
            self._now_s += PHYSICS_S
            for name, delay in self._delays.items():
                delay.move_fingers(self.data, PHYSICS_S)
                self._springs[name].pull(self.data, delay.setpoint(self._now_s))
            mujoco.mj_step(self.model, self.data)
        mujoco.mj_forward(self.model, self.data)
