"""From executed control steps to transitions: one transition per chunk, closed when it is certain.

The news that an episode ended may come a little after the state that ended it. So the transition of a chunk
is held until the chunk after it is over, and a late ending cuts off what was executed after it.

Where an arm says what it was told, nothing counts as executed without its word. Where nobody speaks, in process or with
a robot that says nothing, the robot does what it is asked for.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from zprl.rl.transition import Array, LatentState, Transition


@dataclass(frozen=True)
class ActionChunk:
    """A decision: where it was taken, what u was, and the actions that follow from it."""

    state: LatentState
    u: Array  # (U,)
    actions: npt.NDArray[np.float32]  # (T_a, A)
    actor_version: int = 0
    learn: bool = True  # as in Transition


@dataclass(frozen=True)
class ExecutedAction:
    """What the arm was told in one control step."""

    action: npt.NDArray[np.float32] | None  # (A,) as `ActionSpec.action` gives it; None: the policy has no such numbers
    clipped: bool = False  # a guard changed it
    intervention: bool = False  # a person chose it


@dataclass
class _Played:
    chunk: ActionChunk
    stamps: list[int] = field(default_factory=list)  # of the observations that its actions answered [ns]
    # the arm's about each of these steps; None: not yet
    reports: list[ExecutedAction | None] = field(default_factory=list)

    def until(self, end_ns: int) -> int:
        """Control steps that were answered before `end_ns`."""
        return sum(stamp < end_ns for stamp in self.stamps)

    def spoken(self, end_ns: int) -> int:
        """As `until`, without the last ones that the arm has said nothing about: it did not come to them."""
        n = self.until(end_ns)
        while n and self.reports[n - 1] is None:
            n -= 1
        return n


class TransitionBuilder:
    """Follows one episode. Reward comes at its end; `discount` g is per control step."""

    def __init__(self, discount: float):
        self.discount = discount
        self.episode = 0
        self.speaks = False  # whether an arm says what it was told
        self.unreported = 0  # transitions that are not given out, because the arm said nothing about one of their steps
        self._held: _Played | None = None
        self._now: _Played | None = None

    def start(self, episode: int) -> None:
        """A new episode: forget what an unfinished one left."""
        self.episode, self._held, self._now = episode, None, None

    def begin(self, chunk: ActionChunk) -> Transition | None:
        """A chunk boundary. Returns the transition before the last one, which nothing can change any more.

        None when there is none, or when the arm said nothing about one of its steps.
        """
        certain = None
        if self._held is not None and self._now is not None:
            certain = self._close(self._held, self._now.chunk.state)
        self._held, self._now = self._now, _Played(chunk)
        return certain

    def on_action(self, stamp_ns: int) -> None:
        """One action of the current chunk answered the observation of `stamp_ns`."""
        now = self._now
        assert now is not None, "begin() comes before executed()"
        now.reports.append(None)
        now.stamps.append(stamp_ns)

    def on_executed(self, stamp_ns: int, executed: ExecutedAction) -> None:
        """The arm's word about the newest step that answered `stamp_ns`. What it says of other steps is not needed.

        Several steps answer one stamp where a stream is slower than the control rate.
        """
        self.speaks = True
        for played in (self._now, self._held):
            if played is not None and stamp_ns in played.stamps:
                played.reports[len(played.stamps) - 1 - played.stamps[::-1].index(stamp_ns)] = executed
                return

    def waits(self, end_ns: int) -> bool:
        """Whether the arm may still say something about the last step that was answered before `end_ns`.

        It speaks in the order of the steps: once it has spoken about a later one, it will not.
        """
        steps = [
            step for p in (self._held, self._now) if p is not None for step in zip(p.stamps, p.reports, strict=True)
        ]
        counted = sum(stamp < end_ns for stamp, _ in steps)
        return self.speaks and counted > 0 and all(report is None for _, report in steps[counted - 1 :])

    def finish(
        self, end_ns: int, next_state: LatentState, reward: float, terminated: bool, truncated: bool
    ) -> list[Transition]:
        """The episode ended at the state of `end_ns`, which is `next_state`. `reward` is that of the last step."""
        steps = _Played.spoken if self.speaks else _Played.until
        played = [p for p in (self._held, self._now) if p is not None and steps(p, end_ns)]
        self._held = self._now = None
        if not played:
            return []
        last = self._close(played[-1], next_state, steps(played[-1], end_ns), reward, terminated, truncated)
        first = self._close(played[0], played[1].chunk.state) if len(played) == 2 else None
        return [t for t in (first, last) if t is not None]

    def _close(
        self,
        played: _Played,
        next_state: LatentState,
        steps: int | None = None,
        reward: float = 0.0,
        terminated: bool = False,
        truncated: bool = False,
    ) -> Transition | None:
        """The transition of the first `steps` steps, or of all; None when it is not known what was executed."""
        n = len(played.stamps) if steps is None else steps
        reports = played.reports[:n]
        told = [report or ExecutedAction(played.chunk.actions[i]) for i, report in enumerate(reports)]
        actions = [step.action for step in told]
        if (self.speaks and None in reports) or any(action is None for action in actions):
            self.unreported += 1
            return None
        executed = np.zeros_like(played.chunk.actions)
        executed[:n] = actions
        return Transition(
            state=played.chunk.state,
            u=played.chunk.u,
            reward=self.discount ** (n - 1) * reward,
            steps=n,
            terminated=terminated,
            truncated=truncated,
            next_state=next_state,
            actor_version=played.chunk.actor_version,
            learn=played.chunk.learn,
            episode=self.episode,
            stamp_ns=played.stamps[n - 1],
            intervention=any(step.intervention for step in told),
            clipped=any(step.clipped for step in told),
            executed=executed.ravel(),
        )
