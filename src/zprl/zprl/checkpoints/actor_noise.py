"""Reads the flow's noise with which an actor was trained, so that it is played with it. Does not load torch."""

from pathlib import Path

from zprl.checkpoints.actor_steering import section_of_run
from zprl.checkpoints.rotation import checkpoints
from zprl.checkpoints.saved_origin import actor_origin
from zprl.rl.config import FlowNoise, NoiseConfig


def actor_noise(actor: Path) -> NoiseConfig:
    """Return the noise of an actor: a folder of checkpoints, one of them, or where its run will write them.

    Without its origin it follows from the run's config; outside a run it is taken as sampled, the default of earlier
    versions. Raises CheckpointError or RecordError when the actor is damaged.
    """
    origin = actor_origin(actor)
    if origin is not None and origin.flow_noise is not None:
        return origin.flow_noise
    checkpoint = next(iter(checkpoints(actor)), actor)
    settings, numbers = (section_of_run(checkpoint, name) for name in ("settings", "numbers"))
    kind = numbers.get("finetune.flow_noise.kind", settings.get("noise"))
    seed = numbers.get("finetune.flow_noise.seed", settings.get("noise_seed"))
    if kind not in {each.value for each in FlowNoise}:
        return NoiseConfig()
    return NoiseConfig(FlowNoise(kind), seed if type(seed) is int else 0)
