"""The simulated robot as its node sees it: states out, commands in. No ROS."""

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from zprl_core.action import ArmTarget
from zprl_core.observation import Observation, Pose
from zprl_sim.robot import MAX_WIDTH, WORKSPACE, SimRobot, clamp


class Doing(IntEnum):
    """What the arm does. Numbers as in ArmStatus."""

    IDLE = 1
    STREAM = 2
    HOLD = 4


@dataclass(frozen=True)
class ExecutedCommand:
    """What the arm was told in the last control step, and why it was not what was asked for."""

    doing: Doing
    target: ArmTarget
    clipped: bool = False
    reason: str = ""


@dataclass(frozen=True)
class State:
    """Everything that is published about one instant."""

    observation: Observation
    positions: npt.NDArray[np.float64]  # (9,) arm [rad], fingers [m]
    velocities: npt.NDArray[np.float64]  # (9,)
    executed: ExecutedCommand
    success: bool
    ended: bool
    step: int


class LockstepSession:
    """A robot that keeps its last target, and remembers that an episode ended until the next reset."""

    def __init__(self, robot: SimRobot):
        self.robot = robot
        self._ended = False
        self._target = ArmTarget(Pose((0.0, 0.0, 0.0), 0.0), 0.0)
        self.state = self.reset()

    def reset(self, seed: int | None = None) -> State:
        """A new scene; the arm waits where it starts."""
        observation = self.robot.reset(seed)
        self._ended = False
        self._target = ArmTarget(observation.tool, MAX_WIDTH)
        self.state = self._look(observation, ExecutedCommand(Doing.IDLE, self._target))
        return self.state

    def advance(self, target: ArmTarget | None, reason: str = "") -> State:
        """One control step towards `target`, or with the last one held, and the `reason` why."""
        if target is None:
            executed = ExecutedCommand(Doing.HOLD, self._target, reason=reason)
        else:
            executed = guarded(target)
        self._target = executed.target
        self.state = self._look(self.robot.step(executed.target), executed)
        return self.state

    def _look(self, observation: Observation, executed: ExecutedCommand) -> State:
        robot = self.robot
        success = robot.success
        self._ended = self._ended or success or robot.timed_out
        return State(
            observation,
            robot.joint_positions,
            robot.joint_velocities,
            executed,
            success,
            self._ended,
            robot.steps,
        )


def guarded(target: ArmTarget) -> ExecutedCommand:
    """The target inside workspace and gripper. Raises ValueError when a number is not finite."""
    tool = target.pose
    if not all(math.isfinite(v) for v in (*tool.six, target.width)):
        raise ValueError(f"the command {target} is not finite")
    safe = ArmTarget(clamp(tool), min(max(target.width, 0.0), MAX_WIDTH))
    requested, allowed = (*tool.position, target.width), (*safe.pose.position, safe.width)
    limits = dict(zip(("x", "y", "z", "width"), (*WORKSPACE, (0.0, MAX_WIDTH)), strict=True))
    reasons = [
        f"{name}={a:.3f} is outside {low:g}..{high:g} m"
        for (name, (low, high)), a, b in zip(limits.items(), requested, allowed, strict=True)
        if a != b
    ]
    return ExecutedCommand(Doing.STREAM, safe, bool(reasons), "; ".join(reasons))
