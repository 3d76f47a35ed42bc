"""What must be alive for an arm to move: the cameras that a policy sees with, and a person's hand."""

from dataclasses import dataclass, field

from zprl_control.safety import checks
from zprl_control.safety.limits import Limits

NEVER = float("-inf")


@dataclass
class Interlocks:
    """When each was heard last. Times are seconds of one monotonic clock."""

    limits: Limits
    cameras: tuple[str, ...] = ()  # that must be heard for anybody but a person to move the arm
    dead_man: bool = False  # whether a person must hold an enable button for anything to move
    _seen_s: dict[str, float] = field(default_factory=dict)
    _enabled_s: float = NEVER

    def saw(self, camera: str, now_s: float) -> None:
        """A camera's picture came."""
        self._seen_s[camera] = now_s

    def enabled(self, now_s: float) -> None:
        """A person holds the enable button."""
        self._enabled_s = now_s

    def released(self, now_s: float) -> str:
        """Why nothing may move; "" when it may."""
        silence_s = now_s - self._enabled_s
        return checks.silence_reason("the dead-man switch", silence_s, self.limits.enable_s) if self.dead_man else ""

    def blind(self, now_s: float) -> str:
        """Why nobody but a person may move the arm; "" when all cameras are alive."""
        silences = ((name, now_s - self._seen_s.get(name, NEVER)) for name in self.cameras)
        reasons = (
            checks.silence_reason(f"camera {name}", silence_s, self.limits.camera_s) for name, silence_s in silences
        )
        return next(filter(None, reasons), "")
