"""The slow motion home of a reset, through franky. Made on any thread; driven on the worker's thread only."""

import math
from typing import Any

import numpy as np

from zprl_hardware.franka.config import FrankyConfig
from zprl_hardware.franka.conversions import affine, pose_from_franky


class Homing:
    """Raises the tool straight up to `reset_height`, free of what it is in, then moves the joints to `home`."""

    def __init__(self, config: FrankyConfig):
        self.progress = 0.0  # 1: the motion has ended, at home or not
        self.risen = False  # the tool is above `reset_height`, and the joints start to move home
        self._config = config
        self._robot: Any = None
        self._motions: list[Any] = []  # the ones not started yet

    def begin(self, robot: Any) -> None:
        """Start from the present pose of the tool."""
        import franky

        c, pose = self._config, pose_from_franky(robot.current_pose.end_effector_pose)
        self._robot = robot
        self._motions = [franky.JointMotion(list(c.home), relative_dynamics_factor=c.reset_dynamics)]
        if pose[2] < c.reset_height:
            above = affine((*pose[:2], c.reset_height, *pose[3:]))
            self._motions.insert(0, franky.CartesianMotion(above, relative_dynamics_factor=c.reset_dynamics))
        self._next()

    def watch(self, joints: tuple[float, ...]) -> None:
        """Update the progress, many times a second. Raises franky's error when a motion did not end by itself."""
        if self._robot.poll_motion():
            if not self._motions:
                return self.end()
            self._next()
        left = float(np.max(np.abs(np.subtract(joints, self._config.home))))
        self.progress = min(0.99, math.exp(-left))

    def end(self) -> None:
        """Mark the motion as ended, at home or abandoned."""
        self.progress = 1.0

    def _next(self) -> None:
        self.risen = len(self._motions) == 1
        self._robot.move(self._motions.pop(0), asynchronous=True)
