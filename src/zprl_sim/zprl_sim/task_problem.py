"""Adapts a task to `Problem`."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from zprl.training.demos import Demos
from zprl.training.video import Codec
from zprl_core.action_spec import ActionSpec
from zprl_core.latency import Latency
from zprl_core.obs import Obs
from zprl_core.observation_spec import ObservationSpec
from zprl_sim.demos.recorder import record
from zprl_sim.env import ArmEnv
from zprl_sim.env_robot import EnvRobot
from zprl_sim.tasks.recipe import Recipe
from zprl_sim.tasks.task import Task

# Fields of a task that runs of every version have recorded; newer fields are recorded only if not the default.
ALWAYS = ("name", "things", "time_limit", "demo_region", "imperfections", "mismatch")


@dataclass(frozen=True)
class TaskProblem:
    """A task on an arm with the given latency, for a policy that observes objects or images."""

    task: Task
    latency: Latency = Latency.IDEAL
    obs: Obs = Obs.STATE

    @property
    def name(self) -> str:
        return self.task.name

    @property
    def observation(self) -> ObservationSpec:
        return self.task.observed(self.obs)

    @property
    def action(self) -> ActionSpec:
        return self.task.action

    @property
    def numbers(self) -> dict[str, Any]:
        numbers = asdict(self.task, dict_factory=_recorded)
        del numbers["recipe"], numbers["action"]  # the config contains them as this run uses them
        numbers.pop("goal", None)  # is only shown
        for field in fields(self.task):
            if field.name not in ALWAYS and getattr(self.task, field.name) == field.default:
                numbers.pop(field.name, None)
        if self.obs == Obs.STATE:  # no camera is observed
            numbers.pop("front", None)
            del numbers["mismatch"]["cameras"]
        else:
            numbers["front"] = asdict(self.task.front)
        return numbers

    def check(self, seed: int) -> None:
        """Does nothing, because a task always has an expert, and takes every seed."""

    def record(
        self, recipe: Recipe, seed: int, progress: Callable[[int, int], None], folder: Path, codec: Codec
    ) -> Demos:
        task, demos, quality = self.task, recipe.demos, recipe.quality
        return record(task, demos, quality, seed, progress, self.latency, self.obs, folder, codec)

    def robot(self) -> EnvRobot:
        return EnvRobot(ArmEnv(self.task, latency=self.latency, obs=self.obs))

    def visible_robot(self) -> EnvRobot:
        return EnvRobot(ArmEnv(self.task, render_mode="rgb_array", latency=self.latency, obs=self.obs))


def _recorded(items: list[tuple[str, Any]]) -> dict[str, Any]:
    """Drops functions, and None, which earlier versions did not record either."""
    return {name: value for name, value in items if value is not None and not callable(value)}
