"""The Franka hand through franky, in a thread of its own: each command takes it half a second, the newest one wins."""

import threading
import time
from typing import Any

SPEED = 0.1  # [m/s]
FORCE = 30.0  # of a grasp [N]
CHANGE_M = 0.004  # a smaller change of the target is not sent
ANY_M = 0.08  # a grasp that holds anything, of any width, is a success
POLL_S, RETRY_S = 0.05, 1.0


class FrankyGripper:
    """Follows the newest width. What it cannot do it says in `trouble`, and tries again when it is told anew."""

    def __init__(self, hostname: str):
        self.hostname = hostname
        self.width = 0.0  # [m]
        self.trouble = "the gripper is not connected"
        self._wanted: float | None = None
        self._kept: float | None = None  # a width that means: as it is
        self._news = threading.Event()
        self._opened = threading.Event()
        self._halted = threading.Event()  # fingers that move shall stop
        self._running = True
        self._gripper: Any = None
        self._sent = 0.0  # the width that it was told last, or had when it was connected
        self._thread = threading.Thread(target=self._work, name="gripper", daemon=True)
        self._thread.start()

    def open(self) -> None:
        """Connect, in the background."""
        self._opened.set()

    def keep(self, width: float) -> None:
        """Whoever goes on telling `width`, which the gripper has now, wants it to stay as it is: to go on holding."""
        self._kept = width

    def set_width(self, width: float) -> None:
        """The newest target [m]."""
        if self._kept is not None and abs(width - self._kept) <= CHANGE_M:
            return
        self._kept, self._wanted = None, width
        self._halted.clear()
        self._news.set()

    def halt(self) -> None:
        """Fingers that move stop; those that hold something go on holding it."""
        self.forget()
        self._halted.set()

    def forget(self) -> None:
        """What was wanted before does not move the fingers any more."""
        self._wanted = None

    def close(self) -> None:
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
            except Exception as error:  # franky's own, and the network's
                self.trouble, self._gripper = f"the gripper does not follow: {error}", None
                self.forget()
                time.sleep(RETRY_S)

    def _turn(self) -> None:
        if self._gripper is None:
            self._gripper = self._connected()
            self._sent = float(self._gripper.width)  # what it holds it goes on holding
        self.width = float(self._gripper.width)
        wanted, sent = self._wanted, self._sent
        if wanted is not None and abs(wanted - sent) > CHANGE_M:
            self._sent = wanted
            self._await(begun(self._gripper, wanted, closing=wanted < sent))

    def _await(self, motion: Any) -> None:
        """Until the fingers have come to a rest, or were halted."""
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


def begun(gripper: Any, width: float, closing: bool) -> Any:
    """Open to a width, or close with force: what is between the fingers then is held. The motion, to be waited for."""
    if closing:
        return gripper.grasp_async(width, SPEED, FORCE, epsilon_inner=ANY_M, epsilon_outer=ANY_M)
    return gripper.move_async(width, SPEED)
