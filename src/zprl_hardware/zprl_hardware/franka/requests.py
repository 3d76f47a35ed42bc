"""Queues requests to the thread that owns the robot; each is meant for one connection."""

import queue
from collections.abc import Callable


class Requests:
    """A queue that never passes a request for an earlier connection to the arm that is back.

    The thread calls `run`, `clear` and `connected`; the others may be called from any.
    """

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[tuple[int, Callable[[], None]]] = queue.SimpleQueue()
        self._connection = 0  # number of the present or last connection
        self._served = 0  # number of the connection that requests are meant for

    def serve(self) -> None:
        """Requests from now on are meant for the present connection."""
        self._served = self._connection

    @property
    def served(self) -> bool:
        """True while the connection is the one that requests are meant for; they never reach another one."""
        return self._served == self._connection

    def add(self, call: Callable[[], None]) -> None:
        """Queue a request."""
        self._calls.put((self._served, call))

    def connected(self) -> None:
        """Note a new connection."""
        self._connection += 1

    def run(self, on_dropped: Callable[[], None]) -> None:
        """Run all requests in order; `on_dropped` is called for each that was meant for an earlier connection."""
        while not self._calls.empty():
            connection, call = self._calls.get()
            if connection == self._connection:
                call()
            else:
                on_dropped()

    def clear(self) -> None:
        """Drop all requests."""
        while not self._calls.empty():
            self._calls.get()
