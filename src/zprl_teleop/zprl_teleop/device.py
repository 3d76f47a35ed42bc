"""A device that may be unplugged at any time, and comes back. No ROS."""

from typing import Protocol

from zprl_teleop.teleop_command import TeleopCommand


class DeviceLost(OSError):
    """The device is not there, or no longer: look for it again later."""


class DeviceRefused(ValueError):
    """Looking again cannot help."""


class TeleopDevice(Protocol):
    """A device. No call waits. Times are seconds of one monotonic clock."""

    def open(self) -> None:
        """Raises DeviceLost or DeviceRefused."""

    def read(self, now_s: float) -> TeleopCommand:
        """What the hand does now. Raises DeviceLost or DeviceRefused."""

    def close(self) -> None:
        """Give the device back. Never raises, and may be called twice."""


class ReconnectingDevice:
    """Keeps a source open, and looks for it again when it is gone."""

    def __init__(self, device: TeleopDevice, look_s: float):
        self.device, self.look_s = device, look_s
        self.problem = ""  # "" while the device is there
        self.losses = 0
        self._open = False
        self._next_s = float("-inf")

    def read(self, now_s: float) -> TeleopCommand | None:
        """What the hand does now; None while there is no device. Raises DeviceRefused."""
        if not self._open and now_s < self._next_s:
            return None
        try:
            if not self._open:
                self.device.open()
                self._open = True
            command = self.device.read(now_s)
        except DeviceLost as lost:
            if not self.problem:
                self.losses += 1
            self.problem, self._next_s = str(lost), now_s + self.look_s
            self.close()
            return None
        self.problem = ""
        return command

    def close(self) -> None:
        """Give the device back."""
        self._open = False
        self.device.close()
