"""Adapts the scene to franky-sim's robot and simulator classes."""

from typing import Any

import numpy as np
import numpy.typing as npt
from franky_sim import FRANKA_TORQUE_LIMITS_HIGH, FRANKA_TORQUE_LIMITS_LOW, BaseRobot, BaseSimulator
from franky_sim.base_simulator import (
    FiniteDifferenceTracker,
    InnerRobotState,
    PoseDerivativeTracker,
    TrackedStateComponent,
)

from zprl_sim.fci.quick_state import QuickState
from zprl_sim.fci.scene import TorqueScene

# Gains of the internal controllers, equal to the scene's servos: franky-sim's damping is unstable here at 1 kHz.
KP = (4500.0, 4500.0, 3500.0, 3500.0, 2000.0, 2000.0, 2000.0)
LOWEST, HIGHEST = np.array(FRANKA_TORQUE_LIMITS_LOW), np.array(FRANKA_TORQUE_LIMITS_HIGH)
KV = (200.0, 200.0, 150.0, 150.0, 60.0, 60.0, 60.0)


class FciArm(BaseRobot):
    """An FR3 with the Franka Hand, driven by torques."""

    def __init__(self, scene: TorqueScene):
        self.scene = scene
        self._torques = np.zeros(7)
        self._state: InnerRobotState | None = None  # of this tick, which asks for it several times
        super().__init__(kp=KP, kv=KV)
        self._use_exact_commands()

    def kinematics(self, q: npt.NDArray[np.float64]) -> Any:
        """Returns the tool's pose (a pinocchio SE3) at q, copied because franky-sim shares one object for two poses."""
        return super().kinematics(q).copy()

    @property
    def state(self) -> QuickState:
        """The state of the last tick."""
        return QuickState.of(super().state)

    def set_hand_goal(self, width: float, max_velocity: float, max_force: float) -> None:
        """Opens or closes the Franka Hand: opening [m], speed [m/s], force [N]."""
        self.scene.set_fingers(width, max_velocity, max_force)

    def _get_hand_width(self) -> float:
        return self.scene.width

    def _torque_control(self, torques: npt.NDArray[np.float64]) -> None:
        self._torques = np.minimum(np.maximum(torques, LOWEST), HIGHEST)
        self.scene.set_torques(self._torques)
        self._state = None

    def tick(self) -> None:
        """Simulates one millisecond."""
        self.scene.tick()
        self._state = None

    def _get_state(self) -> InnerRobotState:
        if self._state is None:
            q, dq = self.scene.data.qpos[:7], self.scene.data.qvel[:7]
            self._state = InnerRobotState(tuple(q.tolist()), tuple(dq.tolist()), tuple(self._torques.tolist()))
        return self._state

    def _use_exact_commands(self) -> None:
        """Reports exact commanded velocity and acceleration, as Franka does; the driver plans from them.

        franky-sim smooths them over 20 ticks, so that a motion that preempts another would begin with a jerk.
        """
        components = self._tracked_state_components
        components["O_T_EE_c"].observers["fd"] = PoseDerivativeTracker(alpha=0.0)
        speed = components["O_dP_EE_c"]
        speed.observers["fd"] = FiniteDifferenceTracker(alpha=0.0)
        components["O_ddP_EE_c"] = TrackedStateComponent(
            lambda time, state: speed.observers["fd"].last_derivative, depends_on=(speed,)
        )

    def forget_commands(self) -> None:
        """Forgets the last motion, so that the first pose of a new one does not count as a step."""
        self._tracked_state_components["O_T_EE_c"].observers["fd"].clear()


class FciSimulator(BaseSimulator):
    """The simulator class of franky-sim for this scene: one robot, one tick at a time."""

    def __init__(self, arm: FciArm):
        super().__init__()
        self._arm = arm

    def _get_robots(self) -> list[BaseRobot]:
        return [self._arm]

    def _step(self) -> None:
        self._arm.tick()
