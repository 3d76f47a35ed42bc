"""Conditions for motion: live cameras for a policy, and an operator on the dead-man switch."""

from dataclasses import dataclass, field

from zprl_control.safety import checks
from zprl_control.safety.limits import Limits

NEVER = float("-inf")


@dataclass
class Interlocks:
    """Tracks when each interlock was last heard. Times are seconds on one monotonic clock."""

    limits: Limits
    cameras: tuple[str, ...] = ()  # must be alive unless the operator moves the arm
    dead_man: bool = False  # the operator must hold an enable button for any motion
    _seen_s: dict[str, float] = field(default_factory=dict)
    _enabled_s: float = NEVER

    def saw(self, camera: str, now_s: float) -> None:
        """Records an image of a camera."""
        self._seen_s[camera] = now_s

    def enabled(self, now_s: float) -> None:
        """Records that the operator holds the enable button."""
        self._enabled_s = now_s

    def dead_man_reason(self, now_s: float) -> str:
        """Returns why all motion is blocked; "" if it is not."""
        silence_s = now_s - self._enabled_s
        return checks.silence_reason("the dead-man switch", silence_s, self.limits.enable_s) if self.dead_man else ""

    def camera_reason(self, now_s: float) -> str:
        """Returns why only the operator may move the arm; "" if all cameras are alive."""
        silences = ((name, now_s - self._seen_s.get(name, NEVER)) for name in self.cameras)
        reasons = (
            checks.silence_reason(f"camera {name}", silence_s, self.limits.camera_s) for name, silence_s in silences
        )
        return next(filter(None, reasons), "")
