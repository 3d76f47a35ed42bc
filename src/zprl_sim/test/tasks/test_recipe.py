"""Recipes: the numbers of zprl's own tasks, what a recipe changes, and the default of a task without one."""

from dataclasses import replace

import pytest

from own_tasks import own_tasks
from zprl.models.unet_config import Head, UnetConfig
from zprl.models.vision_config import VisionNetwork
from zprl.rl.presets import CPU, EFFICIENT
from zprl.training.config import PretrainConfig
from zprl_sim.tasks.catalog import task_named
from zprl_sim.tasks.recipe import Recipe
from zprl_sim.tasks.task import Task


def test_the_recipes_of_the_tasks() -> None:
    lift, tray, peg = (task_named(name).recipe for name in ("lift", "pick_to_tray", "peg_insert"))
    assert lift == Recipe(30_000, 60, (0.0, 1.0), 8, 16, 4, PretrainConfig(steps=4000), 0.0, -1.0)
    assert tray == Recipe(72_000, 60, (0.2, 1.0), 8, 16, 8, PretrainConfig(steps=6000), 0.1, -0.5)
    assert peg == Recipe(120_000, 100, (0.3, 1.0), 8, 16, 8, PretrainConfig(steps=6000), 0.1, -0.5)


def test_a_task_that_gives_no_recipe_has_the_default() -> None:
    lift = task_named("lift")
    without = {
        name: getattr(lift, name) for name in ("things", "build", "plan", "success", "time_limit", "demo_region")
    }
    assert Task(name="mine", **without).recipe == Recipe()


def test_it_changes_entropy_and_exploration_of_the_preset_and_nothing_else() -> None:
    adapted = Recipe(explore=0.1, entropy_per_dim=-0.5).adapted(CPU)
    assert adapted.learner.sac.entropy_per_dim == -0.5 and adapted.exploration.after_warmup == 0.1
    sac = replace(adapted.learner.sac, entropy_per_dim=CPU.learner.sac.entropy_per_dim)
    exploration = replace(adapted.exploration, after_warmup=CPU.exploration.after_warmup)
    assert replace(adapted, learner=replace(adapted.learner, sac=sac), exploration=exploration) == CPU


def test_it_may_change_exploration_alone() -> None:
    exploring = Recipe(explore=0.1, entropy_per_dim=-0.5).exploring(EFFICIENT)
    assert exploring.exploration.after_warmup == 0.1 and exploring.learner == EFFICIENT.learner


def test_an_arm_that_lags_gets_chunks_of_eight_steps_or_more() -> None:
    assert Recipe(n_action_steps=4).slower().n_action_steps == 8
    assert Recipe(n_action_steps=12).slower().n_action_steps == 12


@pytest.mark.parametrize(
    "wrong", [{"env_steps": 0}, {"demos": 0}, {"quality": (0.5, 0.2)}, {"quality": (0.0, 1.1)}], ids=str
)
def test_a_recipe_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"a recipe's"):
        Recipe(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("task", own_tasks(), ids=lambda task: task.name)
def test_every_recipe_makes_a_base(task: Task) -> None:
    base = task.recipe.base(task.observation, task.action)
    assert (base.observation, base.action) == (task.observation, task.action)


def test_a_network_for_images_needs_images() -> None:
    task = task_named("lift")
    with pytest.raises(ValueError, match="vision resnet18 encodes images, and this policy observes none; add --obs"):
        task.recipe.base(task.observation, task.action, VisionNetwork.RESNET18)
    assert task.recipe.base(task.observation, task.action, head=Head.UNET).unet == UnetConfig()
