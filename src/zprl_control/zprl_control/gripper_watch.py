"""Judges what an arm's gripper reports: whether it stops the arm, takes long, or may be homed."""

from zprl_control.command_follower import Command
from zprl_control.safety.checks import Refused
from zprl_control.safety.command_arbiter import Priority
from zprl_core.arm_mode import REMEDY, ArmMode
from zprl_core.gripper_state import FOLLOWS, GripperMode, GripperState
from zprl_core.waiting import FIRST_S

LONG = f"for more than {FIRST_S:g} s"
WAITS = {
    GripperMode.CONNECTING: f"the gripper has not answered {LONG}, a reset waits for it: check its cable and driver",
    GripperMode.HOMING: f"the gripper has been homed {LONG}, a reset waits for it: check that its fingers are free",
    GripperMode.MOVING: f"the gripper has moved {LONG}: check that its fingers are free",
}


class GripperWatch:
    """Follows the gripper's state. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._state = FOLLOWS
        self._since_s = float("-inf")  # start of the present mode
        self.to_home = False  # the arm was enabled: home a gripper that needs it, once it has connected

    def look(self, state: GripperState, now_s: float) -> GripperState:
        """Keep the newest state and return it, with a reason if it connects, homes or moves for longer than usual."""
        if state.mode != self._state.mode:
            self._since_s = now_s
        late = now_s - self._since_s >= FIRST_S and state.mode in WAITS
        self._state = GripperState(state.mode, state.reason or WAITS[state.mode]) if late else state
        return self._state

    def homing_due(self) -> bool:
        """Return True once after `to_home` was set, if the gripper has to be homed."""
        if not self.to_home or self._state.starting:
            return False
        self.to_home = False
        return self._state.mode == GripperMode.NOT_HOMED

    def stop_reason(self, resets: bool, newest: Command | None) -> str:
        """Return why the arm must stop; "" if it need not.

        A reset opens the gripper, and a program relies on its commands; an operator sees the gripper himself.
        """
        relied = resets or (newest is not None and newest.priority < Priority.PERSON)
        return self._state.trouble if relied else ""


def check_homing(mode: ArmMode, commanded: bool) -> None:
    """Raise Refused, with what to do first, unless nothing moves the arm. `commanded`: a program commands it."""
    if commanded or mode in (ArmMode.STREAM, ArmMode.RESET, ArmMode.ESTOP):
        first = "end the episode, or call arm/hold" if mode == ArmMode.HOLD else REMEDY[mode]
        why = f"the gripper is homed only while nothing moves the arm, which is in {mode.name}: {first} first"
        raise Refused("gripper", why)
