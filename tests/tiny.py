"""A base policy that is made in a moment, for tests that need a graph and not its success."""

from pathlib import Path

from zprl.checkpoint import save_base
from zprl.generator import BaseConfig
from zprl.pretrain import PretrainConfig, pretrain
from zprl_sim.demos import record
from zprl_sim.tasks import task_named


def tiny_base(folder: Path, task: str = "lift") -> None:
    """Write a checkpoint folder."""
    chosen = task_named(task)
    config = BaseConfig(chosen.objects, execute=4, hidden=32)
    save_base(folder, pretrain(record(chosen, 5, (0.9, 1.0)), config, PretrainConfig(steps=50)))
