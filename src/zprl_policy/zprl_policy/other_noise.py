"""Notices that an actor plays with another noise of the flow than it was trained with."""

from pathlib import Path

from zprl.checkpoints.actor_noise import actor_noise
from zprl_policy.settings import PolicySettings


def other_noise(settings: PolicySettings) -> str:
    """Return a warning when the parameters name another noise than the actor's; "" if they agree.

    Raises CheckpointError or RecordError when the actor is damaged.
    """
    if not settings.actor:
        return ""
    trained = actor_noise(Path(settings.actor))
    if trained.text == settings.flow_noise.text:
        return ""
    return (
        f"the actor in {settings.actor} was trained with flow noise {trained.text} and plays with "
        f"{settings.flow_noise.text}; to play it as it was trained, set flow_noise.kind to {trained.kind.value}"
    )
