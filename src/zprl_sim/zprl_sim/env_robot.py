"""Adapts the environment to `zprl.training.rollout.Robot` for the in-process loop."""

import numpy as np
import numpy.typing as npt

from zprl.training.rollout import Step
from zprl_core.observation import Observation
from zprl_sim.env import ArmEnv


class EnvRobot:
    """A simulated robot that waits for its next action."""

    def __init__(self, env: ArmEnv):
        self.env = env

    def restart(self, seed: int) -> Observation:
        """Resets to the scene of `seed`."""
        observation: Observation = self.env.reset(seed=seed)[1]["observation"]
        return observation

    def apply(self, action: npt.NDArray[np.float32]) -> Step:
        """Makes one control step."""
        _, reward, terminated, truncated, info = self.env.step(action)
        return Step(info["observation"], float(reward), terminated, truncated)

    def render(self) -> npt.NDArray[np.uint8]:
        """Returns an image (h, w, 3) of the scene; the environment must render `rgb_array`."""
        frame: npt.NDArray[np.uint8] = self.env.render()
        return frame

    def close(self) -> None:
        self.env.close()
