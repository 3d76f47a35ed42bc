"""Adapts a Gymnasium environment to `zprl.training.rollout.Robot`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zprl.training.rollout import Step
from zprl_core.observation import Observation
from zprl_sim.gymnasium_env.references import Env
from zprl_sim.gymnasium_env.spaces import ObservationStreams, action_spec

RATE_HZ = 20.0  # for an environment that does not specify its rate
RESETS = 4  # resets with one seed, to check that they agree
SUCCESS = ("success", "is_success")  # keys of `info`, in this order


class GymRobot:
    """Steps an environment, with reward 1 for success and 0 otherwise. Success ends the episode."""

    def __init__(self, env: Env):
        """Raises ValueError when one of the spaces is of a kind that a policy cannot use."""
        self.env = env
        self.streams = ObservationStreams.from_space(env.observation_space)
        self.action = action_spec(env.action_space, _rate_hz(env))
        self.seen: Any = None  # the newest observation as the environment gave it
        self._steps = 0

    def restart(self, seed: int) -> Observation:
        """Resets the environment with `seed`."""
        self.seen, self._steps = self.env.reset(seed=seed)[0], 0
        return self._observation()

    def apply(self, action: npt.NDArray[np.float32]) -> Step:
        """Makes one step with an action in [-1, 1]. Only the time limit counts as truncation."""
        assert self.action.vector is not None
        space = self.env.action_space
        value = np.clip(self.action.vector.value(action), space.low, space.high).astype(space.dtype)  # type: ignore[attr-defined]
        self.seen, reward, terminated, truncated, info = self.env.step(value)
        self._steps += 1
        success = succeeded(float(reward), bool(terminated), info)
        ended = success or bool(terminated)
        return Step(self._observation(), float(success), ended, not ended and bool(truncated))

    @property
    def repeatable(self) -> bool:
        """True if resets with the same seed give the same state; False for an environment that ignores the seed."""
        first, *others = (self.streams.spec.state(self.restart(0)) for _ in range(RESETS))
        return all(np.allclose(state, first, atol=1e-4) for state in others)

    def render(self) -> npt.NDArray[np.uint8]:
        """Returns an image (h, w, 3). Raises RuntimeError when the environment cannot render here."""
        try:
            frame = np.asarray(self.env.render())
        except Exception as error:  # the renderer of another package may raise anything
            raise RuntimeError(f"the environment cannot be rendered ({type(error).__name__}: {error})") from error
        if frame.ndim != 3 or frame.dtype != np.uint8:
            raise RuntimeError(f"the environment renders {frame.dtype} of shape {frame.shape}, not a color image")
        return frame

    def close(self) -> None:
        """Closes the environment."""
        self.env.close()

    def _observation(self) -> Observation:
        stamp_ns = round(self._steps * 1e9 / self.action.rate_hz)
        return Observation(stamp_ns, self.streams.samples(self.seen))


def succeeded(reward: float, terminated: bool, info: Mapping[str, Any]) -> bool:
    """Returns the success in `info`; without it, termination with reward > 0 is success."""
    for key in SUCCESS:
        if key in info:
            return bool(info[key])
    return terminated and reward > 0.0


def _rate_hz(env: Env) -> float:
    """Returns the control steps per second, which environments specify as render_fps."""
    rate = env.metadata.get("render_fps")
    return float(rate) if isinstance(rate, int | float) and 0.0 < rate <= 1000.0 else RATE_HZ
