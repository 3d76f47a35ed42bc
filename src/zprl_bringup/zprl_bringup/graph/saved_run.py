"""Options and graph of an existing run folder."""

from dataclasses import replace

from zprl.checkpoints.run_folder import RunError, RunFolder
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_core.config.flatten import flatten, unflatten
from zprl_core.config.validate import check_types
from zprl_core.errors import quoted


def load_options(folder: RunFolder) -> RunOptions:
    """Load the options of a run. Raises RunError when there is no such run, or its record is damaged."""
    config = folder.read("config")
    if config is None:
        raise RunError(f"{folder.path} is not a run folder; make one with zprl finetune")
    settings = config.get("settings")
    if isinstance(settings, dict) and "demonstrations" in settings:
        raise RunError(
            f"{folder.path} has a base made from demonstrations alone, without a scene to simulate; play or finetune "
            f"it on a robot: zprl up --base {folder.base}"
        )
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


def graph_settings(options: RunOptions, folder: RunFolder) -> GraphSettings:
    """Return the settings of the run's graph. Raises ValueError when the run is one of an environment."""
    if options.env is not None:
        raise ValueError(
            f"{folder.path} is a run of the environment {options.env}, which has no graph; use zprl finetune --resume"
        )
    chosen = replace(options, base=folder.base)
    return GraphSettings(folder.name, folder.path, chosen, options.finetune, resumed_task=options.task)
