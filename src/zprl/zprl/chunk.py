"""From executed control steps to transitions: one transition per chunk, closed when it is certain.

The news that an episode ended may come a little after the state that ended it. So the transition of a chunk
is held until the chunk after it is over, and a late ending cuts off what was executed after it.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from zprl.transition import Array, Situation, Transition


@dataclass(frozen=True)
class Chunk:
    """A decision: where it was taken, what u was, and the actions that follow from it."""

    before: Situation
    u: Array  # (U,)
    actions: npt.NDArray[np.float32]  # (T_a, A)
    weights: int = 0
    learn: bool = True  # as in Transition


@dataclass(frozen=True)
class Executed:
    """What the arm was told in one control step."""

    action: npt.NDArray[np.float32]  # (A,) as `ActionScale.action` gives it
    clipped: bool = False  # a guard changed it
    intervention: bool = False  # a person chose it


@dataclass
class _Played:
    chunk: Chunk
    stamps: list[int] = field(default_factory=list)  # of the observations that its actions answered [ns]
    told: list[Executed] = field(default_factory=list)  # in each of these steps

    def until(self, end_ns: int) -> int:
        """Control steps that were answered before `end_ns`."""
        return sum(stamp < end_ns for stamp in self.stamps)


class ChunkRecorder:
    """Follows one episode. Reward comes at its end; `discount` g is per control step."""

    def __init__(self, discount: float):
        self.discount = discount
        self.episode = 0
        self._held: _Played | None = None
        self._now: _Played | None = None

    def start(self, episode: int) -> None:
        """A new episode: forget what an unfinished one left."""
        self.episode, self._held, self._now = episode, None, None

    def begin(self, chunk: Chunk) -> Transition | None:
        """A chunk boundary. Returns the transition before the last one, which nothing can change any more."""
        certain = None
        if self._held is not None and self._now is not None:
            certain = self._close(self._held, self._now.chunk.before)
        self._held, self._now = self._now, _Played(chunk)
        return certain

    def executed(self, stamp_ns: int) -> None:
        """One action of the current chunk answered the observation of `stamp_ns`."""
        now = self._now
        assert now is not None, "begin() comes before executed()"
        now.told.append(Executed(now.chunk.actions[len(now.stamps)]))
        now.stamps.append(stamp_ns)

    def told(self, stamp_ns: int, executed: Executed) -> None:
        """The arm's word about the step that answered `stamp_ns`; what it says of other steps is not needed."""
        for played in (self._now, self._held):
            if played is not None and stamp_ns in played.stamps:
                played.told[played.stamps.index(stamp_ns)] = executed

    def finish(
        self, end_ns: int, after: Situation, reward: float, terminated: bool, truncated: bool
    ) -> list[Transition]:
        """The episode ended at the state of `end_ns`, which is `after`. `reward` is that of the last step."""
        played = [p for p in (self._held, self._now) if p is not None and p.until(end_ns)]
        self._held = self._now = None
        if not played:
            return []
        last = self._close(played[-1], after, end_ns, reward, terminated, truncated)
        return [self._close(played[0], played[1].chunk.before), last] if len(played) == 2 else [last]

    def _close(
        self,
        played: _Played,
        after: Situation,
        end_ns: int | None = None,
        reward: float = 0.0,
        terminated: bool = False,
        truncated: bool = False,
    ) -> Transition:
        n = len(played.stamps) if end_ns is None else played.until(end_ns)
        executed = np.zeros_like(played.chunk.actions)
        executed[:n] = [step.action for step in played.told[:n]]
        return Transition(
            before=played.chunk.before,
            u=played.chunk.u,
            reward=self.discount ** (n - 1) * reward,
            steps=n,
            terminated=terminated,
            truncated=truncated,
            after=after,
            weights=played.chunk.weights,
            learn=played.chunk.learn,
            episode=self.episode,
            stamp_ns=played.stamps[n - 1],
            intervention=any(step.intervention for step in played.told[:n]),
            clipped=any(step.clipped for step in played.told[:n]),
            executed=executed.ravel(),
        )
