"""Reads what an actor steers from its checkpoint, so that it is played as it was trained. Does not load torch."""

import contextlib
import json
from pathlib import Path
from typing import Any

from zprl.checkpoints.metadata import read_metadata
from zprl.checkpoints.rotation import checkpoints
from zprl.checkpoints.saved_origin import actor_origin
from zprl.models.config import BaseConfig
from zprl.rl.config import Steer, SteeringConfig
from zprl_core.errors import CheckpointError, quoted


def actor_steering(actor: Path, base: BaseConfig) -> SteeringConfig:
    """Return the steering that an actor was trained with: a folder of checkpoints, or one of them.

    For a checkpoint of an earlier version it follows from its run's settings, or from the size of its residual. Raises
    CheckpointError when the actor does not say what it steers, or is damaged.
    """
    origin = actor_origin(actor)
    if origin is not None and origin.steering is not None:
        return origin.steering
    folder = next(iter(checkpoints(actor)), actor)
    try:
        size = read_metadata(folder)["size"]
        residual_dim, scale = int(size["steered"]), float(size["scale"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise CheckpointError(
            f"{folder} holds no actor that can be read ({quoted(repr(error))}); give the run's actor/ folder"
        ) from None
    try:
        return _scaled(_earlier_steer(folder, base, residual_dim), scale)
    except ValueError as error:
        raise CheckpointError(f"the actor in {folder} has an impossible scale ({error}); restore it") from None


def _earlier_steer(folder: Path, base: BaseConfig, residual_dim: int) -> Steer:
    """Return what a checkpoint of an earlier version steers."""
    sizes = {
        Steer.LATENT: base.latent_dim,
        Steer.ACTION: base.n_action_steps * base.action.size,
        Steer.NOISE: base.horizon * base.action.size,
    }
    fitting = [steer for steer, size in sizes.items() if size == residual_dim]
    said = [steer for steer in fitting if steer.value == _setting_of_run(folder)]
    if len(said or fitting) != 1:
        expected = ", ".join(f"{steer.value} {size}" for steer, size in sizes.items())
        raise CheckpointError(
            f"the actor in {folder} has a residual of {residual_dim} numbers, this base needs {expected}, so that it "
            "is unknown what it steers; give the actor/ folder within its run, and the base of that run"
        )
    return (said or fitting)[0]


def _setting_of_run(checkpoint: Path) -> Any:
    """Return the setting `steer` of the run that a checkpoint lies in; None if there is none."""
    return section_of_run(checkpoint, "settings").get("steer")


def section_of_run(checkpoint: Path, name: str) -> dict[str, Any]:
    """Return a section of the config of the run that a checkpoint lies in: settings or numbers; {} if it has none."""
    for run in checkpoint.absolute().parents[:2]:
        with contextlib.suppress(OSError, ValueError, LookupError, TypeError, RecursionError):
            section = json.loads((run / "config.json").read_text())[name]
            if isinstance(section, dict):
                return section
    return {}


def _scaled(steer: Steer, scale: float) -> SteeringConfig:
    match steer:
        case Steer.ACTION:
            return SteeringConfig(steer, action_scale=scale)
        case Steer.NOISE:
            return SteeringConfig(steer, noise_range=scale)
        case _:
            return SteeringConfig(steer, latent_scale=scale)
