"""Makes the policy that an evaluation plays: a base alone, or a saved actor on it, deterministic in z and u."""

from dataclasses import replace
from pathlib import Path

from zprl.checkpoints.actor_steering import actor_steering
from zprl.checkpoints.learner_checkpoint import load_actor
from zprl.models.base_policy import BasePolicy
from zprl.rl.config import FinetuneConfig, Mode
from zprl.rl.residual_policy import ResidualPolicy
from zprl.training.finetune import make_policy


def saved_policy(base: BasePolicy, actor: Path | None, config: FinetuneConfig, seed: int) -> ResidualPolicy:
    """Load the newest actor in the folder `actor`, which steers as it was trained; None: the base alone.

    The flow starts at the noise of `config`. Raises CheckpointError.
    """
    if actor is None:
        return make_policy(base, config, Mode.BASE, seed)
    config = replace(config, steering=actor_steering(actor, base.config))
    policy = make_policy(base, config, Mode.EVALUATE, seed)
    found, _, counters = load_actor(actor)
    policy.load(found, counters.actor_version)
    return policy
