"""Drives the Franka hand through franky, on its own thread: a command takes half a second, and the newest one wins."""

import threading
import time
from typing import Any

SPEED = 0.1  # [m/s]
FORCE = 30.0  # grasp force [N]
CHANGE_M = 0.004  # a smaller change of the target is not sent
ANY_M = 0.08  # tolerance of a grasp: an object of any width counts as grasped [m]
POLL_S, RETRY_S = 0.05, 1.0


class FrankyGripper:
    """Follows the newest width. `trouble` says why it fails; it tries again when the width is set again."""

    def __init__(self, hostname: str):
        self.hostname = hostname
        self.width = 0.0  # [m]
        self.trouble = "the gripper is not connected"
        self._wanted: float | None = None
        self._kept: float | None = None  # the width at `keep`: setting it does not move the fingers
        self._news = threading.Event()
        self._opened = threading.Event()
        self._halted = threading.Event()  # set: stop moving fingers
        self._running = True
        self._gripper: Any = None
        self._sent = 0.0  # the width sent last, or measured when it was connected
        self._thread = threading.Thread(target=self._work, name="gripper", daemon=True)
        self._thread.start()

    def open(self) -> None:
        """Connect in the background."""
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
            try:
                self._turn()
                self.trouble = ""
            except Exception as error:  # from franky or from the network
                self.trouble, self._gripper = f"the gripper does not follow: {error}", None
                self.forget()
                time.sleep(RETRY_S)

    def _turn(self) -> None:
        if self._gripper is None:
            self._gripper = self._connected()
            self._sent = float(self._gripper.width)  # keeps the grasp that it has
        self.width = float(self._gripper.width)
        wanted, sent = self._wanted, self._sent
        if wanted is not None and abs(wanted - sent) > CHANGE_M:
            self._sent = wanted
            self._await(start_motion(self._gripper, wanted, closing=wanted < sent))

    def _await(self, motion: Any) -> None:
        """Wait until the fingers rest or were halted."""
        stopped = False
        while not motion.wait(POLL_S):
            self.width = float(self._gripper.width)
            if self._halted.is_set() and not stopped:
                stopped = self._gripper.stop()
        if stopped:
            self._sent = float(self._gripper.width)
        else:
            motion.get()

    def _connected(self) -> Any:
        import franky

        return franky.Gripper(self.hostname)


def start_motion(gripper: Any, width: float, closing: bool) -> Any:
    """Start to open to `width` [m], or to grasp what is between the fingers; returns the motion, to be waited for."""
    if closing:
        return gripper.grasp_async(width, SPEED, FORCE, epsilon_inner=ANY_M, epsilon_outer=ANY_M)
    return gripper.move_async(width, SPEED)
