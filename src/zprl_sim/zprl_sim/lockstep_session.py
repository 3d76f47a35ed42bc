"""The simulated robot as its node sees it: states out, commands in. No ROS."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from zprl_core.action import ArmTarget
from zprl_core.observation import Observation
from zprl_sim.robot import SimRobot
from zprl_sim.sim_arm import MAX_WIDTH, WORKSPACE, SimArm, clamp
from zprl_sim.tasks.mount import Box


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
class ArmSample:
    """One arm at one instant, and what it did in the control step before."""

    positions: npt.NDArray[np.float64]  # (9,) arm [rad], fingers [m]
    velocities: npt.NDArray[np.float64]  # (9,)
    executed: ExecutedCommand


@dataclass(frozen=True)
class State:
    """Everything that is published about one instant."""

    observation: Observation
    arms: Mapping[str, ArmSample]  # by the arm's name
    success: bool
    ended: bool
    step: int


class LockstepSession:
    """A robot that keeps the last target of each arm, and remembers that an episode ended until the next reset."""

    def __init__(self, robot: SimRobot):
        self.robot = robot
        self._ended = False
        self._targets: dict[str, ArmTarget] = {}
        self.state = self.reset()

    def reset(self, seed: int | None = None) -> State:
        """A new scene; the arm waits where it starts."""
        observation = self.robot.reset(seed)
        self._ended = False
        self._targets = {arm.name: ArmTarget(arm.pose(self.robot.data), MAX_WIDTH) for arm in self.robot.arms}
        idle = {name: ExecutedCommand(Doing.IDLE, target) for name, target in self._targets.items()}
        self.state = self._look(observation, idle)
        return self.state

    def advance(self, targets: Mapping[str, ArmTarget], reasons: Mapping[str, str]) -> State:
        """One control step towards the `targets`; an arm without one holds its last, and `reasons` has why."""
        executed = {}
        for arm in self.robot.arms:
            if arm.name in targets:
                executed[arm.name] = self._guarded(arm, targets[arm.name])
            else:
                reason = reasons.get(arm.name, "no new command")
                executed[arm.name] = ExecutedCommand(Doing.HOLD, self._targets[arm.name], reason=reason)
        self._targets = {name: command.target for name, command in executed.items()}
        self.state = self._look(self.robot.step_arms(self._targets), executed)
        return self.state

    def _guarded(self, arm: SimArm, target: ArmTarget) -> ExecutedCommand:
        """A width that is no number leaves the gripper as it is."""
        if math.isnan(target.width):
            target = replace(target, width=self._targets[arm.name].width)
        if not target.joints:
            return guarded(target, arm.workspace, arm.tilt)
        joints, why = arm.allowed(self.robot.data, target.joints)
        safe = ArmTarget(None, min(max(target.width, 0.0), MAX_WIDTH), joints)
        return ExecutedCommand(Doing.STREAM, safe, bool(why) or safe.width != target.width, why)

    def _look(self, observation: Observation, executed: Mapping[str, ExecutedCommand]) -> State:
        robot = self.robot
        success = robot.success
        self._ended = self._ended or success or robot.timed_out
        arms = {
            arm.name: ArmSample(arm.positions(robot.data).copy(), arm.velocities(robot.data).copy(), executed[arm.name])
            for arm in robot.arms
        }
        return State(observation, arms, success, self._ended, robot.steps)


def guarded(target: ArmTarget, workspace: Box = WORKSPACE, tilt: float = 0.0) -> ExecutedCommand:
    """The target inside workspace and gripper. Raises ValueError when a number is not finite."""
    tool = target.pose
    if not all(math.isfinite(v) for v in (*tool.six, target.width)):
        raise ValueError(f"the command {target} is not finite")
    safe = ArmTarget(clamp(tool, workspace, tilt), min(max(target.width, 0.0), MAX_WIDTH))
    requested, allowed = (*tool.position, target.width), (*safe.pose.position, safe.width)
    limits = dict(zip(("x", "y", "z", "width"), (*workspace, (0.0, MAX_WIDTH)), strict=True))
    reasons = [
        f"{name}={a:.3f} is outside {low:g}..{high:g} m"
        for (name, (low, high)), a, b in zip(limits.items(), requested, allowed, strict=True)
        if a != b
    ]
    for name, a, b in (("roll", tool.roll, safe.pose.roll), ("pitch", tool.pitch, safe.pose.pitch)):
        if a != b:
            reasons.append(f"{name}={a:.3f} is outside {-tilt:g}..{tilt:g} rad")
    return ExecutedCommand(Doing.STREAM, safe, bool(reasons), "; ".join(reasons))
