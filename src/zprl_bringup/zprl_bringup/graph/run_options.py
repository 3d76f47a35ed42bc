"""The settings of a run, and what follows from them and from the recipe of its task."""

from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any

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
from zprl_sim.tasks.task import Task


@dataclass(frozen=True)
class RunOptions:
    """One run, from demonstrations to the report."""

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

    def __post_init__(self) -> None:
        check_task(self.task)
        if min(self.eval_episodes, self.robots) < 1 or self.seed < 0:
            raise ValueError("eval_episodes and robots must be at least 1, seed at least 0")
        for name in ("demos", "env_steps"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(
                    f"{name} must be at least 1, got {value}; leave it out for what the task's recipe says"
                )
        if self.in_process and self.robots > 1:
            raise ValueError("--in-process plays one robot; drop --robots or --in-process")
        if self.steer == Steer.NOTHING:
            raise ValueError("--steer nothing is the base, and learns nothing; use zprl evaluate for it")

    @property
    def sim_task(self) -> Task:
        return task_named(self.task)

    @property
    def recipe(self) -> Recipe:
        recipe = self.sim_task.recipe
        recipe = recipe if self.latency == Latency.IDEAL else recipe.slower()
        return replace(
            recipe,
            env_steps=recipe.env_steps if self.env_steps is None else self.env_steps,
            demos=recipe.demos if self.demos is None else self.demos,
        )

    @property
    def numbers(self) -> dict[str, Any]:
        """Everything that follows from these settings, for the record."""
        recipe = flatten(self.recipe, "recipe.")
        chosen = self.sim_task
        sizes = self.recipe.base(chosen.observation, chosen.action).to_json()
        base = {f"base.{name}": x for name, x in sizes.items()}
        task = asdict(self.sim_task, dict_factory=_without_functions)
        del task["recipe"], task["action"]  # above, as this run has them
        return {**recipe, **base, **flatten(self.finetune, "finetune."), "task": task}

    @property
    def finetune(self) -> FinetuneConfig:
        return finetune_config(self.task, self.preset, self.steer)


def finetune_config(task: str, preset: Preset, steer: Steer) -> FinetuneConfig:
    """The preset's numbers; with preset cpu, what the task's recipe changes in them.

    Raises ValueError that lists the tasks when there is none of this name.
    """
    check_task(task)
    config = task_named(task).recipe.adapted(preset.config) if preset == Preset.CPU else preset.config
    return replace(config, steering=replace(config.steering, steer=steer))


def load_settings(folder: RunFolder) -> RunOptions:
    """The settings that a run was made with. Raises RunError when there is no such run, or it is damaged."""
    config = folder.read("config")
    if config is None:
        raise RunError(f"{folder.path} is no run; zprl finetune makes one")
    settings = config.get("settings")
    try:
        if not isinstance(settings, dict):
            raise ValueError("it has none")
        check_types(RunOptions, settings)
        return unflatten(RunOptions, settings)
    except ValueError as error:
        raise RunError(
            f"{folder.path}/config.json has settings that cannot be used ({quoted(error)}); restore it, or begin "
            "another run"
        ) from None


def graph_settings(settings: RunOptions, folder: RunFolder) -> GraphSettings:
    """The run's graph, in lockstep."""
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


def _without_functions(items: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in items if not callable(value)}
