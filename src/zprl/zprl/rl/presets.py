"""Three sets of numbers for online finetuning."""

from zprl.rl.config import ExplorationConfig, FinetuneConfig, LearnerConfig, SacConfig, SteeringConfig

CPU = FinetuneConfig(
    learner=LearnerConfig(
        sac=SacConfig(critics=2, hidden=128, actor_lr=3e-4, critic_lr=3e-4, actor_after=1000, entropy_per_dim=-1.0),
        utd=2.0,
        warmup=1000,
    ),
    steering=SteeringConfig(latent_ratio=1.0),
    exploration=ExplorationConfig(random_fraction=0.5),
)
"""For two cores. What differs from the paper: two critics of 128 units, a wider lambda, half of the warm-up episodes
with a push u that lasts the episode, critics that learn for 1000 updates before the actor does, less entropy."""

FAST = FinetuneConfig(
    learner=LearnerConfig(sac=SacConfig(critics=10), utd=5.0, warmup=2000),
    steering=SteeringConfig(latent_scale=0.2),
    exploration=ExplorationConfig(random_fraction=0.5),
)
"""The paper's fast setting, with our warm-up (random pushes in half of the episodes); wants a GPU, or patience."""

PAPER_V1 = FinetuneConfig(
    learner=LearnerConfig(sac=SacConfig(critics=2, bounded=True, timeout_is_terminal=True), utd=1.0, warmup=2000),
    steering=SteeringConfig(latent_scale=0.325),
    exploration=ExplorationConfig(random_fraction=0.0),
)
"""The paper's first version: u = 0 in the warm-up, two critics bounded to [0, 1], time-outs terminal."""
