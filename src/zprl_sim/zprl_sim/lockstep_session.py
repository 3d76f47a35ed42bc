"""A session with the simulated robot: takes commands and returns states. No ROS."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from zprl_core.action import ArmTarget
from zprl_core.arm_mode import ArmMode
from zprl_core.observation import Observation
from zprl_sim.robot import SimRobot
from zprl_sim.sim_arm import MAX_WIDTH, WORKSPACE, SimArm, clamp
from zprl_sim.tasks.mount import Box


@dataclass(frozen=True)
class ExecutedCommand:
    """The command executed in the last control step, and why it differs from the requested one."""

    mode: ArmMode
    target: ArmTarget
    clipped: bool = False
    reason: str = ""


@dataclass(frozen=True)
class ArmSample:
    """The state of one arm at one instant, and the command executed in the previous control step."""

    positions: npt.NDArray[np.float64]  # (9,) arm [rad], fingers [m]
    velocities: npt.NDArray[np.float64]  # (9,)
    executed: ExecutedCommand


@dataclass(frozen=True)
class State:
    """The complete state that is published for one instant."""

    observation: Observation
    arms: Mapping[str, ArmSample]  # by arm name
    success: bool
    ended: bool
    step: int


class LockstepSession:
    """Steps a robot, keeping each arm's last target and, until the next reset, that the episode has ended."""

    def __init__(self, robot: SimRobot):
        self.robot = robot
        self._ended = False
        self._targets: dict[str, ArmTarget] = {}
        self.state = self.reset()

    def reset(self, seed: int | None = None) -> State:
        """Resets to a new scene, with the arms waiting at their start."""
        observation = self.robot.reset(seed)
        self._ended = False
        self._targets = {arm.name: ArmTarget(arm.pose(self.robot.data), MAX_WIDTH) for arm in self.robot.arms}
        idle = {name: ExecutedCommand(ArmMode.IDLE, target) for name, target in self._targets.items()}
        self.state = self._read(observation, idle)
        return self.state

    def advance(self, targets: Mapping[str, ArmTarget], reasons: Mapping[str, str]) -> State:
        """Makes one control step toward `targets`; an arm without one holds its last, and `reasons` says why."""
        executed = {}
        for arm in self.robot.arms:
            if arm.name in targets:
                executed[arm.name] = self._guarded(arm, targets[arm.name])
            else:
                reason = reasons.get(arm.name, "no new command")
                executed[arm.name] = ExecutedCommand(ArmMode.HOLD, self._targets[arm.name], reason=reason)
        self._targets = {name: command.target for name, command in executed.items()}
        self.state = self._read(self.robot.step_arms(self._targets), executed)
        return self.state

    def _guarded(self, arm: SimArm, target: ArmTarget) -> ExecutedCommand:
        """Returns the guarded command for an arm; a width of nan keeps the gripper as it is."""
        if math.isnan(target.width):
            target = replace(target, width=self._targets[arm.name].width)
        if not target.joints:
            return guarded(target, arm.workspace, arm.tilt)
        joints, why = arm.allowed(self.robot.data, target.joints)
        safe = ArmTarget(None, min(max(target.width, 0.0), MAX_WIDTH), joints)
        return ExecutedCommand(ArmMode.STREAM, safe, bool(why) or safe.width != target.width, why)

    def _read(self, observation: Observation, executed: Mapping[str, ExecutedCommand]) -> State:
        robot = self.robot
        success = robot.success
        self._ended = self._ended or success or robot.timed_out
        arms = {
            arm.name: ArmSample(arm.positions(robot.data).copy(), arm.velocities(robot.data).copy(), executed[arm.name])
            for arm in robot.arms
        }
        return State(observation, arms, success, self._ended, robot.steps)


def guarded(target: ArmTarget, workspace: Box = WORKSPACE, tilt: float = 0.0) -> ExecutedCommand:
    """Clips the target to workspace and gripper range. Raises ValueError when it is not finite."""
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
    return ExecutedCommand(ArmMode.STREAM, safe, bool(reasons), "; ".join(reasons))
