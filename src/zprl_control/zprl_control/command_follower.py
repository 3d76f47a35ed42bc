"""Turns the newest command into guarded targets while the arm is engaged. No ROS, no hardware."""

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
    """The newest command that was accepted."""

    target: Target
    source: str
    priority: Priority
    at_s: float


class CommandFollower:
    """Passes the newest command through interlocks and guards. Times are seconds on one monotonic clock."""

    def __init__(self, guard: Guard, interlocks: Interlocks):
        self.newest: Command | None = None  # None: hold position
        self.held = ""  # why only teleoperation is followed; "" when every source is
        self._guard, self._interlocks, self._limits = guard, interlocks, guard.limits
        self._joint_limits = JointLimitMonitor(guard.limits)

    @property
    def at(self) -> Target:
        """The last target sent to the arm."""
        return self._guard.at

    def step(self, state: ArmState, now_s: float, command_gain: float) -> SafeCommand:
        """Returns the command for this step. `command_gain` applies to a policy, whose target is meant for one step."""
        newest = self.newest
        if newest is None:
            return SafeCommand(self._guard.hold(), (self.held,) if self.held else ())
        if why := self._blocked(newest, state, now_s):
            return SafeCommand(self._guard.hold(self._joint_limits.rest), (why,), waits=True)
        gain = command_gain if newest.priority == Priority.POLICY else 1.0
        return self._guard.follow(newest.target, state.pose, gain, state.joints)

    def lost(self, now_s: float) -> str:
        """Returns why the arm must stop until an operator acts: the commanding program has been silent for too long.

        Returns "" otherwise, and for teleoperation, which may pause at any time.
        """
        newest = self.newest
        if newest is None or newest.priority == Priority.PERSON or self._freshness(newest, now_s) != Freshness.FAULT:
            return ""
        return f"{newest.source} has been silent for more than {self._limits.fault_s:g} s"

    def _blocked(self, newest: Command, state: ArmState, now_s: float) -> str:
        """Returns why the arm brakes instead of following the newest command; "" if it follows."""
        blocked = {"dead-man": self._interlocks.dead_man_reason(now_s)}
        if newest.priority < Priority.PERSON:
            blocked["camera"] = self._interlocks.camera_reason(now_s)
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
