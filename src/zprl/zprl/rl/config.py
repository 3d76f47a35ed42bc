"""The numbers of reinforcement learning. Loads no torch."""

from dataclasses import dataclass, field
from enum import Enum, IntEnum


class Steer(str, Enum):
    """The choice, as a person writes it."""

    LATENT = "latent"
    ACTION = "action"
    NOISE = "noise"
    NOTHING = "nothing"


@dataclass(frozen=True)
class SteeringConfig:
    """How far u may push, for each choice."""

    steer: Steer = Steer.LATENT
    latent_ratio: float = 0.3  # lambda in units of RMS(z): the bound of RMS(lambda u) / RMS(z)
    latent_scale: float = 0.0  # lambda itself, where a paper gives it; 0: by the ratio
    action_scale: float = 0.2
    noise_range: float = 1.5

    def __post_init__(self) -> None:
        if min(self.latent_ratio, self.action_scale, self.noise_range) <= 0:
            raise ValueError(f"steering scales must be positive, got {self}")
        if self.latent_scale < 0:
            raise ValueError(f"latent_scale must not be negative, got {self.latent_scale}")


@dataclass(frozen=True)
class SacConfig:
    """The numbers of one SAC."""

    critics: int = 10  # M
    subset: int = 2  # critics whose minimum makes the target
    discount: float = 0.99  # g, per control step
    batch: int = 256
    actor_lr: float = 1e-4
    critic_lr: float = 3e-4
    tau: float = 0.005
    actor_every: int = 2
    actor_after: int = 0  # updates that train only the critics
    grad_clip: float = 10.0
    alpha_0: float = 0.01
    entropy_per_dim: float = -0.5  # target entropy = this * size of u
    log_std_0: float = -4.0
    bounded: bool = False
    timeout_is_terminal: bool = False
    hidden: int = 256

    def __post_init__(self) -> None:
        if not 1 <= self.subset <= self.critics:
            raise ValueError(f"subset must lie in 1..critics={self.critics}, got {self.subset}")
        if not 0.0 < self.discount <= 1.0:
            raise ValueError(f"discount must lie in (0, 1], got {self.discount}")


@dataclass(frozen=True)
class LearnerConfig:
    """How much is learned from how much experience."""

    sac: SacConfig = field(default_factory=SacConfig)
    utd: float = 5.0  # updates per transition
    warmup: int = 2000  # transitions before the first update
    capacity: int = 200_000

    def __post_init__(self) -> None:
        if self.utd < 0 or self.warmup < 1 or self.capacity < self.warmup:
            raise ValueError(f"need utd >= 0 and 1 <= warmup <= capacity, got {self}")


@dataclass(frozen=True)
class ProblemSize:
    """Sizes of the learning problem, and the scale of u: fixed by base and steering."""

    embedding_dim: int  # E
    latent_dim: int  # Z
    residual_dim: int  # U
    scale: float  # lambda
    executed_dim: int = 0  # T_a * A


class Mode(IntEnum):
    """How the policy acts. Numbers as in PolicyStatus."""

    BASE = 0  # z = mu, u = 0
    FINETUNE = 1  # z and u sampled
    EVALUATE = 2  # z = mu, u = tanh(m)
    HOLD = 3  # no commands


@dataclass(frozen=True)
class ExplorationConfig:
    """What u is while the critic has learned nothing yet.

    A warm-up with u = 0 alone teaches the critic nothing about u. So in a part of the episodes u is drawn
    uniformly, once for the whole episode: a push that lasts changes what happens, a jitter averages out.
    """

    random_fraction: float = 0.5  # of warm-up episodes
    reach: float = 1.0  # u ~ U(-reach, reach)
    per_episode: bool = True  # otherwise drawn anew for each chunk
    after_warmup: float = 0.0  # fraction of episodes with a random u once the actor learns

    def __post_init__(self) -> None:
        if not (0 <= self.random_fraction <= 1 and 0 <= self.after_warmup <= 1 and 0 < self.reach <= 1):
            raise ValueError(f"exploration fractions lie in [0, 1] and reach in (0, 1], got {self}")


@dataclass(frozen=True)
class FinetuneConfig:
    """Everything that online finetuning depends on."""

    learner: LearnerConfig = field(default_factory=LearnerConfig)
    steering: SteeringConfig = field(default_factory=SteeringConfig)
    exploration: ExplorationConfig = field(default_factory=ExplorationConfig)
    publish_every: int = 50  # updates between two sets of weights
