"""A task as a Gymnasium environment."""

from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Box

from zprl_core.latency import Latency
from zprl_core.obs import Obs
from zprl_core.observation import Observation
from zprl_sim.latency import make_robot
from zprl_sim.tasks.task import Task

Array = npt.NDArray[np.float32]


class ArmEnv(gymnasium.Env[Array, Array]):
    """Environment with observations (S,) and actions (A,) in [-1, 1]. Success gives reward 1 and ends the episode."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 20}  # noqa: RUF012

    def __init__(
        self,
        task: Task,
        deployed: bool = True,
        render_mode: str | None = None,
        latency: Latency = Latency.IDEAL,
        obs: Obs = Obs.STATE,
    ):
        """`obs`: with images, an observation has the state of the arms only, and info["observation"] has the images."""
        self.task, self.render_mode = task, render_mode
        self.robot = make_robot(task, latency, deployed, obs=obs)
        self._began_ns = 0
        self.observation_space = Box(-np.inf, np.inf, (self.robot.spec.state_size,), np.float32)
        self.action_space = Box(-1.0, 1.0, (task.action.size,), np.float32)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Array, dict[str, Any]]:
        super().reset(seed=seed)
        observation = self._observation = self.robot.reset(seed)
        self._began_ns = observation.stamp_ns
        return self._state(observation)

    def step(self, action: Array) -> tuple[Array, float, bool, bool, dict[str, Any]]:
        self._observation = self.robot.step_arms(self.task.action.targets(action, self._observation))
        state, info = self._state(self._observation)
        success = bool(info["success"])
        return state, float(success), success, not success and self.robot.timed_out, info

    def render(self) -> npt.NDArray[np.uint8]:
        return self.robot.render()

    def close(self) -> None:
        self.robot.close()

    def _state(self, observation: Observation) -> tuple[Array, dict[str, Any]]:
        # the same seed gives the same episode, including the stamps
        observation = replace(observation, stamp_ns=observation.stamp_ns - self._began_ns)
        info = {"success": self.robot.success, "observation": observation}
        return self.robot.spec.state(observation), info
