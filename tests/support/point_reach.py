"""Gymnasium environments that zprl does not know, and experts for them: a point in a plane that reaches a target."""

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Box, Dict, Discrete

Numbers = npt.NDArray[np.float32]
Seen = dict[str, Any]
NEAR = 0.1
SIZE = 16  # pixels of an image


class PointReach(gymnasium.Env[Seen, Numbers]):
    """The action moves the point. It never terminates and says in `info` whether the target is reached."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012

    def __init__(self, camera: bool = False, render_mode: str | None = None):
        self.camera, self.render_mode = camera, render_mode
        spaces: dict[str, Any] = {name: Box(-1.0, 1.0, (2,), np.float32) for name in ("point", "target")}
        if camera:
            spaces["camera"] = Dict({"front": Box(0, 255, (SIZE, SIZE, 3), np.uint8)})
        self.observation_space = Dict(spaces)
        self.action_space = Box(np.float32([-0.2, -0.1]), np.float32([0.2, 0.1]))

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Seen, dict[str, Any]]:
        super().reset(seed=seed)
        self.point, self.target = self.np_random.uniform(-1.0, 1.0, (2, 2)).astype(np.float32)
        return self._seen(), {}

    def step(self, action: Numbers) -> tuple[Seen, float, bool, bool, dict[str, Any]]:
        assert self.action_space.contains(action)
        self.point = np.clip(self.point + action, -1.0, 1.0)
        distance = float(np.linalg.norm(self.target - self.point))
        return self._seen(), -distance, False, False, {"is_success": np.float32(distance < NEAR)}

    def render(self) -> npt.NDArray[np.uint8]:
        picture = np.zeros((SIZE, SIZE, 3), np.uint8)
        for channel, place in enumerate((self.point, self.target)):
            row, column = np.clip((place + 1.0) / 2.0 * SIZE, 0, SIZE - 1).astype(int)
            picture[row, column, channel] = 255
        return picture

    def _seen(self) -> Seen:
        seen: Seen = {"point": self.point.copy(), "target": self.target.copy()}
        return {**seen, "camera": {"front": self.render()}} if self.camera else seen


class Choice(PointReach):
    """Its actions are no Box."""

    def __init__(self) -> None:
        super().__init__()
        self.action_space = Discrete(4)  # type: ignore[assignment]


def expert(env: gymnasium.Env[Any, Any], rng: np.random.Generator) -> Callable[[Seen], Numbers]:
    """Goes to a place near the target, at a speed that lasts an episode."""
    off, speed = rng.normal(0.0, 0.08, 2), rng.uniform(0.3, 1.0)
    low, high = env.action_space.low, env.action_space.high  # type: ignore[attr-defined]
    return lambda seen: np.clip(seen["target"] + off - seen["point"], speed * low, speed * high)


def hopeless(env: gymnasium.Env[Any, Any], rng: np.random.Generator) -> Callable[[Seen], Numbers]:
    """Never moves."""
    return lambda seen: np.zeros(2, np.float32)


gymnasium.register("PointReach-v0", PointReach, max_episode_steps=40)
gymnasium.register("lab/PointSee-v0", PointReach, max_episode_steps=40, kwargs={"camera": True})
gymnasium.register("PointEndless-v0", PointReach)
gymnasium.register("PointChoice-v0", Choice, max_episode_steps=40)
