"""The options of a run, and the settings that follow from them and from the recipe of its task."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.rl.config import FinetuneConfig, Steer
from zprl_bringup.graph.options import LatencyName, Preset, PresetName, Robots, Seed, SteerName, TaskName
from zprl_bringup.graph.settings import GraphSettings
from zprl_core.config.flatten import flatten, unflatten
from zprl_core.config.validate import check_types
from zprl_core.errors import quoted
from zprl_core.latency import Latency
from zprl_sim.tasks.catalog import check_task, task_named
from zprl_sim.tasks.recipe import Recipe

if TYPE_CHECKING:  # loads simulators
    from zprl_sim.problem import Problem


LATER = {
    "env": None,
    "expert": None,
    "time_limit": None,
}  # defaults of options that runs of earlier versions do not have


@dataclass(frozen=True)
class RunOptions:
    """Options of one run, from demonstrations to the report."""

    task: TaskName = "lift"
    seed: Seed = 0
    preset: PresetName = Preset.CPU
    steer: SteerName = Steer.LATENT
    env_steps: Annotated[int | None, "control steps of online finetuning; by default the recipe's of the task"] = None
    demos: Annotated[int | None, "demonstrations to record; by default the recipe's of the task"] = None
    eval_episodes: Annotated[int, "held-out episodes for the base and for the finetuned policy"] = 200
    robots: Robots = 1
    latency: LatencyName = Latency.IDEAL
    in_process: Annotated[bool, "finetune in one process, without ROS"] = False
    env: Annotated[str | None, "Gymnasium environment in place of a task: module:Id; implies --in-process"] = None
    expert: Annotated[
        str | None, "demonstrator of --env: module:function, which gets env and rng and returns act(observation)"
    ] = None
    time_limit: Annotated[int | None, "control steps of an episode of --env; by default its own"] = None

    def __post_init__(self) -> None:
        check_task(self.task)
        self._check_env()
        if min(self.eval_episodes, self.robots) < 1 or self.seed < 0:
            raise ValueError("eval_episodes and robots must be at least 1, seed at least 0")
        for name in ("demos", "env_steps"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(
                    f"{name} must be at least 1, got {value}; remove it to use the value of the task's recipe"
                )
        if self.in_process and self.robots > 1:
            raise ValueError("--in-process runs one robot; remove --robots or --in-process")
        if self.steer == Steer.NOTHING:
            raise ValueError("--steer nothing runs the base alone and learns nothing; use zprl evaluate")

    def _check_env(self) -> None:
        if self.env is None:
            if self.expert is not None or self.time_limit is not None:
                raise ValueError("--expert and --time-limit require --env; give the environment too")
            return
        if self.expert is None:
            raise ValueError("--env needs a demonstrator: give --expert module:function")
        if self.task != RunOptions.task or self.latency != Latency.IDEAL:
            raise ValueError("--task and --latency are for tasks of zprl; remove them, or --env")
        if self.robots > 1:
            raise ValueError("--env runs one robot in process, without a ROS graph; remove --robots")
        if self.time_limit is not None and self.time_limit < 1:
            raise ValueError(f"time_limit must be at least 1, got {self.time_limit}")
        object.__setattr__(self, "in_process", True)

    @property
    def title(self) -> str:
        """Name of the task or environment, usable as the name of a folder."""
        return self.task if self.env is None else self.env.rpartition(":")[2].replace("/", "_")

    @property
    def problem(self) -> "Problem":
        """The task or environment that this run learns; loads the simulator."""
        if self.env is None:
            from zprl_sim.task_problem import TaskProblem

            return TaskProblem(task_named(self.task), self.latency)
        from zprl_sim.gymnasium_env.problem import GymProblem

        assert self.expert is not None
        return GymProblem(self.env, self.expert, self.time_limit)

    @property
    def recipe(self) -> Recipe:
        recipe = Recipe() if self.env else task_named(self.task).recipe
        recipe = recipe if self.latency == Latency.IDEAL else recipe.slower()
        return replace(
            recipe,
            env_steps=recipe.env_steps if self.env_steps is None else self.env_steps,
            demos=recipe.demos if self.demos is None else self.demos,
        )

    @property
    def numbers(self) -> dict[str, Any]:
        """All values that follow from these options, for the run's record."""
        recipe = flatten(self.recipe, "recipe.")
        problem = self.problem
        sizes = self.recipe.base(problem.observation, problem.action).to_json()
        base = {f"base.{name}": x for name, x in sizes.items()}
        return {**recipe, **base, **flatten(self.finetune, "finetune."), "task": problem.numbers}

    @property
    def finetune(self) -> FinetuneConfig:
        return _finetune_config(self.recipe, self.preset, self.steer)


def finetune_config(task: str, preset: Preset, steer: Steer) -> FinetuneConfig:
    """Return the settings of a preset; with preset cpu, including the changes of the task's recipe.

    Raises ValueError listing the tasks when there is no task of this name.
    """
    check_task(task)
    return _finetune_config(task_named(task).recipe, preset, steer)


def _finetune_config(recipe: Recipe, preset: Preset, steer: Steer) -> FinetuneConfig:
    config = recipe.adapted(preset.config) if preset == Preset.CPU else preset.config
    return replace(config, steering=replace(config.steering, steer=steer))


def load_settings(folder: RunFolder) -> RunOptions:
    """Load the options of a run. Raises RunError when there is no such run, or its record is damaged."""
    config = folder.read("config")
    if config is None:
        raise RunError(f"{folder.path} is not a run folder; make one with zprl finetune")
    settings = config.get("settings")
    try:
        if not isinstance(settings, dict):
            raise ValueError("there are none")
        settings = {**LATER, **settings}
        check_types(RunOptions, settings)
        return unflatten(RunOptions, settings)
    except ValueError as error:
        raise RunError(
            f"{folder.path}/config.json has settings that cannot be used ({quoted(error)}); restore it, or start "
            "another run"
        ) from None


def graph_settings(settings: RunOptions, folder: RunFolder) -> GraphSettings:
    """Return the settings of the run's graph, in lockstep. Raises ValueError when the run is one of an environment."""
    if settings.env is not None:
        raise ValueError(
            f"{folder.path} is a run of the environment {settings.env}, which has no graph; use zprl finetune --resume"
        )
    return GraphSettings(
        run=folder.name,
        run_folder=folder.path,
        base=folder.base,
        task=settings.task,
        config=settings.finetune,
        robots=settings.robots,
        seed=settings.seed,
        latency=settings.latency,
    )
