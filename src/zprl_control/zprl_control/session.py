"""The arm session: guards, watchdog, command arbiter and modes above any driver. No ROS, no hardware."""

import math
from collections import Counter
from dataclasses import dataclass, field, replace

from zprl_control.command_follower import Command, CommandFollower
from zprl_control.driver import ArmLost, ArmState, Driver
from zprl_control.gripper_watch import GripperWatch, check_homing
from zprl_control.report import Report
from zprl_control.safety import checks
from zprl_control.safety.checks import Refused
from zprl_control.safety.command_arbiter import CommandArbiter, Priority
from zprl_control.safety.guard import Guard, SafeCommand
from zprl_control.safety.interlocks import Interlocks
from zprl_control.safety.joint_motion import ToolAt
from zprl_control.safety.limits import Limits
from zprl_control.safety.twist import ahead
from zprl_core.arm_mode import ENABLED, ArmEvent, ArmMode, illegal_reason, next_mode
from zprl_core.gripper_state import GripperMode, GripperState
from zprl_core.target import Target, Twist6

RECONNECT_S = 1.0  # time between two connection attempts
HELD = "held by the operator: only teleoperation moves the arm until arm/enable or reset is called"


@dataclass
class ArmSession:
    """Runs one arm, with one `tick` per control step. Times are seconds on one monotonic clock."""

    driver: Driver
    limits: Limits
    period_s: float
    command_gain: float = 1.0  # for a policy's commands, each meant to be reached within its control step
    binary_gripper: bool = False  # the gripper only opens and closes; widths in between are rounded
    interlocks: Interlocks = field(default_factory=lambda: Interlocks(Limits()))  # no interlocks
    arbiter: CommandArbiter = field(default_factory=CommandArbiter)
    tool_at: ToolAt | None = None  # forward kinematics, which keep the tool in the workspace under joint commands
    mode: ArmMode = ArmMode.DISCONNECTED
    reason: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    _gripper: GripperWatch = field(default_factory=GripperWatch)
    _state: ArmState | None = None
    _follower: CommandFollower | None = None  # present while the arm is engaged
    _tried_s: float = float("-inf")
    _now_s: float = float("-inf")  # time of the last tick
    _cancelled: bool = False  # the reset motion was canceled
    arrived: bool = False  # the last reset motion reached its end and the arm was not moved since

    def command(self, target: Target, source: str, priority: Priority, now_s: float) -> str:
        """Accepts a command from `source`. Returns why it is ignored, or ""."""
        why = illegal_reason(self.mode, ArmEvent.FOLLOW) or self._hold_reason(priority)
        why = why or self.arbiter.acquire(source, priority, now_s)
        if why:
            self.counts["ignored"] += 1
            return why
        assert self._follower is not None
        self._follower.newest = Command(target, source, priority, now_s)
        self.arrived = False
        self._on_event(ArmEvent.FOLLOW)
        return ""

    def nudge(self, twist: Twist6, width: float | None, source: str, priority: Priority, now_s: float) -> str:
        """Like `command`, with a twist [m/s, rad/s] that starts at the last target sent; None keeps the width."""
        if self._follower is None:
            return illegal_reason(self.mode, ArmEvent.FOLLOW) or "the arm follows nothing yet; enable it first"
        if not all(map(math.isfinite, twist)):
            self.counts["finite"] += 1
            return f"the twist is not finite: {twist}"
        at = self._follower.at
        goal = Target(ahead(at.pose, twist, self.period_s, self.limits), at.width if width is None else width)
        return self.command(goal, source, priority, now_s)

    def enable(self) -> None:
        """Allows motion, also after `hold`, and homes a gripper that needs it.

        Raises IllegalTransition or Refused, which say what to do first.
        """
        next_mode(self.mode, ArmEvent.ENABLE)
        assert self._state is not None
        if self.mode == ArmMode.HOLD and self._follower is not None:
            self._follower.held = ""
        else:
            if self._state.gripper.mode == GripperMode.NOT_HOMED:
                self.home_gripper()
            self._gripper.to_home = self._state.gripper.mode == GripperMode.CONNECTING
            self._engage(self._state)
        self._on_event(ArmEvent.ENABLE)

    def hold(self) -> None:
        """Brakes; follows only teleoperation until `enable` or `reset`. Raises IllegalTransition."""
        self.pause()
        assert self._follower is not None
        self._follower.held = HELD

    def pause(self) -> None:
        """Brakes and waits for the next command; silence is then not a fault. Raises IllegalTransition.

        Cancels a reset motion.
        """
        self._on_event(ArmEvent.HOLD)
        if self.mode == ArmMode.RESET:
            self._cancelled = True
            self.driver.halt()
        assert self._follower is not None
        self._follower.newest, self.reason = None, ""

    def stop(self) -> None:
        """Stops and follows nothing until `enable`. Raises IllegalTransition."""
        self._on_event(ArmEvent.STOP)
        self._disengage("stopped by the operator")

    def reset(self) -> None:
        """Moves slowly to the start of an episode.

        Raises IllegalTransition, or Refused (dead-man switch, gripper that is being homed).
        """
        next_mode(self.mode, ArmEvent.RESET)
        if released := self.interlocks.dead_man_reason(self._now_s):
            self.counts["dead-man"] += 1
            raise Refused("dead-man", released)
        if self._state is not None and self._state.gripper.mode == GripperMode.HOMING:
            raise Refused("gripper", "the gripper is being homed; reset again when it has ended")
        self._on_event(ArmEvent.RESET)
        self._cancelled = self.arrived = False
        self.driver.halt()
        self.driver.reset()
        assert self._follower is not None
        self._follower.newest, self._follower.held, self.reason = None, "", ""

    def home_gripper(self) -> None:
        """Starts to home the gripper: it opens and closes fully. The arm must not be moving.

        Raises ArmLost, or Refused while a program drives the arm, or if the gripper cannot be homed by a command.
        """
        if self._state is None:
            raise ArmLost("the arm is not connected; connect it first")
        if released := self.interlocks.dead_man_reason(self._now_s):
            self.counts["dead-man"] += 1
            raise Refused("dead-man", f"the gripper would move: {released}")
        check_homing(self.mode, self._follower is not None and self._follower.newest is not None)
        self.driver.home_gripper()

    def recover(self) -> None:
        """Clears a fault; `enable` must follow. Raises IllegalTransition or ArmLost."""
        next_mode(self.mode, ArmEvent.RECOVER)
        if self._state is None:
            raise ArmLost("the arm is not connected; connect it first")
        self.driver.recover()
        self._on_event(ArmEvent.RECOVER)
        self.reason = ""

    def estop(self) -> None:
        """Stops at once, until `release`. This does not replace the hardware emergency stop."""
        self._on_event(ArmEvent.ESTOP)
        self._disengage("emergency stop")

    def release(self) -> None:
        """Releases the emergency stop; `recover` and `enable` must follow. Raises IllegalTransition."""
        self._on_event(ArmEvent.RELEASE)
        self.reason = "the emergency stop was released"

    def tick(self, now_s: float) -> Report:
        """Runs one control step: reads the state, checks it and sends the target."""
        self._now_s = now_s
        try:
            self._read(now_s)
        except ArmLost as lost:
            self._lost(str(lost))
        state = self._state
        if state is None:
            return Report(self.mode, self.reason)
        if self.mode in ENABLED:
            why = self._stop_reason(state, now_s)
            if why:
                self._fault(why)
        if self.mode == ArmMode.RESET:
            self._watch_reset(state, now_s)
        sent = self._follow(state, now_s) if self.mode in (ArmMode.STREAM, ArmMode.HOLD) else None
        reason = self.reason or "; ".join(sent.reasons if sent else ())
        return Report(self.mode, reason, state, sent, self._source(), sent is not None and self.arbiter.person(now_s))

    @property
    def width(self) -> float:
        """The last width sent to the gripper [m]; open before the first."""
        return self._follower.at.width if self._follower else self.limits.width

    def progress(self) -> float:
        """Returns the progress of the reset motion, 0 to 1; 1 when none is running."""
        return self.driver.progress() if self.mode == ArmMode.RESET else 1.0

    def close(self) -> None:
        """Disconnects from the arm."""
        self._follower = None  # otherwise nanobind warns of a leaked Ruckig when Python exits
        self.driver.close()

    def _read(self, now_s: float) -> None:
        if self._state is None:
            if now_s - self._tried_s < RECONNECT_S:
                return
            self._tried_s = now_s
            self.driver.connect()
            self._on_event(ArmEvent.CONNECTED)
            if self.mode == ArmMode.IDLE:
                self.reason = ""
        state = self.driver.read()
        gripper = self._gripper.look(state.gripper, now_s)
        if self._gripper.homing_due() and self._may_home(now_s):
            self.driver.home_gripper()
            gripper = self._gripper.look(GripperState(GripperMode.HOMING), now_s)
        self._state = replace(state, gripper=gripper)

    def _may_home(self, now_s: float) -> bool:
        """True while no program drives the arm: a reset waits until the gripper is homed."""
        commanded = self._follower is not None and self._follower.newest is not None
        waits = self.mode in (ArmMode.HOLD, ArmMode.RESET) and not commanded
        return waits and not self.interlocks.dead_man_reason(now_s)

    def _stop_reason(self, state: ArmState, now_s: float) -> str:
        """Returns why an enabled arm must stop; "" if it need not."""
        if state.fault:
            return state.fault
        if now_s - state.read_s > self.limits.state_s:
            return f"the arm's state is {now_s - state.read_s:.2f} s old, the limit is {self.limits.state_s:g} s"
        pushed = checks.contact_reason(state.wrench, self.limits)
        if pushed:
            return pushed
        newest = self._follower.newest if self._follower else None
        resets = self.mode == ArmMode.RESET and not self._cancelled
        if trouble := self._gripper.stop_reason(resets, newest):
            self.counts["gripper"] += 1
            return trouble
        return self._follower.lost(now_s) if self._follower else ""

    def _follow(self, state: ArmState, now_s: float) -> SafeCommand:
        assert self._follower is not None
        command = self._follower.step(state, now_s, self.command_gain)
        if command.waits:
            self._on_event(ArmEvent.SILENCE)
        self.driver.set_target(command.target)
        return command

    def _engage(self, state: ArmState, held: str = "") -> None:
        """Starts following targets. Raises Refused when the tool is outside the workspace."""
        here = Target(state.pose, state.width)
        guard = Guard(self.limits, self.period_s, here, self.counts, self.binary_gripper, self.tool_at)
        self._follower = CommandFollower(guard, self.interlocks)
        self._follower.held = held
        self.driver.begin(here)
        self.reason = ""

    def _watch_reset(self, state: ArmState, now_s: float) -> None:
        released = self.interlocks.dead_man_reason(now_s)
        if released and not self._cancelled:
            self.counts["dead-man"] += 1
            self.pause()
            self.reason = released
        if self.driver.progress() >= 1.0 and (self._cancelled or not state.gripper.starting):
            self._arrived(state)

    def _arrived(self, state: ArmState) -> None:
        held = self._follower.held if self._follower is not None else ""
        try:
            self._engage(state, held)
            self._on_event(ArmEvent.ARRIVED)
            self.arrived = not self._cancelled
        except Refused as refused:
            self._fault(f"after the reset, {refused}")

    def _fault(self, why: str) -> None:
        self._on_event(ArmEvent.FAULT)
        self.counts["faults"] += 1
        self._disengage(why)

    def _lost(self, why: str) -> None:
        self._state = self._follower = None
        self.arrived = False
        if self.mode != ArmMode.ESTOP:
            self.reason = why
        self._on_event(ArmEvent.LOST)

    def _disengage(self, why: str) -> None:
        self._follower, self.arrived = None, False
        self.reason = why
        if self._state is not None:
            self.driver.halt()

    def _hold_reason(self, priority: Priority) -> str:
        """Returns why commands of this priority are not followed; "" if they are."""
        return self._follower.held if self._follower is not None and priority < Priority.PERSON else ""

    def _source(self) -> str:
        """Returns the source whose command is followed; "" for none."""
        newest = self._follower.newest if self._follower else None
        return newest.source if newest and self.mode == ArmMode.STREAM else ""

    def _on_event(self, event: ArmEvent) -> None:
        self.mode = next_mode(self.mode, event)
