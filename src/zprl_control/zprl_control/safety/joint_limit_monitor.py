"""The ends of an arm's joints: who may move the arm near them, and where it stops."""

from dataclasses import dataclass

from zprl_control.safety import checks
from zprl_control.safety.limits import Limits
from zprl_core.target import Pose6


@dataclass
class JointLimitMonitor:
    """Watched while anybody but a person moves the arm. Who drove it there would do so again: only `reset` ends it."""

    limits: Limits
    rest: Pose6 | None = None  # where the tool was when it had to stop, and comes to a rest; None: it need not
    _why: str = ""

    def update(self, joints: tuple[float, ...], velocities: tuple[float, ...], pose: Pose6) -> str:
        """Why nobody but a person may move the arm; "" when anybody may. The tool is at `pose`."""
        if not self._why:
            self._why = checks.joint_limit_reason(joints, velocities, self.limits)
            self.rest = pose if self._why else None
        return self._why

    def reset(self) -> None:
        """A person moves the arm."""
        self._why, self.rest = "", None
