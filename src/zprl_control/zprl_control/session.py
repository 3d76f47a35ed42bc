"""The arm as its node drives it: guards, watchdog, lease and modes above any backend. No ROS, no hardware."""

import math
from collections import Counter
from dataclasses import dataclass, field

from zprl_control.command_follower import Command, CommandFollower
from zprl_control.driver import ArmLost, ArmState, Driver
from zprl_control.safety import checks
from zprl_control.safety.checks import Refused
from zprl_control.safety.command_arbiter import CommandArbiter, Priority
from zprl_control.safety.guard import Guard, SafeCommand
from zprl_control.safety.interlocks import Interlocks
from zprl_control.safety.joint_motion import ToolAt
from zprl_control.safety.limits import Limits
from zprl_control.safety.twist import ahead
from zprl_core.arm_mode import ENABLED, ArmEvent, ArmMode, IllegalTransition, next_mode
from zprl_core.target import Target, Twist6

RECONNECT_S = 1.0  # between two tries to reach the arm
HELD = "held by a person: only a hand moves the arm until arm/enable is called, or a reset"


@dataclass(frozen=True)
class Report:
    """One control step."""

    mode: ArmMode
    reason: str  # why it is clipped, held or stopped; "" if nothing happened
    state: ArmState | None = None  # None while there is no connection
    command: SafeCommand | None = None  # None while nothing is told
    source: str = ""  # whose command is followed; "" for nobody's
    person: bool = False  # a person commands, or did so a moment ago: what a policy asks for is not done


@dataclass
class ArmSession:
    """Times are seconds of one monotonic clock. One `tick` for each control step."""

    driver: Driver
    limits: Limits
    period_s: float
    command_gain: float = 1.0  # of a policy's commands: a policy means each to be reached within its control step
    binary_gripper: bool = False  # whether the gripper opens and closes only, whatever width in between is asked for
    interlocks: Interlocks = field(default_factory=lambda: Interlocks(Limits()))  # nothing must be alive
    arbiter: CommandArbiter = field(default_factory=CommandArbiter)
    tool_at: ToolAt | None = None  # the arm's forward kinematics, which keep a command in joints in the workspace
    mode: ArmMode = ArmMode.DISCONNECTED
    reason: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    _state: ArmState | None = None
    _follower: CommandFollower | None = None  # from when it takes hold until it lets go
    _tried_s: float = float("-inf")
    _now_s: float = float("-inf")  # of the last tick
    _cancelled: bool = False  # whether the reset motion was told to end before it was there
    arrived: bool = False  # whether the last reset motion came to its end, and nobody has moved the arm since

    def command(self, target: Target, source: str, priority: Priority, now_s: float) -> str:
        """A command from `source`. Returns why it is ignored, or ""."""
        why = self._deaf() or self._held(priority) or self.arbiter.acquire(source, priority, now_s)
        if why:
            self.counts["ignored"] += 1
            return why
        assert self._follower is not None
        self._follower.newest = Command(target, source, priority, now_s)
        self.arrived = False
        self._on_event(ArmEvent.FOLLOW)
        return ""

    def nudge(self, twist: Twist6, width: float | None, source: str, priority: Priority, now_s: float) -> str:
        """Like `command`: go on with `twist` [m/s, rad/s] from where the arm was told to be; None keeps the width."""
        if self._follower is None:
            return self._deaf() or "nothing is followed yet; enable it first"
        if not all(map(math.isfinite, twist)):
            self.counts["finite"] += 1
            return f"the twist is not finite: {twist}"
        at = self._follower.at
        goal = Target(ahead(at.pose, twist, self.period_s, self.limits), at.width if width is None else width)
        return self.command(goal, source, priority, now_s)

    def enable(self) -> None:
        """Let the arm move, after a `hold` too. Raises IllegalTransition or Refused, which say what to do first."""
        next_mode(self.mode, ArmEvent.ENABLE)
        assert self._state is not None
        if self.mode == ArmMode.HOLD and self._follower is not None:
            self._follower.held = ""
        else:
            self._take_hold(self._state)
        self._on_event(ArmEvent.ENABLE)

    def hold(self) -> None:
        """Brake; follow only teleoperation until it is enabled again or reset. Raises IllegalTransition."""
        self.pause()
        assert self._follower is not None
        self._follower.held = HELD

    def pause(self) -> None:
        """Brake and stay until the next command. Silence is no fault then. Raises IllegalTransition.

        A reset motion ends before it is there.
        """
        self._on_event(ArmEvent.HOLD)
        if self.mode == ArmMode.RESET:
            self._cancelled = True
            self.driver.halt()
        assert self._follower is not None
        self._follower.newest, self.reason = None, ""

    def stop(self) -> None:
        """Follow nothing until it is armed again. Raises IllegalTransition."""
        self._on_event(ArmEvent.STOP)
        self._let_go("stopped by a person")

    def reset(self) -> None:
        """Move slowly to the start of an episode. Raises IllegalTransition, or Refused (dead-man switch)."""
        next_mode(self.mode, ArmEvent.RESET)
        if released := self.interlocks.released(self._now_s):
            self.counts["dead-man"] += 1
            raise Refused("dead-man", released)
        self._on_event(ArmEvent.RESET)
        self._cancelled = self.arrived = False
        self.driver.halt()
        self.driver.reset()
        assert self._follower is not None
        self._follower.newest, self._follower.held, self.reason = None, "", ""

    def recover(self) -> None:
        """Clear the fault, as a person asks. It must be armed again afterwards. Raises IllegalTransition or ArmLost."""
        next_mode(self.mode, ArmEvent.RECOVER)
        if self._state is None:
            raise ArmLost("the arm is not connected; connect it first")
        self.driver.recover()
        self._on_event(ArmEvent.RECOVER)
        self.reason = ""

    def estop(self) -> None:
        """Stop now, and stay so until it is released. Never instead of the hardware's button."""
        self._on_event(ArmEvent.ESTOP)
        self._let_go("emergency stop")

    def release(self) -> None:
        """The stop is released; recover and arm are still to come. Raises IllegalTransition."""
        self._on_event(ArmEvent.RELEASE)
        self.reason = "the emergency stop was released"

    def tick(self, now_s: float) -> Report:
        """One control step: look, judge, tell."""
        self._now_s = now_s
        try:
            self._look(now_s)
        except ArmLost as lost:
            self._lost(str(lost))
        state = self._state
        if state is None:
            return Report(self.mode, self.reason)
        if self.mode in ENABLED:
            why = self._stops(state, now_s)
            if why:
                self._fault(why)
        if self.mode == ArmMode.RESET:
            self._watch_reset(state, now_s)
        told = self._follow(state, now_s) if self.mode in (ArmMode.STREAM, ArmMode.HOLD) else None
        reason = self.reason or "; ".join(told.reasons if told else ())
        return Report(self.mode, reason, state, told, self._source(), told is not None and self.arbiter.person(now_s))

    @property
    def width(self) -> float:
        """What the gripper was told last; open before that [m]."""
        return self._follower.at.width if self._follower else self.limits.width

    def progress(self) -> float:
        """Of the reset motion, 0 to 1; 1 when none runs."""
        return self.driver.progress() if self.mode == ArmMode.RESET else 1.0

    def close(self) -> None:
        """Let the arm go."""
        self._follower = None  # nanobind tells of every Ruckig that is alive when Python ends
        self.driver.close()

    def _look(self, now_s: float) -> None:
        if self._state is None:
            if now_s - self._tried_s < RECONNECT_S:
                return
            self._tried_s = now_s
            self.driver.connect()
            self._on_event(ArmEvent.CONNECTED)
            if self.mode == ArmMode.IDLE:
                self.reason = ""
        self._state = self.driver.read()

    def _stops(self, state: ArmState, now_s: float) -> str:
        """Why an armed arm must stop; "" when it need not."""
        if state.fault:
            return state.fault
        if now_s - state.read_s > self.limits.state_s:
            return f"the arm's state is {now_s - state.read_s:.2f} s old, allowed are {self.limits.state_s:g} s"
        pushed = checks.contact_reason(state.wrench, self.limits)
        if pushed:
            return pushed
        return self._follower.lost(now_s) if self._follower else ""

    def _follow(self, state: ArmState, now_s: float) -> SafeCommand:
        assert self._follower is not None
        told = self._follower.step(state, now_s, self.command_gain)
        if told.waits:
            self._on_event(ArmEvent.SILENCE)
        self.driver.set_target(told.target)
        return told

    def _take_hold(self, state: ArmState, held: str = "") -> None:
        """From here on the arm follows targets. Raises Refused when the tool is outside the workspace."""
        here = Target(state.pose, state.width)
        guard = Guard(self.limits, self.period_s, here, self.counts, self.binary_gripper, self.tool_at)
        self._follower = CommandFollower(guard, self.interlocks)
        self._follower.held = held
        self.driver.begin(here)
        self.reason = ""

    def _watch_reset(self, state: ArmState, now_s: float) -> None:
        released = self.interlocks.released(now_s)
        if released and not self._cancelled:
            self.counts["dead-man"] += 1
            self.pause()
            self.reason = released
        if self.driver.progress() >= 1.0:
            self._arrived(state)

    def _arrived(self, state: ArmState) -> None:
        held = self._follower.held if self._follower is not None else ""
        try:
            self._take_hold(state, held)
            self._on_event(ArmEvent.ARRIVED)
            self.arrived = not self._cancelled
        except Refused as refused:
            self._fault(f"after the reset {refused}")

    def _fault(self, why: str) -> None:
        self._on_event(ArmEvent.FAULT)
        self.counts["faults"] += 1
        self._let_go(why)

    def _lost(self, why: str) -> None:
        self._state = self._follower = None
        self.arrived = False
        if self.mode != ArmMode.ESTOP:
            self.reason = why
        self._on_event(ArmEvent.LOST)

    def _let_go(self, why: str) -> None:
        self._follower, self.arrived = None, False
        self.reason = why
        if self._state is not None:
            self.driver.halt()

    def _held(self, priority: Priority) -> str:
        """Why nobody of this rank is followed; "" when somebody may be."""
        return self._follower.held if self._follower is not None and priority < Priority.PERSON else ""

    def _source(self) -> str:
        """Whose command is followed; "" for nobody's."""
        newest = self._follower.newest if self._follower else None
        return newest.source if newest and self.mode == ArmMode.STREAM else ""

    def _on_event(self, event: ArmEvent) -> None:
        self.mode = next_mode(self.mode, event)

    def _deaf(self) -> str:
        try:
            next_mode(self.mode, ArmEvent.FOLLOW)
        except IllegalTransition as illegal:
            return str(illegal)
        return ""
