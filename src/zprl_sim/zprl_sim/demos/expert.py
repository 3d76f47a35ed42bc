"""A scripted demonstrator that follows a task's waypoints with adjustable imperfections."""

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from zprl_core.arm_action import CartesianAction
from zprl_core.observation import TOOL, Observation, Pose
from zprl_core.rotation import to_vector
from zprl_sim.tasks.mount import ArmMount
from zprl_sim.tasks.task import Imperfections, Task
from zprl_sim.tasks.waypoints import Waypoint

SCALE = CartesianAction()
GAIN = 1.3  # above 1, because the arm lags


class Expert:
    """Demonstrates one episode. Quality 1 is perfect; quality 0 has the task's imperfections, drawn for each arm."""

    def __init__(self, task: Task, quality: float, rng: np.random.Generator):
        if not 0.0 <= quality <= 1.0:
            raise ValueError(f"quality must be in [0, 1], got {quality}")
        self.task, self._planned = task, False
        self.arms = tuple(ArmExpert(mount, task.imperfections, quality, rng, task.tilt > 0.0) for mount in task.arms)

    def act(self, seen: Observation) -> npt.NDArray[np.float32]:
        """Returns the action (A,) for an observation; the first observation determines the plan."""
        if not self._planned:
            plan = self.task.plan(dict(seen.objects))
            for arm in self.arms:
                arm.plan = tuple(waypoint for waypoint in plan if waypoint.arm == arm.mount.arm)
            self._planned = True
        tools = [seen.pose(arm.mount.topic(TOOL)) for arm in self.arms]
        there = [arm.arrived(tool) for arm, tool in zip(self.arms, tools, strict=True)]
        met = all(there) and all(arm.waypoint.together for arm in self.arms)
        for arm, arrived in zip(self.arms, there, strict=True):
            if arrived and (met or not arm.waypoint.together):
                arm.go_on()
        return np.concatenate([arm.act(tool) for arm, tool in zip(self.arms, tools, strict=True)])


class ArmExpert:
    """Moves one arm through its waypoints, with imperfections that last an episode."""

    plan: tuple[Waypoint, ...] = ()  # this arm's waypoints

    def __init__(
        self, mount: ArmMount, flaw: Imperfections, quality: float, rng: np.random.Generator, tilts: bool = False
    ):
        clumsy = 1.0 - quality
        self.mount, self.flaw, self.rng, self.tilts = mount, flaw, rng, tilts
        self.offset = rng.normal(0.0, clumsy * flaw.offset_m, 2)
        self.turn = rng.normal(0.0, clumsy * flaw.offset_rad)
        self.speed = 1.0 - clumsy * rng.uniform(0.0, 1.0 - flaw.slowest)
        self.pause = clumsy * flaw.pause
        self.haste = clumsy * rng.uniform(0.0, flaw.haste_m)
        self._at = self._dwelt = self._pausing = 0

    @property
    def waypoint(self) -> Waypoint:
        """The waypoint that the arm moves to."""
        return self.plan[self._at]

    def go_on(self) -> None:
        """Proceeds to the next waypoint."""
        self._at, self._dwelt = self._at + 1, 0

    def act(self, tool: Pose) -> npt.NDArray[np.float32]:
        """Returns the action (5,) for a tool at `tool`; (7,) if the gripper tilts."""
        waypoint = self.waypoint
        grip = 1.0 if waypoint.open else -1.0
        if self._hesitates():
            return np.array([*np.zeros(6 if self.tilts else 4), grip], dtype=np.float32)
        move = np.clip(GAIN * self._error(waypoint, tool) / self._step(), -1, 1) * self.speed
        return np.array([*move, grip], dtype=np.float32)

    def arrived(self, tool: Pose) -> bool:
        """Returns True once the arm has dwelt at its waypoint and another one follows. Call it once per step."""
        waypoint = self.waypoint
        if self._at == len(self.plan) - 1:
            return False
        tolerance = waypoint.tolerance_m + (self.haste if waypoint.grasp else 0.0)
        error = self._error(waypoint, tool)
        if np.linalg.norm(error[:3]) > tolerance or np.linalg.norm(error[3:]) > 0.15:
            return False
        self._dwelt += 1
        return self._dwelt > waypoint.dwell

    def _hesitates(self) -> bool:
        if self._pausing == 0 and self.rng.random() < self.pause:
            self._pausing = self.flaw.pause_steps
        self._pausing = max(0, self._pausing - 1)
        return self._pausing > 0

    def _error(self, waypoint: Waypoint, tool: Pose) -> npt.NDArray[np.float64]:
        to = np.subtract(waypoint.tool.position, tool.position)
        to[:2] += self.offset
        if self.tilts:
            wanted = replace(waypoint.tool, yaw=waypoint.tool.yaw + self.turn)
            return np.array([*to, *to_vector(wanted.matrix @ tool.matrix.T)])
        return np.array([*to, math.remainder(waypoint.tool.yaw + self.turn - tool.yaw, math.pi)])

    def _step(self) -> npt.NDArray[np.float64]:
        return np.array([SCALE.step_m] * 3 + [SCALE.step_rad] * (3 if self.tilts else 1))
