"""Drives the Franka hand through franky, on its own thread: a command takes half a second, and the newest one wins."""

import threading
import time
from typing import Any

from zprl_core.gripper_state import NO_GRIPPER, GripperMode, GripperState

SPEED = 0.1  # [m/s]
FORCE = 30.0  # grasp force [N]
CHANGE_M = 0.004  # a smaller change of the target is not sent
ANY_M = 0.1  # tolerance of a grasp [m]: an object of any width counts as grasped, even one that spreads the fingers
HOMED_M = 0.01  # a hand that is not homed reports a greatest width of 0
POLL_S, RETRY_S = 0.05, 1.0
CONNECT_S = 5.0  # a hand may take this long to answer
MOTION_S = 30.0  # longest duration of a motion; homing takes a few seconds
NOT_HOMED = (
    "the gripper is not homed and refuses to move, as after power-up: clear its fingers, then call arm/home_gripper "
    "(arm/enable does so too)"
)
REFUSES = "clear its fingers and call arm/home_gripper; if that is refused too, check the hand in Desk"
UNREACHABLE = "check the hand's cable and that Desk lists the hand; for an arm without one set franky.hand to false"


class FrankyGripper:
    """Follows the newest width. `state` says whether it does; it tries again when the width is set again."""

    def __init__(self, hostname: str, present: bool = True):
        """`present`: the arm has Franka's hand."""
        self.hostname, self.present = hostname, present
        self.width = 0.0  # [m]
        self._state = GripperState(GripperMode.CONNECTING) if present else NO_GRIPPER
        self._max_width = 0.0  # reported by the hand; 0 until it is homed
        self._wanted: float | None = None
        self._kept: float | None = None  # the width at `keep`: setting it does not move the fingers
        self._news = threading.Event()
        self._opened = threading.Event()
        self._opened_s = 0.0  # when the last connection was requested
        self._to_renew = threading.Event()  # set: the present connection is obsolete
        self._halted = threading.Event()  # set: stop moving fingers
        self._to_home = threading.Event()  # set: homing is requested or in progress
        self._running = True
        self._gripper: Any = None
        self._motion: Any = None  # in progress
        self._lost: list[tuple[Any, Any]] = []  # grippers that were lost in a motion, with it: see `_lose`
        self._sent = 0.0  # the width sent last, or measured when it was connected
        self._thread = threading.Thread(target=self._work, name="gripper", daemon=True)
        self._thread.start()

    @property
    def state(self) -> GripperState:
        """Returns the mode of the gripper, with the reason if it does not do what it was commanded."""
        if self._to_home.is_set():
            return GripperState(GripperMode.HOMING)
        if self._to_renew.is_set():
            return GripperState(GripperMode.CONNECTING)
        state, wanted = self._state, self._wanted
        pending = wanted is not None and abs(self._goal(wanted) - self._sent) > CHANGE_M
        return GripperState(GripperMode.MOVING) if pending and state.mode == GripperMode.HOLDING else state

    def open(self) -> None:
        """Connect in the background, anew if it was connected: the arm was lost, and the hand with it."""
        if self.present:
            self._opened_s = time.monotonic()
            self._to_renew.set()
            self._opened.set()

    def keep(self, width: float) -> None:
        """Leave the gripper as it is, so that it keeps its grasp, for as long as `set_width` gets this width."""
        self._kept = width

    def set_width(self, width: float) -> None:
        """Set the target width [m]."""
        if self._kept is not None and abs(width - self._kept) <= CHANGE_M:
            return
        self._kept, self._wanted = None, width
        self._halted.clear()
        self._news.set()

    def home(self) -> None:
        """Find the ends of the fingers, in the background: they open and close."""
        self.forget()
        self._halted.clear()
        self._to_home.set()
        self._news.set()

    def halt(self) -> None:
        """Stop moving fingers; fingers that hold an object keep their grasp."""
        self.forget()
        self._halted.set()

    def forget(self) -> None:
        """Drop the target, so that it does not move the fingers later."""
        self._wanted = None

    def close(self) -> None:
        """End the thread."""
        self._running = False
        self._news.set()
        self._thread.join(timeout=5.0)

    def _work(self) -> None:
        while self._running:
            self._news.wait(POLL_S)
            self._news.clear()
            if not self._opened.is_set():
                continue
            if self._to_renew.is_set():
                self._gripper, self._state = None, GripperState(GripperMode.CONNECTING)
                self._to_renew.clear()
            try:
                self._state = self._turn()
            except Exception as error:  # from franky or from the network
                early = self._gripper is None and time.monotonic() - self._opened_s < CONNECT_S
                refused = GripperState(GripperMode.REFUSED, self._explained(str(error).strip()))
                self._state = GripperState(GripperMode.CONNECTING) if early else refused
                self._lose()
                self.forget()
                self._to_home.clear()
                time.sleep(RETRY_S)

    def _lose(self) -> None:
        """Drops the connection, but keeps a gripper whose motion has not ended.

        The motion runs on a thread of franky's that uses the gripper: franky-control 2.0.0 crashes the process when the
        gripper is freed first. It ends within seconds after the hand was lost, as libfranka watches the connection.
        """
        self._lost = [(gripper, motion) for gripper, motion in self._lost if not motion.wait(0.0)]
        if self._motion is not None and not self._motion.wait(0.0):
            self._lost.append((self._gripper, self._motion))
        self._gripper = self._motion = None

    def _turn(self) -> GripperState:
        if self._gripper is None:
            self._gripper = self._connected()
            self._sent = float(self._gripper.width)  # keeps the grasp that it has
        state = self._gripper.state
        self.width, self._max_width = float(state.width), float(state.max_width)
        if self._to_home.is_set():
            self._home()
        if self._max_width < HOMED_M:
            self.forget()
            return GripperState(GripperMode.NOT_HOMED, NOT_HOMED)
        if self._wanted is not None and abs(self._goal(self._wanted) - self._sent) > CHANGE_M:
            self._move(self._goal(self._wanted))
        return GripperState()

    def _home(self) -> None:
        done = self._await(self._gripper.homing_async())
        if done is False:
            raise RuntimeError("homing failed")
        self._sent, self._max_width = float(self._gripper.width), float(self._gripper.max_width)
        self._to_home.clear()

    def _move(self, wanted: float) -> None:
        before, closing = self._sent, wanted < self._sent
        self._sent = wanted
        self._state = GripperState(GripperMode.MOVING)
        done = self._await(start_motion(self._gripper, wanted, closing))
        self.width = float(self._gripper.width)
        if done is False and missed(before, wanted, self.width):
            raise RuntimeError(f"its fingers stopped at {self.width:.3f} m on their way to {wanted:.3f} m")

    def _await(self, motion: Any) -> bool | None:
        """Wait until the fingers rest. Returns whether they did what was asked; None if they were halted."""
        self._motion = motion
        stopped, end = False, time.monotonic() + MOTION_S
        while not motion.wait(POLL_S):
            self.width = float(self._gripper.width)
            if (self._halted.is_set() or not self._running) and not stopped:
                stopped = self._gripper.stop()
            if time.monotonic() > end:
                raise RuntimeError(f"its motion has not ended after {MOTION_S:g} s")
        if stopped:
            self._sent = float(self._gripper.width)
            self._to_home.clear()
            return None
        return bool(motion.get())

    def _goal(self, width: float) -> float:
        """The width to send: the hand refuses one beyond its greatest."""
        return min(width, self._max_width) if self._max_width >= HOMED_M else width

    def _explained(self, error: str) -> str:
        if self._gripper is None:
            return f"the gripper is not reachable: {error}; {UNREACHABLE}"
        return f"the gripper does not follow: {error}; {REFUSES}"

    def _connected(self) -> Any:
        import franky

        return franky.Gripper(self.hostname)


def start_motion(gripper: Any, width: float, closing: bool) -> Any:
    """Start to open to `width` [m], or to grasp what is between the fingers; returns the motion, to be waited for."""
    if closing:
        return gripper.grasp_async(width, SPEED, FORCE, epsilon_inner=ANY_M, epsilon_outer=ANY_M)
    return gripper.move_async(width, SPEED)


def missed(before: float, wanted: float, reached: float) -> bool:
    """True when fingers that ended unsuccessfully did not do what was commanded. Widths [m].

    Opening must arrive. Closing ends on whatever is between the fingers, if they moved at all.
    """
    moved = wanted < before and before - reached > CHANGE_M
    return not moved and abs(reached - wanted) > 2 * CHANGE_M
