"""One transition of the learning problem, an executed chunk, as the replay buffer stores it."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class LatentState:
    """An observation as the learner sees it, and the point that u is added to."""

    e: Array  # (E,) embedding
    mu: Array  # (Z,)
    logvar: Array  # (Z,)
    z: Array  # (U,) the sampled latent; a base chunk with action steering, zeros with noise steering


@dataclass(frozen=True)
class Transition:
    """A transition (s, u, R, n, s'), where n is the number of control steps that were actually executed."""

    state: LatentState
    u: Array  # (U,) in [-1, 1]
    reward: float  # R = sum_{i < n} g^i r_i
    steps: int  # n
    terminated: bool  # the task ended: no bootstrap
    truncated: bool  # the time limit ended it: bootstraps from `next_state`
    next_state: LatentState
    actor_version: int = 0  # version of the actor weights that produced u
    episode: int = 0
    stamp_ns: int = 0  # time of the chunk's last step
    intervention: bool = False  # the operator moved the arm in at least one of the steps
    clipped: bool = False  # a guard changed at least one of the commands
    executed: Array = field(
        default_factory=lambda: np.zeros(0, np.float32)
    )  # (T_a * A,) executed actions, as in the message
    ages: Array = field(
        default_factory=lambda: np.zeros(0, np.float32)
    )  # (S,) of the streams' samples [s], as in the message
    learn: bool = True  # played in mode finetune, to be learned from; not transmitted

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"a transition needs at least one executed step, got {self.steps}")
        numbers = (
            *vars(self.state).values(),
            *vars(self.next_state).values(),
            self.u,
            self.reward,
            self.executed,
            self.ages,
        )
        if not all(np.all(np.isfinite(x)) for x in numbers):
            raise ValueError("a transition contains a number that is not finite; it is not stored")
        if np.abs(self.u).max(initial=0.0) > 1.0:
            raise ValueError(f"a transition has u outside [-1, 1]: {np.abs(self.u).max():g}")
