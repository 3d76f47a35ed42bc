"""Decides what the policy steers: what its actor was trained with, or what the parameters say."""

from pathlib import Path

from zprl.checkpoints.actor_steering import actor_steering
from zprl.checkpoints.origin import read_origin
from zprl.checkpoints.saved_origin import check_actor_origin
from zprl.models.config import BaseConfig
from zprl.rl.config import Mode, SteeringConfig
from zprl_core.errors import CheckpointError
from zprl_policy.settings import PolicySettings


def start_steering(settings: PolicySettings, base: BaseConfig) -> SteeringConfig:
    """Returns the steering of the actor to start from; without an actor, that of the parameters.

    Raises OriginError when the actor was trained with another base, CheckpointError when it is to be finetuned further
    with another steering than it was trained with.
    """
    if not settings.actor:
        return settings.steering
    check_actor_origin(Path(settings.actor), read_origin(settings.base))
    found = actor_steering(Path(settings.actor), base)
    if found.steer != settings.steering.steer and settings.start_mode == Mode.FINETUNE:
        raise CheckpointError(
            f"the actor in {settings.actor} was trained with steering {found.text}, the parameters say "
            f"{settings.steering.text}; set steering.steer to {found.steer.value}, or finetune without this actor"
        )
    return found
