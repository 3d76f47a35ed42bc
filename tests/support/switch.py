"""An Ethernet switch between TAP devices that loses, delays and cuts off, as not every kernel has netem."""

import fcntl
import heapq
import os
import random
import selectors
import struct
import threading
import time
from collections import Counter
from itertools import count
from pathlib import Path

TUN = Path("/dev/net/tun")
TUNSETIFF = 0x400454CA
TAP_WITHOUT_HEADER = 0x0002 | 0x1000
FRAME = 65536  # largest frame [bytes]
LOOK_S = 0.05  # longest wait for a frame


class Switch(threading.Thread):
    """Forwards each frame of a port to all the others. `loss` (0 to 1) and `delay_s` may be set at any time."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__(name="switch", daemon=True)
        self.loss, self.delay_s = 0.0, 0.0
        self.sent: Counter[str] = Counter()  # bytes that each port has sent, lost ones too
        self.cut: set[str] = set()  # ports whose cable is pulled at the switch
        self._random = random.Random(seed)
        self._ports: dict[str, int] = {}
        self._selector = selectors.DefaultSelector()
        self._due: list[tuple[float, int, str, bytes]] = []
        self._order = count()
        self._ending = threading.Event()

    def plug(self, port: str) -> None:
        """Make the TAP device `port`, at most 15 characters. Raises OSError where that is not allowed."""
        file = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
        try:
            fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH", port.encode(), TAP_WITHOUT_HEADER))
        except BaseException:
            os.close(file)
            raise
        self._ports[port] = file
        self._selector.register(file, selectors.EVENT_READ, port)

    def run(self) -> None:
        while not self._ending.is_set():
            wait_s = min(LOOK_S, max(0.0, self._due[0][0] - time.monotonic())) if self._due else LOOK_S
            for key, _ in self._selector.select(wait_s):
                self._read(key.data, key.fd)
            self._deliver(time.monotonic())

    def close(self) -> None:
        """End the thread and remove the devices."""
        self._ending.set()
        if self.is_alive():
            self.join()
        for file in self._ports.values():
            os.close(file)
        self._selector.close()

    def _read(self, port: str, file: int) -> None:
        while True:
            try:
                frame = os.read(file, FRAME)
            except (BlockingIOError, OSError):  # nothing more, or the device is down
                return
            self.sent[port] += len(frame)
            for other in self._ports:
                if other != port and not {port, other} & self.cut and self._random.random() >= self.loss:
                    heapq.heappush(self._due, (time.monotonic() + self.delay_s, next(self._order), other, frame))

    def _deliver(self, now_s: float) -> None:
        while self._due and self._due[0][0] <= now_s:
            *_, port, frame = heapq.heappop(self._due)
            try:
                os.write(self._ports[port], frame)
            except OSError:  # the device is down, or its queue is full
                self.sent[f"{port} refused"] += len(frame)
