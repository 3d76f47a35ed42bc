"""Joint limits: stops the arm near them, until the operator moves it away."""

from dataclasses import dataclass

from zprl_control.safety.joint_checks import joint_limit_reason
from zprl_control.safety.limits import Limits
from zprl_core.target import Pose6, Target


@dataclass
class JointLimitMonitor:
    """Monitors the joints while a program moves the arm. The stop is latched until `reset`, or it would recur."""

    limits: Limits
    rest: Target | None = None  # state at the moment of the stop, where the arm comes to rest; None if it need not stop
    _why: str = ""

    def update(
        self, joints: tuple[float, ...], velocities: tuple[float, ...], pose: Pose6, in_joints: bool = False
    ) -> str:
        """Returns why only the operator may move the arm; "" if every source may. The tool is at `pose`.

        `in_joints`: the arm follows joint commands, whose own guards keep the margin. It is then stopped only when a
        joint [rad] enters half of the margin.
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
        """Clears the stop, because the operator moves the arm."""
        self._why, self.rest = "", None
