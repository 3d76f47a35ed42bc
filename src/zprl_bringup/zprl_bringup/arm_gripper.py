"""The Franka hand through franky, in a thread of its own: a command blocks for half a second, the newest one wins."""

import threading
from typing import Any

SPEED = 0.1  # [m/s]
FORCE = 30.0  # of a grasp [N]
CHANGE_M = 0.004  # a smaller change of the target is not sent
ANY_M = 0.08  # a grasp that holds anything, of any width, is a success
POLL_S = 0.05


class FrankyGripper:
    """Follows the newest width. Without a hand at the arm it does nothing, and says so in `trouble`."""

    def __init__(self, hostname: str):
        self.hostname = hostname
        self.width = 0.0  # [m]
        self.trouble = "not connected"
        self._wanted: float | None = None
        self._news = threading.Event()
        self._opened = threading.Event()
        self._running = True
        self._thread = threading.Thread(target=self._work, name="gripper", daemon=True)
        self._thread.start()

    def open(self) -> None:
        """Connect, in the background."""
        self._opened.set()
        self._news.set()

    def tell(self, width: float) -> None:
        """The newest target [m]."""
        self._wanted = width
        self._news.set()

    def close(self) -> None:
        self._running = False
        self._news.set()
        self._thread.join(timeout=5.0)

    def _work(self) -> None:
        gripper: Any = None
        sent: float | None = None
        while self._running:
            self._news.wait(POLL_S)
            self._news.clear()
            if not self._opened.is_set():
                continue
            try:
                gripper = gripper or self._connected()
                self.width = float(gripper.width)
                wanted = self._wanted
                if wanted is not None and (sent is None or abs(wanted - sent) > CHANGE_M):
                    closing = wanted < (self.width if sent is None else sent)
                    sent = wanted
                    move(gripper, wanted, closing)
                self.trouble = ""
            except Exception as error:  # franky's own, and the network's
                self.trouble, gripper, sent = str(error), None, None
                self._opened.clear()  # until the arm is back

    def _connected(self) -> Any:
        import franky

        return franky.Gripper(self.hostname)


def move(gripper: Any, width: float, closing: bool) -> None:
    """Open to a width, or close with force: what is between the fingers then is held."""
    if closing:
        gripper.grasp(width, SPEED, FORCE, epsilon_inner=ANY_M, epsilon_outer=ANY_M)
    else:
        gripper.move(width, SPEED)
