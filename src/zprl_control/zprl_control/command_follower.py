"""What the arm is told, from the moment it takes hold until it lets go. No ROS, no hardware."""

from dataclasses import dataclass

from zprl_control.driver import ArmState
from zprl_control.safety import checks
from zprl_control.safety.checks import Freshness
from zprl_control.safety.command_arbiter import Rank
from zprl_control.safety.guard import Guard, Told
from zprl_control.safety.interlocks import Interlocks
from zprl_control.safety.joint_limit_monitor import Ends
from zprl_core.target import Target


@dataclass(frozen=True)
class Commanded:
    """The newest command that may be followed."""

    target: Target
    source: str
    rank: Rank
    at_s: float


class Following:
    """The newest command, and what stands between it and the arm. Times are seconds of one monotonic clock."""

    def __init__(self, guard: Guard, interlocks: Interlocks):
        self.newest: Commanded | None = None  # None: stay
        self.held = ""  # why nobody but a hand may go on; "" when anybody may
        self._guard, self._interlocks, self._limits = guard, interlocks, guard.limits
        self._ends = Ends(guard.limits)

    @property
    def at(self) -> Target:
        """What was told last."""
        return self._guard.at

    @property
    def failures(self) -> int:
        """Steps in which the guard found no way, and braked."""
        return self._guard.failures

    def step(self, state: ArmState, now_s: float, lead: float) -> Told:
        """What the arm is told now. `lead`: of a policy's commands; a policy means each to be reached in one step."""
        newest = self.newest
        if newest is None:
            return Told(self._guard.hold(), (self.held,) if self.held else ())
        if why := self._blocked(newest, state, now_s):
            return Told(self._guard.hold(self._ends.rest), (why,), waits=True)
        return self._guard.follow(newest.target, state.pose, lead if newest.rank == Rank.POLICY else 1.0)

    def lost(self, now_s: float) -> str:
        """Why only a person may go on: who commanded is silent for too long, and no person, who may let go; or ""."""
        newest = self.newest
        if newest is None or newest.rank == Rank.PERSON or self._freshness(newest, now_s) != Freshness.FAULT:
            return ""
        return f"{newest.source} has been silent for more than {self._limits.fault_s:g} s"

    def _blocked(self, newest: Commanded, state: ArmState, now_s: float) -> str:
        """Why the newest command is not followed, and the arm brakes instead; "" when it is."""
        blocked = {"dead-man": self._interlocks.released(now_s)}
        if newest.rank < Rank.PERSON:
            blocked["camera"] = self._interlocks.blind(now_s)
            blocked["joints"] = self._ends.watch(state.joints, state.joint_velocities, state.pose)
        else:
            self._ends.forget()
        if self._freshness(newest, now_s) != Freshness.FRESH:
            blocked["silence"] = f"{newest.source} is silent"
        self._guard.counts.update(guard for guard, why in blocked.items() if why)
        return "; ".join(filter(None, blocked.values()))

    def _freshness(self, newest: Commanded, now_s: float) -> Freshness:
        return checks.freshness(now_s - newest.at_s, self._limits)
