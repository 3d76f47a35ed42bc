"""A teleoperation device that may be unplugged and reconnected at any time. No ROS."""

from typing import Protocol

from zprl_teleop.teleop_command import TeleopCommand


class DeviceLost(OSError):
    """The device is not connected: retry later."""


class DeviceRefused(ValueError):
    """The device cannot be used: retrying does not help."""


class TeleopDevice(Protocol):
    """Interface of a teleoperation device. No call blocks. Times are seconds of one monotonic clock."""

    def open(self) -> None:
        """Connect. Raises DeviceLost or DeviceRefused."""

    def read(self, now_s: float) -> TeleopCommand:
        """The current command. Raises DeviceLost or DeviceRefused."""

    def close(self) -> None:
        """Release the device. Never raises, and may be called twice."""


class ReconnectingDevice:
    """Keeps a device open and reconnects it after it was unplugged."""

    def __init__(self, device: TeleopDevice, look_s: float):
        self.device, self.look_s = device, look_s
        self.problem = ""  # "" while the device is connected
        self.losses = 0
        self._open = False
        self._next_s = float("-inf")

    def read(self, now_s: float) -> TeleopCommand | None:
        """The current command; None while no device is connected. Raises DeviceRefused."""
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
        """Release the device."""
        self._open = False
        self.device.close()
