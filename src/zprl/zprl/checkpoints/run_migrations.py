"""Brings the config of a run of an earlier version to today's format, one step a format.

Formats 1 to 5 have no number in the file; they are recognized by the keys that each lacks.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from zprl.models.config import BaseConfig
from zprl_core.errors import quoted

FORMAT = 12
KEY = "format"
BASE = "base."  # before the numbers of the base
OLD_NAMES = {  # keys that format 3 renamed
    "pace": "latency", "covered": "demo_region",
    "recipe.latent": "recipe.latent_dim", "recipe.execute": "recipe.n_action_steps",
    "base.latent": "base.latent_dim", "base.execute": "base.n_action_steps",
}  # fmt: skip
Config = dict[str, Any]


class LaterFormatError(ValueError):
    """A config was written by a later version."""


@dataclass(frozen=True)
class Migrated:
    """A config in today's format, the format that it had, and what was filled in."""

    config: Config
    format: int
    filled: tuple[str, ...] = ()


def migrated(config: Config) -> Migrated:
    """Bring a config to today's format. Raises LaterFormatError, and ValueError for a damaged one."""
    found, filled = format_of(config), []
    for step in STEPS[found - 1 :]:
        config, added = step(config)
        filled += added
    return Migrated({**config, KEY: FORMAT}, found, tuple(filled))


def format_of(config: Config) -> int:
    """Return the format of a config. Raises LaterFormatError for one of a later version."""
    given = config.get(KEY)
    if given is not None:
        if type(given) is not int or given < 1:
            raise ValueError(f"its format is {quoted(given)}, it must be a whole number of at least 1")
        if given > FORMAT:
            raise LaterFormatError(f"has format {given}, this version reads 1 to {FORMAT}; install a later version")
        return given
    settings, numbers = _objects(config)
    if "pace" not in settings and "latency" not in settings:
        return 1
    if "pace" in settings:
        return 2
    if "base.objects" in numbers:
        return 3
    return 4 if "env" not in settings else 5


def _with_pace(config: Config) -> tuple[Config, list[str]]:
    """1 to 2: an arm may lag; before, every arm was ideal."""
    return _filled(config, {"pace": "ideal"})


def _with_new_names(config: Config) -> tuple[Config, list[str]]:
    """2 to 3: keys were renamed."""
    renamed: Config = _renamed(config)
    return renamed, []


def _with_specs(config: Config) -> tuple[Config, list[str]]:
    """3 to 4: a base has specs; before, it was planar, and named its objects only."""
    numbers = _objects(config)[1]
    if "base.objects" not in numbers:
        return config, []
    old = {name.removeprefix(BASE): x for name, x in numbers.items() if name.startswith(BASE)}
    others = {name: x for name, x in numbers.items() if not name.startswith(BASE)}
    base = json.loads(json.dumps(BaseConfig.from_json(old).to_json()))  # lists, as in a file
    return {**config, "numbers": {**others, **{BASE + name: x for name, x in base.items()}}}, []


def _with_environments(config: Config) -> tuple[Config, list[str]]:
    """4 to 5: a run may be of a Gymnasium environment; before, it was of a task."""
    return _filled(config, {"env": None, "expert": None, "time_limit": None})


def _with_noise(config: Config) -> tuple[Config, list[str]]:
    """5 to 6: the noise of the base's flow is a setting; before, it was sampled. The format is in the file."""
    return _filled(config, {"noise": "sampled", "noise_seed": 0})


def _with_obs(config: Config) -> tuple[Config, list[str]]:
    """6 to 7: a policy may observe images, and its flow be straightened; before, neither."""
    return _filled(config, {"obs": "state", "lossless_video": False, "euler_steps": None})


def _with_networks(config: Config) -> tuple[Config, list[str]]:
    """7 to 8: the networks of the images and of the flow are settings; before, the smallest were used."""
    return _filled(config, {"vision": "small", "backbone": None, "head": "mlp"})


def _with_random_crops(config: Config) -> tuple[Config, list[str]]:
    """8 to 9: images may be cropped at random while transitions are collected; before, they were not."""
    numbers = _objects(config)[1]
    if "finetune.exploration.reach" not in numbers:
        return config, []
    return {**config, "numbers": {"finetune.exploration.random_crops": False, **numbers}}, ["random_crops = False"]


def _with_demo_share(config: Config) -> tuple[Config, list[str]]:
    """9 to 10: a share of the learner's batches may be demonstrations; before, none was."""
    numbers = _objects(config)[1]
    if "finetune.learner.utd" in numbers:
        config = {**config, "numbers": {"finetune.learner.demo_share": 0.0, **numbers}}
    return _filled(config, {"demo_share": 0.0})


def _with_until(config: Config) -> tuple[Config, list[str]]:
    """10 to 11: finetuning may end at a success rate, with compiled updates; before, neither."""
    return _filled(config, {"until": 0.0, "compiled": False})


def _with_noise_of_preset(config: Config) -> tuple[Config, list[str]]:
    """11 to 12: the noise of the base's flow is a number of finetuning; before, it was a setting alone."""
    settings, numbers = _objects(config)
    if "finetune.learner.utd" not in numbers or "noise" not in settings:
        return config, []
    noise = {"finetune.flow_noise.kind": settings["noise"], "finetune.flow_noise.seed": settings.get("noise_seed", 0)}
    return {**config, "numbers": {**noise, **numbers}}, [f"flow_noise = {settings['noise']}"]


STEPS: tuple[Callable[[Config], tuple[Config, list[str]]], ...] = (
    _with_pace,
    _with_new_names,
    _with_specs,
    _with_environments,
    _with_noise,
    _with_obs,
    _with_networks,
    _with_random_crops,
    _with_demo_share,
    _with_until,
    _with_noise_of_preset,
)


def _filled(config: Config, settings: Config) -> tuple[Config, list[str]]:
    """Fill in settings with the values that reproduce what was done before they existed, and name those not None."""
    if not isinstance(config.get("settings"), dict):
        return config, []
    had = config["settings"]
    added = {OLD_NAMES.get(key, key): value for key, value in settings.items() if key not in had}
    named = [f"{key} = {value}" for key, value in added.items() if value is not None]
    return {**config, "settings": {**settings, **had}}, named


def _objects(config: Config) -> tuple[Config, Config]:
    settings, numbers = config.get("settings"), config.get("numbers")
    return settings if isinstance(settings, dict) else {}, numbers if isinstance(numbers, dict) else {}


def _renamed(content: Any) -> Any:
    if isinstance(content, dict):
        return {OLD_NAMES.get(key, key): _renamed(value) for key, value in content.items()}
    return content
