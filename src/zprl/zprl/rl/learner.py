"""The learner: a replay buffer, SAC, and an update budget tied to the robot's experience."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zprl.rl.config import LearnerConfig, ProblemSize
from zprl.rl.demo_replay import DemoReplay, joined
from zprl.rl.replay_buffer import STREAM, Batch, ReplayBuffer
from zprl.rl.sac import Sac
from zprl.rl.transition import Transition


class Learner:
    """Learns actor weights from transitions, independently of images, base policy and robot."""

    def __init__(self, size: ProblemSize, config: LearnerConfig, seed: int = 0, demos: DemoReplay | None = None):
        """`demos`: what `demo_share` of each batch is taken from. Raises ValueError if it is needed and missing."""
        self.size, self.config = size, config
        self.replay = ReplayBuffer(config.capacity, size.embedding_dim, size.latent_dim, size.residual_dim)
        self.sac = Sac(size.embedding_dim, size.residual_dim, size.scale, config.sac, seed)
        self.rng = np.random.default_rng(seed)
        self._demos = demos
        if config.demo_share > 0 and demos is None:
            raise ValueError(
                f"learner.demo_share is {config.demo_share:g}, and the learner has no demonstrations; set it to 0"
            )
        self.env_steps = 0
        self.metrics: dict[str, float] = {}

    def compile(self) -> str:
        """Compiles the updates, as `Sac.compile`. Returns why it cannot, and the remedy; "" if it has."""
        try:
            self.sac.compile()
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            return f"updates are not compiled, and take longer ({reason}); install g++, or set CXX"
        return ""

    def add(self, transition: Transition) -> None:
        """Stores one transition. Raises ValueError, and changes nothing, when its sizes do not fit."""
        if not transition.intervention:
            self.replay.add(transition)
        self.env_steps += transition.steps

    def extend(self, rows: Mapping[str, npt.NDArray[Any]]) -> None:
        """Stores many transitions given by columns, as in `ReplayBuffer.extend`.

        Transitions during which the operator moved the arm are not learned from, because no u describes them.
        """
        own = ~np.asarray(rows["intervention"], dtype=bool)
        self.replay.extend(rows if own.all() else {name: rows[name][own] for name in (*self.replay.sizes, STREAM)})
        self.env_steps += int(rows["steps"].sum())

    @property
    def warming_up(self) -> bool:
        """True while there is too little experience to learn from."""
        return self.replay.added < self.config.warmup

    @property
    def due(self) -> int:
        """Number of updates that the budget UTD * transitions still allows."""
        return 0 if self.warming_up else int(self.config.utd * self.replay.added) - self.sac.updates

    def update(self) -> dict[str, float]:
        """Makes one gradient step. Returns the newest value of every metric."""
        self.metrics |= self.sac.update(self._batch())
        return self.metrics

    def _batch(self) -> Batch:
        """Samples a batch, of which `demo_share` are from demonstrations."""
        size = self.config.sac.batch
        count = round(self.config.demo_share * size)
        if self._demos is None or count == 0:
            return self.replay.sample(size, self.rng)
        return joined(self.replay.sample(size - count, self.rng), self._demos.sample(count, self.rng))
