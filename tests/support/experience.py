"""Transitions out of nowhere, for tests of what stores them."""

import numpy as np

from zprl.delivery.transition_codec import Key, encode
from zprl.rl.config import LearnerConfig, ProblemSize, SacConfig
from zprl.rl.learner import Learner
from zprl.rl.transition import LatentState, Transition

SIZE = ProblemSize(embedding_dim=3, latent_dim=2, residual_dim=2, scale=0.5, executed_dim=4, streams=2)


def lived(count: int, size: ProblemSize = SIZE, length: int = 5, seed: int = 0) -> list[Transition]:
    """Transitions of whole episodes of this length: each starts in the state in which the one before it ended."""
    rng, made = np.random.default_rng(seed), list[Transition]()
    sizes = (size.embedding_dim, size.latent_dim, size.latent_dim, size.residual_dim)
    for k in range(count):
        states = [LatentState(*(rng.standard_normal(n, np.float32) for n in sizes)) for _ in range(2)]
        state = made[-1].next_state if k % length else states[0]
        u = rng.uniform(-1, 1, size.residual_dim).astype(np.float32)
        ends, executed = k % length == length - 1, rng.standard_normal(size.executed_dim, np.float32)
        reward, stamp_ns, ages = float(ends and k % 2), 1_500_000_000 + k, np.zeros(size.streams, np.float32)
        made.append(
            Transition(
                state,
                u,
                reward,
                1 + k % 4,
                ends,
                False,
                states[1],
                0,
                k // length,
                stamp_ns,
                executed=executed,
                ages=ages,
            )
        )
    return made


def transition(k: int = 0, *, episode: int = 0, end: str = "") -> Transition:
    """The k-th transition; `end` is "", success, failure or timeout."""
    rng = np.random.default_rng(k)

    def situation() -> LatentState:
        return LatentState(*(rng.normal(size=n).astype(np.float32) for n in (3, 2, 2, 2)))

    u = rng.uniform(-1, 1, 2).astype(np.float32)
    return Transition(
        state=situation(),
        u=u,
        reward=float(end == "success"),
        steps=1 + k % 4,
        terminated=end in ("success", "failure"),
        truncated=end == "timeout",
        next_state=situation(),
        actor_version=k // 10,
        episode=episode,
        stamp_ns=1_500_000_000 + k,
        clipped=k % 3 == 0,
        executed=rng.normal(size=4).astype(np.float32),
        ages=np.array([0.0, 0.01 * (k % 5)], np.float32),
    )


def message(k: int, run: str = "run", robot: str = "robot", journal: int = 7) -> bytes:
    """The k-th transition of a journal, as it comes from the network."""
    return encode(Key(run, robot, journal, k), transition(k))


def learner(seed: int = 0, *, warmup: int = 8, capacity: int = 1000, utd: float = 1.0) -> Learner:
    """A small one."""
    config = LearnerConfig(SacConfig(critics=2, hidden=8, batch=8), utd, warmup, capacity)
    return Learner(SIZE, config, seed)
