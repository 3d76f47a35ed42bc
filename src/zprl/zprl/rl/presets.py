"""Presets of hyperparameters for online finetuning."""

from dataclasses import replace

from zprl.rl.config import (
    ExplorationConfig,
    FinetuneConfig,
    FlowNoise,
    LearnerConfig,
    NoiseConfig,
    SacConfig,
    SteeringConfig,
)

CPU = FinetuneConfig(
    learner=LearnerConfig(
        sac=SacConfig(critics=2, hidden=128, actor_lr=3e-4, critic_lr=3e-4, actor_after=1000, entropy_per_dim=-1.0),
        utd=2.0,
        warmup=1000,
    ),
    steering=SteeringConfig(latent_ratio=1.0),
    exploration=ExplorationConfig(random_fraction=0.5),
)
"""For two CPU cores. Differences from the paper: two critics with 128 units, a larger lambda, a random u held for the
whole episode in half of the warm-up episodes, 1000 updates of the critics before the first of the actor, less entropy.
"""

EFFICIENT = replace(
    CPU,
    learner=replace(CPU.learner, sac=replace(CPU.learner.sac, critics=5, entropy_per_dim=-2.0), utd=5.0, warmup=500),
    flow_noise=NoiseConfig(FlowNoise.ZERO),
)
"""For fewer control steps, and the default: `CPU` with five critics, five updates per transition, half the warm-up,
less entropy, and a flow that starts at zero noise.
"""

FAST = FinetuneConfig(
    learner=LearnerConfig(sac=SacConfig(critics=10), utd=5.0, warmup=2000),
    steering=SteeringConfig(latent_scale=0.2),
    exploration=ExplorationConfig(random_fraction=0.5),
)
"""The paper's fast setting, with the warm-up of `CPU` (a random u in half of the episodes); slow without a GPU."""

PAPER_V1 = FinetuneConfig(
    learner=LearnerConfig(sac=SacConfig(critics=2, bounded=True, timeout_is_terminal=True), utd=1.0, warmup=2000),
    steering=SteeringConfig(latent_scale=0.325),
    exploration=ExplorationConfig(random_fraction=0.0),
)
"""The paper's first version: u = 0 in the warm-up, two critics bounded to [0, 1], terminal time-outs."""
