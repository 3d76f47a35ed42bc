"""What the arm is told, from the moment it takes hold until it lets go. No ROS, no hardware."""

from dataclasses import dataclass

from zprl_control.driver import ArmState
from zprl_control.safety import checks
from zprl_control.safety.checks import Freshness
from zprl_control.safety.command_arbiter import Priority
from zprl_control.safety.guard import Guard, SafeCommand
from zprl_control.safety.interlocks import Interlocks
from zprl_control.safety.joint_limit_monitor import JointLimitMonitor
from zprl_core.target import Target


@dataclass(frozen=True)
class Command:
    """The newest command that may be followed."""

    target: Target
    source: str
    priority: Priority
    at_s: float


class CommandFollower:
    """The newest command, and what stands between it and the arm. Times are seconds of one monotonic clock."""

    def __init__(self, guard: Guard, interlocks: Interlocks):
        self.newest: Command | None = None  # None: stay
        self.held = ""  # why nobody but a hand may go on; "" when anybody may
        self._guard, self._interlocks, self._limits = guard, interlocks, guard.limits
        self._joint_limits = JointLimitMonitor(guard.limits)

    @property
    def at(self) -> Target:
        """What was told last."""
        return self._guard.at

    @property
    def failures(self) -> int:
        """Steps in which the guard found no way, and braked."""
        return self._guard.failures

    def step(self, state: ArmState, now_s: float, command_gain: float) -> SafeCommand:
        """The command for this step. `command_gain` scales a policy's, each of which is meant for one step."""
        newest = self.newest
        if newest is None:
            return SafeCommand(self._guard.hold(), (self.held,) if self.held else ())
        if why := self._blocked(newest, state, now_s):
            return SafeCommand(self._guard.hold(self._joint_limits.rest), (why,), waits=True)
        gain = command_gain if newest.priority == Priority.POLICY else 1.0
        return self._guard.follow(newest.target, state.pose, gain, state.joints)

    def lost(self, now_s: float) -> str:
        """Why only a person may go on: who commanded is silent for too long, and no person, who may let go; or ""."""
        newest = self.newest
        if newest is None or newest.priority == Priority.PERSON or self._freshness(newest, now_s) != Freshness.FAULT:
            return ""
        return f"{newest.source} has been silent for more than {self._limits.fault_s:g} s"

    def _blocked(self, newest: Command, state: ArmState, now_s: float) -> str:
        """Why the newest command is not followed, and the arm brakes instead; "" when it is."""
        blocked = {"dead-man": self._interlocks.released(now_s)}
        if newest.priority < Priority.PERSON:
            blocked["camera"] = self._interlocks.blind(now_s)
            in_joints = newest.target.joints is not None
            blocked["joints"] = self._joint_limits.update(state.joints, state.joint_velocities, state.pose, in_joints)
        else:
            self._joint_limits.reset()
        if self._freshness(newest, now_s) != Freshness.FRESH:
            blocked["silence"] = f"{newest.source} is silent"
        self._guard.counts.update(guard for guard, why in blocked.items() if why)
        return "; ".join(filter(None, blocked.values()))

    def _freshness(self, newest: Command, now_s: float) -> Freshness:
        return checks.freshness(now_s - newest.at_s, self._limits)
