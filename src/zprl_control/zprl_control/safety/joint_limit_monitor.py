"""The ends of an arm's joints: who may move the arm near them, and where it stops."""

from dataclasses import dataclass

from zprl_control.safety.joint_checks import joint_limit_reason
from zprl_control.safety.limits import Limits
from zprl_core.target import Pose6, Target


@dataclass
class JointLimitMonitor:
    """Watched while anybody but a person moves the arm. Who drove it there would do so again: only `reset` ends it."""

    limits: Limits
    rest: Target | None = None  # where the arm was when it had to stop, and comes to a rest; None: it need not
    _why: str = ""

    def update(
        self, joints: tuple[float, ...], velocities: tuple[float, ...], pose: Pose6, in_joints: bool = False
    ) -> str:
        """Why nobody but a person may move the arm; "" when anybody may. The tool is at `pose`.

        `in_joints`: what moves it is a command in joints, which its own guards keep at the margin. So it is stopped
        only when a joint [rad] is carried past half of that.
        """
        if not self._why:
            if in_joints:
                still = (0.0,) * len(velocities)
                self._why = joint_limit_reason(joints, still, self.limits, part=0.5)
            else:
                self._why = joint_limit_reason(joints, velocities, self.limits)
            self.rest = Target(pose, 0.0, joints) if self._why else None
        return self._why

    def reset(self) -> None:
        """A person moves the arm."""
        self._why, self.rest = "", None
