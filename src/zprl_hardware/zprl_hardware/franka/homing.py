"""The slow way home of a reset, through franky. Made anywhere; driven in the worker's thread only."""

import math
from typing import Any

import numpy as np

from zprl_hardware.franka.config import FrankyConfig
from zprl_hardware.franka.conversions import affine, pose_from_franky


class Homing:
    """Straight up to `reset_height`, out of what the tool is in, then the joints to `home`."""

    def __init__(self, config: FrankyConfig):
        self.progress = 0.0  # 1: it has ended, there or not
        self._config = config
        self._robot: Any = None
        self._motions: list[Any] = []  # that are still to come

    def begin(self, robot: Any) -> None:
        """From where the tool is now."""
        import franky

        c, pose = self._config, pose_from_franky(robot.current_pose.end_effector_pose)
        self._robot = robot
        self._motions = [franky.JointMotion(list(c.home), relative_dynamics_factor=c.reset_dynamics)]
        if pose[2] < c.reset_height:
            above = affine((*pose[:2], c.reset_height, *pose[3:]))
            self._motions.insert(0, franky.CartesianMotion(above, relative_dynamics_factor=c.reset_dynamics))
        self._next()

    def watch(self, joints: tuple[float, ...]) -> None:
        """Look how far it is, many times a second. Raises what franky does when a motion did not end by itself."""
        if self._robot.poll_motion():
            if not self._motions:
                return self.end()
            self._next()
        left = float(np.max(np.abs(np.subtract(joints, self._config.home))))
        self.progress = min(0.99, math.exp(-left))

    def end(self) -> None:
        """There, or not any more on the way."""
        self.progress = 1.0

    def _next(self) -> None:
        self._robot.move(self._motions.pop(0), asynchronous=True)
