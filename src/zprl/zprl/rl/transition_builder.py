"""Builds transitions from executed control steps: one transition per chunk, emitted when it is final.

The event that ends an episode may arrive slightly after its final state. So the transition of a chunk is held until
the next chunk is over, and a late end removes what was executed after it.

If an arm reports what it executed, a step without a report does not count as executed. Without any reports (in process,
or a robot that sends none), the actions are assumed to be executed as requested.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from zprl.rl.transition import Array, LatentState, Transition


@dataclass(frozen=True)
class ActionChunk:
    """A decision: the state it was taken in, the residual u, and the resulting actions."""

    state: LatentState
    u: Array  # (U,)
    actions: npt.NDArray[np.float32]  # (T_a, A)
    actor_version: int = 0
    learn: bool = True  # as in Transition
    ages: Array = field(default_factory=lambda: np.zeros(0, np.float32))  # as in Transition


@dataclass(frozen=True)
class ExecutedAction:
    """The action that the arm executed in one control step."""

    action: npt.NDArray[np.float32] | None  # (A,) from `ActionSpec.action`; None if it cannot be expressed
    clipped: bool = False  # a guard changed it
    intervention: bool = False  # the operator commanded it


@dataclass
class _Played:
    chunk: ActionChunk
    stamps: list[int] = field(default_factory=list)  # stamps of the observations that its actions answered [ns]
    # the arm's report about each of these steps; None if not yet received
    reports: list[ExecutedAction | None] = field(default_factory=list)

    def until(self, end_ns: int) -> int:
        """Returns the number of control steps answered before `end_ns`."""
        return sum(stamp < end_ns for stamp in self.stamps)

    def reported(self, end_ns: int) -> int:
        """Returns the same number without trailing unreported steps, which the arm did not execute."""
        n = self.until(end_ns)
        while n and self.reports[n - 1] is None:
            n -= 1
        return n


class TransitionBuilder:
    """Builds the transitions of one episode, which is rewarded at its end. `discount` g is per control step."""

    def __init__(self, discount: float):
        self.discount = discount
        self.episode = 0
        self.speaks = False  # an arm reports what it executes
        self.unreported = 0  # transitions dropped because the arm did not report one of their steps
        self._held: _Played | None = None
        self._now: _Played | None = None

    def start(self, episode: int) -> None:
        """Starts a new episode and discards what an unfinished one left."""
        self.episode, self._held, self._now = episode, None, None

    def begin(self, chunk: ActionChunk) -> Transition | None:
        """Starts a new chunk. Returns the transition before the last one, which is now final.

        Returns None when there is none, or when the arm did not report one of its steps.
        """
        certain = None
        if self._held is not None and self._now is not None:
            certain = self._close(self._held, self._now.chunk.state)
        self._held, self._now = self._now, _Played(chunk)
        return certain

    def on_action(self, stamp_ns: int) -> None:
        """Records that an action of the current chunk answered the observation stamped `stamp_ns`."""
        now = self._now
        assert now is not None, "call begin() before on_action()"
        now.reports.append(None)
        now.stamps.append(stamp_ns)

    def on_executed(self, stamp_ns: int, executed: ExecutedAction) -> None:
        """Records the arm's report about the newest step that answered `stamp_ns`, and ignores reports about others.

        Several steps answer the same stamp if a stream is slower than the control rate.
        """
        self.speaks = True
        for played in (self._now, self._held):
            if played is not None and stamp_ns in played.stamps:
                played.reports[len(played.stamps) - 1 - played.stamps[::-1].index(stamp_ns)] = executed
                return

    def waits(self, end_ns: int) -> bool:
        """Returns True if the arm may still report the last step that was answered before `end_ns`.

        Reports arrive in the order of the steps: after one about a later step, no earlier one follows.
        """
        steps = [
            step for p in (self._held, self._now) if p is not None for step in zip(p.stamps, p.reports, strict=True)
        ]
        counted = sum(stamp < end_ns for stamp, _ in steps)
        return self.speaks and counted > 0 and all(report is None for _, report in steps[counted - 1 :])

    def finish(
        self, end_ns: int, next_state: LatentState, reward: float, terminated: bool, truncated: bool
    ) -> list[Transition]:
        """Ends the episode in `next_state`, at `end_ns`. `reward` is that of the last step."""
        steps = _Played.reported if self.speaks else _Played.until
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
        """Returns the transition of the first `steps` steps, or of all; None if it is unknown what was executed."""
        n = len(played.stamps) if steps is None else steps
        reports = played.reports[:n]
        known = [report or ExecutedAction(played.chunk.actions[i]) for i, report in enumerate(reports)]
        actions = [step.action for step in known]
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
            intervention=any(step.intervention for step in known),
            clipped=any(step.clipped for step in known),
            executed=executed.ravel(),
            ages=played.chunk.ages,
        )
