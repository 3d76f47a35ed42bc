"""The learner: a replay, a SAC, and a budget that never lets updates run ahead of the robot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from zprl.replay import Replay
from zprl.sac import Sac, SacConfig
from zprl.transition import Transition


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

    embedding: int  # E
    latent: int  # Z
    steered: int  # U
    scale: float  # lambda
    executed: int = 0  # T_a * A


class Learner:
    """Transitions in, actor weights out. Knows neither images nor generator nor robot."""

    def __init__(self, size: ProblemSize, config: LearnerConfig, seed: int = 0):
        self.size, self.config = size, config
        self.replay = Replay(config.capacity, size.embedding, size.latent, size.steered)
        self.sac = Sac(size.embedding, size.steered, size.scale, config.sac, seed)
        self.rng = np.random.default_rng(seed)
        self.env_steps = 0
        self.metrics: dict[str, float] = {}

    def add(self, transition: Transition) -> None:
        """Store one transition. Raises ValueError, and changes nothing, when its sizes do not fit."""
        if not transition.intervention:
            self.replay.add(transition)
        self.env_steps += transition.steps

    def extend(self, rows: Mapping[str, npt.NDArray[Any]]) -> None:
        """Store many transitions by columns, as `Replay.extend` takes them.

        Where a person moved the arm, no u stands for what was done: such a transition is not learned from.
        """
        own = ~np.asarray(rows["intervention"], dtype=bool)
        self.replay.extend(rows if own.all() else {name: rows[name][own] for name in self.replay.sizes})
        self.env_steps += int(rows["steps"].sum())

    @property
    def warming_up(self) -> bool:
        """Whether experience is still too little to learn from."""
        return self.replay.added < self.config.warmup

    @property
    def due(self) -> int:
        """Updates that the budget UTD * transitions still allows."""
        return 0 if self.warming_up else int(self.config.utd * self.replay.added) - self.sac.updates

    def update(self) -> dict[str, float]:
        """One gradient step. Returns the newest value of every metric."""
        self.metrics |= self.sac.update(self.replay.sample(self.config.sac.batch, self.rng))
        return self.metrics
