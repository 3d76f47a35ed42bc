"""Adapts a Gymnasium environment to `Problem`."""

import contextlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from zprl.training.demos import Demos
from zprl.training.video import Codec
from zprl_core.action_spec import ActionSpec
from zprl_core.errors import quoted
from zprl_core.observation_spec import ObservationSpec
from zprl_core.seeds import training_reset
from zprl_sim.gymnasium_env.env_robot import GymRobot
from zprl_sim.gymnasium_env.recorder import record
from zprl_sim.gymnasium_env.references import load_function, make_env
from zprl_sim.tasks.recipe import Recipe

PICTURE = "rgb_array"
NOT_REPEATABLE = (
    "ignores the seed of a reset: evaluations cannot be repeated, and held-out episodes may occur in training; "
    "wrap it so that reset(seed) draws everything from that seed"
)


@dataclass(frozen=True)
class GymProblem:
    """The environment `env` (module:Id), demonstrated by the function `expert` (module:function)."""

    env: str
    expert: str
    time_limit: int | None = None  # control steps; None for the registered limit

    @property
    def name(self) -> str:
        """The Id without its module."""
        return self.env.rpartition(":")[2]

    @property
    def observation(self) -> ObservationSpec:
        return self._facts.observation

    @property
    def action(self) -> ActionSpec:
        return self._facts.action

    @property
    def numbers(self) -> dict[str, Any]:
        return {"name": self.name, "time_limit": self._facts.time_limit}

    def check(self, seed: int) -> None:
        """Raises ValueError when environment or expert cannot be loaded, or are unusable, or cannot reset in this run.

        Warns if resets are not repeatable, because base and finetuned policy are then evaluated on different episodes.
        """
        load_function(self.expert)
        with contextlib.closing(self.robot()) as robot:
            _check_reset(robot, self.env, seed)
            if not robot.repeatable:
                print(f"zprl: {self.env} {NOT_REPEATABLE}", file=sys.stderr)

    def record(
        self, recipe: Recipe, seed: int, progress: Callable[[int, int], None], folder: Path, codec: Codec
    ) -> Demos:
        with contextlib.closing(self.robot()) as robot:
            expert = load_function(self.expert)
            return record(robot, expert, recipe.demos, self.name, seed, progress, folder, codec)

    def robot(self) -> GymRobot:
        return GymRobot(make_env(self.env, self.time_limit))

    def visible_robot(self) -> GymRobot | None:
        if not self._facts.renders:
            return None
        return GymRobot(make_env(self.env, self.time_limit, PICTURE))

    @cached_property
    def _facts(self) -> "_Facts":
        with contextlib.closing(self.robot()) as robot:
            spec = robot.env.spec
            assert spec is not None and spec.max_episode_steps is not None
            renders = PICTURE in (robot.env.metadata.get("render_modes") or ())
            return _Facts(robot.streams.spec, robot.action, spec.max_episode_steps, renders)


def _check_reset(robot: GymRobot, env: str, seed: int) -> None:
    try:
        robot.restart(training_reset(seed, 0))
    except (OverflowError, ValueError) as error:
        raise ValueError(
            f"{env} refuses the reset {training_reset(seed, 0)} of seed {seed} ({quoted(error)}); give a --seed below "
            "100, whose resets have 32 bits"
        ) from None


@dataclass(frozen=True)
class _Facts:
    """The properties that only the environment itself knows."""

    observation: ObservationSpec
    action: ActionSpec
    time_limit: int
    renders: bool
