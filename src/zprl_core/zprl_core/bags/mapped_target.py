"""Targets of arms in demonstrations of another recorder: commanded, or measured one step later."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from zprl_core.action import ArmTarget
from zprl_core.arm_action import ArmAction, CartesianAction
from zprl_core.observation import WIDTH, Observation, Pose, Sample

REST = 5e-4  # distance [m, rad] below which a measured arm rests


@dataclass(frozen=True)
class MappedTarget:
    """Makes targets of samples, and judges whether they move an arm."""

    commanded: frozenset[str]  # streams whose commands were recorded
    closed_below_m: float = 0.0  # a measured opening below this was commanded to close; 0: none was

    def target(self, arm: ArmAction, samples: Mapping[str, Sample]) -> ArmTarget:
        """Returns the target of an arm. `samples`: what was commanded, or else measured in the next step."""
        motion, width = samples[arm.stream], self._width(arm, samples)
        if isinstance(arm.motion, CartesianAction):
            assert isinstance(motion, Pose)
            return ArmTarget(motion, width)
        return ArmTarget(None, width, tuple(float(q) for q in motion))  # type: ignore[union-attr]

    def moves(self, arm: ArmAction, target: ArmTarget, seen: Observation) -> bool:
        """Returns whether a target is elsewhere than the arm, or opens or closes the gripper."""
        here, width = seen.samples[arm.stream], seen.samples.get(arm.topic(WIDTH), target.width)
        closed = arm.topic(WIDTH) not in self.commanded and width < self.closed_below_m  # type: ignore[operator]
        apart = 0.0 if closed and target.width == 0.0 else abs(target.width - float(width))  # type: ignore[arg-type]
        if apart > REST:  # not of an arm without gripper, where it is nan
            return True
        if target.tool is None:
            return bool(np.abs(np.subtract(target.joints, np.asarray(here))).max() > REST)
        assert isinstance(here, Pose)
        moved = np.abs(np.subtract(target.tool.position, here.position)).max()
        return bool(max(moved, np.abs(target.tool.matrix - here.matrix).max() / 2) > REST)

    def _width(self, arm: ArmAction, samples: Mapping[str, Sample]) -> float:
        name = arm.topic(WIDTH)
        if arm.gripper is None:
            return float("nan")
        width = samples[name]
        assert isinstance(width, float)
        closes = name not in self.commanded and width < self.closed_below_m
        return 0.0 if closes else min(width, arm.gripper.open_width_m)
