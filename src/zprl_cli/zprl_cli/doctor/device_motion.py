"""Detects motion of a SpaceMouse or a gamepad."""

import contextlib
import os
import select
import time
from collections.abc import Mapping

from zprl_teleop.devices.joystick import Inputs
from zprl_teleop.devices.linux import JoystickReader, SpaceMouseReader

FAR = 0.1  # fraction of an axis' travel, beyond noise
MOST_BYTES = 512
MOST_READS = 100


class _Watched:
    """The state of one device, read from its file."""

    def __init__(self, path: str, is_mouse: bool):
        self.path = path
        self.file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self._reader = SpaceMouseReader() if is_mouse else JoystickReader()
        self._inputs = Inputs()
        # A SpaceMouse at rest sends nothing. Linux reports every axis of a gamepad when its file is opened.
        self._rest = () if is_mouse else self._settled()

    def moved(self) -> bool:
        """Read new events; true if a button was pressed or an axis is far from rest. Raises OSError."""
        chunk = os.read(self.file, MOST_BYTES)
        if not chunk:
            raise OSError(f"{self.path}: end of file")
        self._reader.feed(chunk, self._inputs)
        state = self._inputs.take()
        rest = (*self._rest, *(0.0,) * len(state.axes))
        return bool(state.pressed) or any(abs(a - b) > FAR for a, b in zip(state.axes, rest, strict=False))

    def _settled(self) -> tuple[float, ...]:
        for _ in range(MOST_READS):
            if not select.select([self.file], [], [], 0.0)[0] or not (chunk := os.read(self.file, MOST_BYTES)):
                break
            self._reader.feed(chunk, self._inputs)
        return self._inputs.take().axes


def moved(devices: Mapping[str, bool], seconds: float) -> set[str]:
    """Paths of the devices moved within the time; ends early if all were. Values: true for a SpaceMouse."""
    end, watched, alive = time.monotonic() + seconds, {}, set()
    try:
        for path, is_mouse in devices.items():
            with contextlib.suppress(OSError):  # unplugged meanwhile
                one = _Watched(path, is_mouse)
                watched[one.file] = one
        waiting = set(watched)
        while waiting and (left := end - time.monotonic()) > 0:
            for file in select.select(list(waiting), [], [], left)[0]:
                try:
                    if watched[file].moved():
                        alive.add(watched[file].path)
                        waiting.discard(file)
                except BlockingIOError:
                    continue
                except OSError:  # unplugged, or not a device
                    waiting.discard(file)
    finally:
        for file in watched:
            os.close(file)
    return alive
