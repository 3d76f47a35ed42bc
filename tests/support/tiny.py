"""A base policy and a learner that are made in a moment, for tests that need a graph and not its success."""

from dataclasses import replace
from pathlib import Path

from zprl.checkpoints.checkpoint import save_base
from zprl.models.config import BaseConfig
from zprl.models.vision_config import VisionConfig
from zprl.rl.presets import CPU
from zprl.training.config import PretrainConfig
from zprl.training.pretrain import pretrain
from zprl_core.obs import Obs
from zprl_sim.demos.recorder import record
from zprl_sim.tasks.catalog import task_named

TINY = replace(
    CPU,
    learner=replace(CPU.learner, warmup=40, sac=replace(CPU.learner.sac, hidden=32, batch=32, actor_after=0)),
    publish_every=20,
)


def tiny_base(folder: Path, task: str = "lift", n_action_steps: int = 4) -> None:
    """Write a checkpoint folder."""
    chosen = task_named(task)
    config = BaseConfig(chosen.observation, n_action_steps=n_action_steps, hidden=32, action=chosen.action)
    save_base(folder, pretrain(record(chosen, 5, (0.9, 1.0)), config, PretrainConfig(steps=50)))


def tiny_seeing_base(folder: Path, demos: Path, task: str = "lift") -> None:
    """Write a checkpoint folder of a base that sees through the task's cameras; its demonstrations go to `demos`."""
    chosen = task_named(task)
    vision = VisionConfig(features=8, size=(40, 40), crop=(36, 36))
    config = BaseConfig(chosen.observed(Obs.IMAGES), n_action_steps=4, hidden=32, action=chosen.action, vision=vision)
    recorded = record(chosen, 2, (0.9, 1.0), obs=Obs.IMAGES, folder=demos)
    save_base(folder, pretrain(recorded, config, PretrainConfig(steps=2)), recorded.cameras)
