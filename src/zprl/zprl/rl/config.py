"""Hyperparameters of reinforcement learning. Does not import torch."""

from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Annotated

from zprl_core.config.metadata import SEEDS, Range, check_ranges


class Steer(str, Enum):
    """The quantity that the residual is added to, as written in settings."""

    LATENT = "latent"
    ACTION = "action"
    NOISE = "noise"


class FlowNoise(str, Enum):
    """The noise x_0 at which the flow starts, as written in settings."""

    SAMPLED = "sampled"
    ZERO = "zero"
    FIXED = "fixed"


@dataclass(frozen=True)
class NoiseConfig:
    """The noise x_0 of the base's flow. With steer noise the actor's u replaces it."""

    kind: Annotated[
        FlowNoise,
        "noise at which the flow starts. sampled: drawn for each chunk; zero: its mean; fixed: drawn once, from seed",
    ] = FlowNoise.SAMPLED
    seed: Annotated[int, "seed of fixed noise", SEEDS] = 0

    def __post_init__(self) -> None:
        check_ranges(self, "flow_noise.")

    @property
    def text(self) -> str:
        """The noise for a message, or as part of a file's name."""
        return f"{self.kind.value}{self.seed}" if self.kind == FlowNoise.FIXED else self.kind.value


@dataclass(frozen=True)
class BlindConfig:
    """A blind comparison of two policies, which play the episodes in random order."""

    seed: Annotated[
        int,
        "seed of the random order in which two policies play, actor and blind.actor or the base; -1: actor plays alone",
        Range(-1, 2**31 - 1),
    ] = -1
    actor: Annotated[str, "folder of the actor checkpoint to compare with; empty: the base alone"] = ""

    def __post_init__(self) -> None:
        check_ranges(self, "blind.")

    @property
    def compares(self) -> bool:
        """True if two policies play."""
        return self.seed >= 0


@dataclass(frozen=True)
class SteeringConfig:
    """The steered quantity, and the scale of u for each choice."""

    steer: Annotated[Steer, "quantity that the residual u is added to: latent, action, noise or nothing"] = Steer.LATENT
    latent_ratio: Annotated[
        float, "steer latent: lambda in units of RMS(z), unless latent_scale is set", Range(0, 100, above=True)
    ] = 0.3
    latent_scale: Annotated[float, "steer latent: lambda itself; 0: use latent_ratio", Range(0, 100)] = 0.0
    action_scale: Annotated[float, "steer action: scale of the residual", Range(0, 2, above=True)] = 0.2
    noise_range: Annotated[float, "steer noise: range of the flow's noise", Range(0, 100, above=True)] = 1.5

    def __post_init__(self) -> None:
        check_ranges(self, "steering.")

    @property
    def text(self) -> str:
        """The steered quantity with its scale, for a message."""
        latent = f"latent_scale {self.latent_scale:g}" if self.latent_scale else f"latent_ratio {self.latent_ratio:g}"
        scales = {
            Steer.LATENT: latent,
            Steer.ACTION: f"action_scale {self.action_scale:g}",
            Steer.NOISE: f"noise_range {self.noise_range:g}",
        }
        return ", ".join(filter(None, (self.steer.value, scales.get(self.steer))))


@dataclass(frozen=True)
class SacConfig:
    """Hyperparameters of SAC."""

    critics: Annotated[int, "number of critics M", Range(1, 100)] = 10
    subset: Annotated[int, "number of randomly drawn critics whose minimum is the target", Range(1, 100)] = 2
    discount: Annotated[float, "discount of the reward per control step", Range(0, 1, above=True)] = 0.99
    batch: Annotated[int, "transitions per update", Range(1, 1_000_000)] = 256
    actor_lr: Annotated[float, "learning rate of actor and temperature", Range(0, 1)] = 1e-4
    critic_lr: Annotated[float, "learning rate of the critics", Range(0, 1)] = 3e-4
    tau: Annotated[float, "rate at which the target critics follow the critics, per update", Range(0, 1)] = 0.005
    actor_every: Annotated[int, "critic updates per actor update", Range(1, 1_000_000)] = 2
    actor_after: Annotated[int, "number of initial updates that train the critics only", Range(0, 2**31 - 1)] = 0
    grad_clip: Annotated[float, "norm to which gradients are clipped", Range(0, 1e6)] = 10.0
    alpha_0: Annotated[float, "initial temperature", Range(0, 100, above=True)] = 0.01
    entropy_per_dim: Annotated[float, "target entropy per dimension of u", Range(-100, 100)] = -0.5
    log_std_0: Annotated[float, "initial logarithm of the actor's standard deviation", Range(-20, 2)] = -4.0
    bounded: Annotated[bool, "true: critics lie in [0, 1], for a reward of 0 or 1 at the end"] = False
    timeout_is_terminal: Annotated[bool, "true: do not bootstrap from the state at a time-out"] = False
    hidden: Annotated[int, "units per hidden layer of actor and critics", Range(1, 100_000)] = 256

    def __post_init__(self) -> None:
        if not 1 <= self.subset <= self.critics:
            raise ValueError(f"subset must lie in 1..critics={self.critics}, got {self.subset}")
        check_ranges(self, "learner.sac.")


@dataclass(frozen=True)
class LearnerConfig:
    """Settings of the learner: how many updates it makes per transition."""

    sac: SacConfig = field(default_factory=SacConfig)
    utd: Annotated[float, "updates per transition, at most", Range(0, 100)] = 5.0
    warmup: Annotated[int, "transitions before the first update", Range(1, 2**31 - 1)] = 2000
    capacity: Annotated[int, "transitions that the replay buffer holds", Range(1, 2**31 - 1)] = 200_000
    demo_share: Annotated[
        float, "share of each batch that is from the base's demonstrations, as successes with u = 0", Range(0, 0.9)
    ] = 0.0

    def __post_init__(self) -> None:
        check_ranges(self, "learner.")
        count = round(self.demo_share * self.sac.batch)
        if self.demo_share > 0 and not 0 < count < self.sac.batch:
            raise ValueError(
                f"learner.demo_share {self.demo_share:g} of a batch of {self.sac.batch} is {count} transitions; it "
                "must be at least one, and not all"
            )
        if self.capacity < self.warmup:
            raise ValueError(f"learner.warmup must not exceed learner.capacity, got {self.warmup} and {self.capacity}")


@dataclass(frozen=True)
class ProblemSize:
    """Sizes of the learning problem and the scale of u, determined by base and steering."""

    embedding_dim: int  # E
    latent_dim: int  # Z
    residual_dim: int  # U
    scale: float  # lambda
    executed_dim: int = 0  # T_a * A
    streams: int = 0  # S, of the observation spec


class Mode(IntEnum):
    """The policy's mode. The values are those of PolicyStatus."""

    BASE = 0  # z = mu, u = 0
    FINETUNE = 1  # z and u sampled
    EVALUATE = 2  # z = mu, u = tanh(m)
    HOLD = 3  # no commands


@dataclass(frozen=True)
class ExplorationConfig:
    """The random residual u used for exploration, mainly during the warm-up.

    A warm-up with only u = 0 teaches the critic nothing about u. So in a fraction of the episodes u is drawn uniformly,
    once for the whole episode: a lasting push changes the outcome, while jitter averages out.
    """

    random_fraction: Annotated[float, "fraction of the warm-up episodes with a random u", Range(0, 1)] = 0.5
    reach: Annotated[float, "random u is uniform in -reach..reach", Range(0, 1, above=True)] = 1.0
    per_episode: Annotated[bool, "true: one random u per episode; false: one per chunk"] = True
    after_warmup: Annotated[float, "fraction of the later episodes with a random u", Range(0, 1)] = 0.0
    random_crops: Annotated[bool, "true: crop images at random, as in pretraining; false: at their centers"] = False

    def __post_init__(self) -> None:
        check_ranges(self, "exploration.")


@dataclass(frozen=True)
class FinetuneConfig:
    """All hyperparameters of online finetuning."""

    learner: LearnerConfig = field(default_factory=LearnerConfig)
    steering: SteeringConfig = field(default_factory=SteeringConfig)
    exploration: ExplorationConfig = field(default_factory=ExplorationConfig)
    flow_noise: NoiseConfig = field(default_factory=NoiseConfig)
    publish_every: Annotated[int, "updates between two publications of actor weights", Range(1, 1_000_000)] = 50

    def __post_init__(self) -> None:
        check_ranges(self)
        check_demo_share(self.learner, self.steering)


def check_demo_share(learner: LearnerConfig, steering: SteeringConfig) -> None:
    """Raises ValueError for demonstrations in the batches of a steering for which u = 0 does not describe them."""
    if learner.demo_share > 0 and steering.steer != Steer.LATENT:
        raise ValueError(
            f"learner.demo_share is {learner.demo_share:g}, and steering.steer is {steering.steer.value}: only with "
            "steer latent does u = 0 describe a demonstration; set learner.demo_share to 0"
        )
