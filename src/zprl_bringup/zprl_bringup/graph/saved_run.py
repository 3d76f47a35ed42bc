"""Options and graph of an existing run folder."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from zprl.checkpoints.metadata import read_metadata
from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl.models.unet_config import Head
from zprl.models.vision_config import VisionNetwork
from zprl_bringup.graph.base_check import base_config, observed
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.specs import installed_task
from zprl_core.config.flatten import flatten, unflatten
from zprl_core.config.validate import check_types
from zprl_core.errors import quoted
from zprl_core.latency import Latency


def load_options(folder: RunFolder) -> RunOptions:
    """Load the options of a run, or those that fit a base made from demonstrations of an installed task.

    Raises RunError when there is no such run, its record is damaged, or its base has no scene to simulate.
    """
    config = folder.read("config")
    if config is None:
        raise RunError(f"{folder.path} is not a run folder; make one with zprl finetune")
    settings = config.get("settings")
    if isinstance(settings, dict) and "demonstrations" in settings:
        return _options_for_base(settings, folder)
    try:
        if not isinstance(settings, dict):
            raise ValueError("there are none")
        defaults = RunOptions()
        found = {name: value for name, value in settings.items() if name in defaults.saved}
        others = {name: value for name, value in flatten(defaults).items() if name not in defaults.saved}
        check_types(RunOptions, {**others, **found})
        options = unflatten(RunOptions, {**others, **found})
        return options
    except ValueError as error:
        raise RunError(
            f"{folder.path}/config.json has settings that cannot be used ({quoted(error)}); restore it, or start "
            "another run"
        ) from None


def _options_for_base(settings: Mapping[str, Any], folder: RunFolder) -> RunOptions:
    """Return the options with which a base made from demonstrations is simulated. Raises RunError if it cannot be."""
    config = base_config(folder.base)
    if config is None:
        raise RunError(f"{folder.path} has no base yet; run its zprl pretrain command again, which goes on")
    task = installed_task(settings.get("task"), config.observation, config.action)
    if task is None:
        raise RunError(
            f"{folder.path} has a base made from demonstrations alone, without a scene to simulate; play or finetune "
            f"it on a robot: zprl up --base {folder.base}"
        )
    latency = read_metadata(folder.base).get("pace", Latency.IDEAL.value)
    known = latency in {each.value for each in Latency}
    network = RunOptions.vision if config.vision is None else config.vision.network
    return RunOptions(
        task=task.name,
        seed=settings.get("seed", 0),
        latency=Latency(latency) if known else Latency.IDEAL,
        obs=observed(folder.base),
        vision=network if network != VisionNetwork.PRETRAINED else RunOptions.vision,  # its weights are in the base
        head=Head.MLP if config.unet is None else Head.UNET,
    )


def graph_settings(options: RunOptions, folder: RunFolder) -> GraphSettings:
    """Return the settings of the run's graph. Raises ValueError when the run is one of an environment."""
    if options.env is not None:
        raise ValueError(
            f"{folder.path} is a run of the environment {options.env}, which has no graph; use zprl finetune --resume"
        )
    chosen = replace(options, base=folder.base)
    return GraphSettings(folder.name, folder.path, chosen, options.finetune, resumed_task=options.task)
