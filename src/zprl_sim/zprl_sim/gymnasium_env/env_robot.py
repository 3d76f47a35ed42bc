"""A Gymnasium environment as `zprl.training.rollout.Robot`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zprl.training.rollout import Step
from zprl_core.observation import Observation
from zprl_sim.gymnasium_env.references import Env
from zprl_sim.gymnasium_env.spaces import ObservationStreams, action_spec

RATE_HZ = 20.0  # of an environment that does not say its own
RESETS = 4  # by one seed, to see whether it counts
SUCCESS = ("success", "is_success")  # keys of `info`, in this order


class GymRobot:
    """Steps an environment, with the reward 1 where it succeeds and 0 elsewhere. Success ends the episode."""

    def __init__(self, env: Env):
        """Raises ValueError when one of the spaces is of a kind that a policy cannot use."""
        self.env = env
        self.streams = ObservationStreams.from_space(env.observation_space)
        self.action = action_spec(env.action_space, _rate_hz(env))
        self.seen: Any = None  # the newest observation as the environment gave it
        self._steps = 0

    def restart(self, seed: int) -> Observation:
        """Reset the environment by `seed`."""
        self.seen, self._steps = self.env.reset(seed=seed)[0], 0
        return self._observation()

    def apply(self, action: npt.NDArray[np.float32]) -> Step:
        """One step with an action in [-1, 1]. A failure ends the episode, and only the time limit is bootstrapped."""
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
        """Whether resets by one seed give one state. They do not where an environment ignores the seed."""
        first, *others = (self.streams.spec.state(self.restart(0)) for _ in range(RESETS))
        return all(np.allclose(state, first, atol=1e-4) for state in others)

    def render(self) -> npt.NDArray[np.uint8]:
        """(h, w, 3) picture. Raises RuntimeError when the environment cannot draw here."""
        try:
            frame = np.asarray(self.env.render())
        except Exception as error:  # whatever the renderer of another package raises
            raise RuntimeError(f"the environment cannot be rendered ({type(error).__name__}: {error})") from error
        if frame.ndim != 3 or frame.dtype != np.uint8:
            raise RuntimeError(f"the environment renders {frame.dtype} of shape {frame.shape}, not a color image")
        return frame

    def close(self) -> None:
        """Close the environment."""
        self.env.close()

    def _observation(self) -> Observation:
        stamp_ns = round(self._steps * 1e9 / self.action.rate_hz)
        return Observation(stamp_ns, self.streams.samples(self.seen))


def succeeded(reward: float, terminated: bool, info: Mapping[str, Any]) -> bool:
    """What `info` says of success; an environment that says nothing succeeds where it terminates with reward > 0."""
    for key in SUCCESS:
        if key in info:
            return bool(info[key])
    return terminated and reward > 0.0


def _rate_hz(env: Env) -> float:
    """Control steps in a second, which environments give as render_fps."""
    rate = env.metadata.get("render_fps")
    return float(rate) if isinstance(rate, int | float) and 0.0 < rate <= 1000.0 else RATE_HZ
