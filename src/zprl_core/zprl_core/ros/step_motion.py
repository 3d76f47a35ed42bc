"""Judges by the arms' reports whether a recorded control step was commanded, or a pause."""

from collections.abc import Mapping
from enum import Enum

import numpy as np

from zprl_core.action import ArmTarget
from zprl_core.arm_mode import ArmMode
from zprl_msgs.msg import ArmStatus

REST = 1e-5  # change of a target [m], or of an entry of its rotation matrix, below which the arm rests


class Motion(Enum):
    """The motion of the arms in a control step."""

    COMMANDED = "commanded"  # followed a command, or came to rest after a human's
    HELD = "held"  # an arm followed no command, although a policy drives it
    PAUSED = "paused"  # a human let the arms rest


class StepMotion:
    """Follows an episode step by step. A human may pause, and then neither arm nor gripper moves; a policy may not."""

    def __init__(self) -> None:
        self._by_policy = False  # the newest command was a policy's
        self._before: Mapping[str, ArmTarget] = {}  # targets of the step before

    def of(self, targets: Mapping[str, ArmTarget], reports: Mapping[str, ArmStatus]) -> Motion:
        """Judges the next step. `targets` and `reports`: what each arm executed and reported about it, by name."""
        before, self._before = self._before, targets
        for report in reports.values():
            if report.source:
                self._by_policy = not report.person
        if all(report.mode == ArmMode.STREAM for report in reports.values()):
            return Motion.COMMANDED
        if self._by_policy:
            return Motion.HELD
        grips = any(report.gripper == ArmStatus.GRIPPER_MOVING for report in reports.values())
        rests = not before or all(_same(before[name], target) for name, target in targets.items())
        return Motion.PAUSED if rests and not grips else Motion.COMMANDED


def _same(one: ArmTarget, other: ArmTarget) -> bool:
    if one.tool is None or other.tool is None:
        return one == other
    moved = np.subtract((*one.tool.position, one.width), (*other.tool.position, other.width))
    turned = one.tool.matrix - other.tool.matrix
    return bool(np.abs(moved).max() < REST and np.abs(turned).max() < REST)
