"""Phases of a run, and the first phase that depends on each of its settings.

A setting can be changed until a phase that depends on it has begun.
"""

from enum import IntEnum
from pathlib import Path

from zprl.checkpoints.run_folder import RunFolder


class Phase(IntEnum):
    """Phases in their order; each depends on those before it."""

    DEMOS = 0
    PRETRAIN = 1
    FINETUNE = 2
    EVALUATE = 3  # results are compared with the settings that they were measured with, and measured again


FIRST_USE = {
    "settings.task": Phase.DEMOS,
    "settings.env": Phase.DEMOS,
    "settings.expert": Phase.DEMOS,
    "settings.time_limit": Phase.DEMOS,
    "settings.latency": Phase.DEMOS,
    "settings.obs": Phase.DEMOS,
    "settings.lossless_video": Phase.DEMOS,
    "settings.euler_steps": Phase.PRETRAIN,
    "settings.vision": Phase.PRETRAIN,
    "settings.backbone": Phase.PRETRAIN,
    "settings.head": Phase.PRETRAIN,
    "settings.seed": Phase.DEMOS,
    "settings.demos": Phase.DEMOS,
    "settings.preset": Phase.FINETUNE,
    "settings.steer": Phase.FINETUNE,
    "settings.demo_share": Phase.FINETUNE,
    "settings.noise": Phase.FINETUNE,
    "settings.noise_seed": Phase.FINETUNE,
    "settings.robots": Phase.FINETUNE,
    "settings.env_steps": Phase.FINETUNE,
    "settings.in_process": Phase.FINETUNE,
    "settings.compiled": Phase.FINETUNE,
    "settings.until": Phase.EVALUATE,  # a run that ended can go on
    "settings.eval_episodes": Phase.EVALUATE,
    "numbers.task.mismatch": Phase.FINETUNE,
    "numbers.task": Phase.DEMOS,
    "numbers.recipe.demos": Phase.DEMOS,
    "numbers.recipe.quality": Phase.DEMOS,
    "numbers.recipe.env_steps": Phase.FINETUNE,
    "numbers.recipe.explore": Phase.FINETUNE,
    "numbers.recipe.entropy_per_dim": Phase.FINETUNE,
    "numbers.recipe": Phase.PRETRAIN,
    "numbers.base": Phase.PRETRAIN,
    "numbers.finetune": Phase.FINETUNE,
}
"""First phase that depends on a setting, or on all settings below a name."""

ENV_STEPS = ("settings.env_steps", "numbers.recipe.env_steps")


def first_use(setting: str) -> Phase:
    """Return the first phase that depends on a setting, such as numbers.recipe.demos."""
    name = setting
    while name not in FIRST_USE:
        name, dot, _ = name.rpartition(".")
        if not dot:
            return Phase.DEMOS  # unknown, as in a run of a later version
    return FIRST_USE[name]


def begun(folder: RunFolder) -> Phase | None:
    """Return the last phase that has left something in the folder; None if none has. Evaluations do not count."""
    if _has_files(folder.actor) or _has_files(folder.record) or _has_files(folder.robots):
        return Phase.FINETUNE
    if (folder.base / "checkpoint.json").exists():
        return Phase.PRETRAIN
    return Phase.DEMOS if (folder.demos / "demos.json").exists() else None


def can_change(setting: str, folder: RunFolder, longer: bool) -> bool:
    """Return True if nothing in the folder depends on a setting.

    `longer`: the control steps asked for are at least those that the learner has, so that their number can change.
    """
    last = begun(folder)
    return last is None or first_use(setting) > last or (longer and setting in ENV_STEPS)


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())
