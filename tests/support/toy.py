"""A robot without physics, for tests of the method: reach a cube that is perceived in the wrong place, and lift it."""

import numpy as np
import numpy.typing as npt

from zprl.training.demos import Demos
from zprl.training.rollout import Step
from zprl_core.action_spec import PLANAR
from zprl_core.observation import Observation, Pose
from zprl_core.observation_spec import arm_observation

LIMIT = 50  # control steps
REACH_M = 0.012  # a grasp holds when the tool is this close to the cube, along x and along y
SPEC = arm_observation(("cube",))


class ToyRobot:
    """The tool goes where it is told; the fingers move 2 cm a step."""

    def __init__(self, seen_off_by: tuple[float, float] = (0.016, 0.008)):
        self.seen_off_by = np.array([*seen_off_by, 0.0])
        self.stamp = 0

    def restart(self, seed: int) -> Observation:
        rng = np.random.default_rng(seed)
        self.cube = np.array([0.5 + rng.uniform(-0.1, 0.1), rng.uniform(-0.1, 0.1), 0.02])
        self.tool = np.array([0.45, 0.0, 0.2]) + rng.uniform(-0.02, 0.02, 3)
        self.width, self.held, self.steps = 0.08, False, 0
        return self._observe()

    def apply(self, action: npt.NDArray[np.float32]) -> Step:
        target = PLANAR.target(action, self._observe())
        self.tool = np.maximum(target.tool.position, [-1.0, -1.0, 0.01])
        self.width += float(np.clip(target.width - self.width, -0.02, 0.02))
        near = bool(np.all(np.abs(self.tool - self.cube) < REACH_M))
        self.held = self.width < 0.05 and (self.held or near)
        if self.held:
            self.cube = self.tool.copy()
        self.steps += 1
        success = self.held and self.tool[2] > 0.12
        return Step(self._observe(), float(success), success, not success and self.steps == LIMIT)

    def _observe(self) -> Observation:
        self.stamp += 50_000_000
        seen = Pose(tuple(self.cube + self.seen_off_by), 0.0)
        return Observation.of_arm(self.stamp, Pose(tuple(self.tool), 0.0), self.width, {"cube": seen})


def toy_demos(episodes: int, seed: int = 0, offset_m: float = 0.006) -> Demos:
    """Demonstrations with a grasp offset that lasts an episode."""
    rng, robot = np.random.default_rng(seed), ToyRobot((0.0, 0.0))
    states, actions, ends = [], [], []
    for k in range(episodes):
        seen, off, closing = robot.restart(seed * 1000 + k), rng.normal(0, offset_m, 3) * [1, 1, 0], 0
        while True:
            to = np.array(seen.objects["cube"].position) + off - seen.tool.position
            above = np.linalg.norm(to[:2]) > 0.01
            goal = to + np.array([0, 0, 0.08]) if above and closing == 0 else to
            if closing == 0 and np.linalg.norm(to) < 0.008:
                closing = 1
            if closing:
                closing += 1
                goal = np.array([0, 0, 0.02 if closing > 5 else 0.0])
            a = np.array([*np.clip(goal / 0.02, -1, 1), 0.0, -1.0 if closing else 1.0], dtype=np.float32)
            states.append(SPEC.state(seen))
            actions.append(a)
            step = robot.apply(a)
            seen = step.observation
            if step.terminated or step.truncated:
                break
        ends.append(len(states))
    return Demos(np.asarray(states), np.asarray(actions), np.asarray(ends), "toy", seed, SPEC)
