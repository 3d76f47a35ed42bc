"""A scripted demonstrator who goes through a task's waypoints, as imperfectly as asked."""

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
GAIN = 1.3  # a little more than the distance, since the arm lags


class Expert:
    """One episode's demonstrator. Quality 1 is perfect, quality 0 as clumsy as the task says, each hand for itself."""

    def __init__(self, task: Task, quality: float, rng: np.random.Generator):
        if not 0.0 <= quality <= 1.0:
            raise ValueError(f"quality must lie in [0, 1], got {quality}")
        self.task, self._planned = task, False
        self.hands = tuple(Hand(mount, task.imperfections, quality, rng, task.tilt > 0.0) for mount in task.arms)

    def act(self, seen: Observation) -> npt.NDArray[np.float32]:
        """(A,) action for what is perceived; the plan is made from the first observation."""
        if not self._planned:
            plan = self.task.plan(dict(seen.objects))
            for hand in self.hands:
                hand.plan = tuple(waypoint for waypoint in plan if waypoint.arm == hand.mount.arm)
            self._planned = True
        tools = [seen.pose(hand.mount.topic(TOOL)) for hand in self.hands]
        there = [hand.arrived(tool) for hand, tool in zip(self.hands, tools, strict=True)]
        met = all(there) and all(hand.waypoint.together for hand in self.hands)
        for hand, arrived in zip(self.hands, there, strict=True):
            if arrived and (met or not hand.waypoint.together):
                hand.go_on()
        return np.concatenate([hand.act(tool) for hand, tool in zip(self.hands, tools, strict=True)])


class Hand:
    """The demonstrator's hand at one arm, with flaws that last an episode."""

    plan: tuple[Waypoint, ...] = ()  # its own part

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
        """Where it is going."""
        return self.plan[self._at]

    def go_on(self) -> None:
        """Take the next waypoint."""
        self._at, self._dwelt = self._at + 1, 0

    def act(self, tool: Pose) -> npt.NDArray[np.float32]:
        """(5,) action when the tool is at `tool`, (7,) of a hand that tilts."""
        waypoint = self.waypoint
        grip = 1.0 if waypoint.open else -1.0
        if self._hesitates():
            return np.array([*np.zeros(6 if self.tilts else 4), grip], dtype=np.float32)
        move = np.clip(GAIN * self._error(waypoint, tool) / self._step(), -1, 1) * self.speed
        return np.array([*move, grip], dtype=np.float32)

    def arrived(self, tool: Pose) -> bool:
        """Whether it has been at its waypoint for long enough, and there is another one. Call it once a step."""
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
