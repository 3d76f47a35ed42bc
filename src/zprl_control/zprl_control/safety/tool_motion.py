"""The chain of guards for tool commands: position and rotation alike, axis by axis."""

from typing import cast

from zprl_control.safety import checks
from zprl_control.safety.limits import Limits
from zprl_control.safety.trajectory_generator import TrajectoryGenerator
from zprl_core.target import Pose6, Target

Joints = tuple[float, ...]


class ToolMotion:
    """A tool motion that starts at rest at `pose`. Angles continue beyond half a turn, so they never jump."""

    def __init__(self, limits: Limits, period_s: float, pose: Pose6):
        self._limits = limits
        self._generator = TrajectoryGenerator(limits.tool_bounds, period_s, pose)

    def follow(self, requested: Target, pose: Pose6, joints: Joints, command_gain: float) -> dict[str, str]:
        """Takes one step toward `requested`. Returns the reasons for clipping, by guard. Raises Refused.

        The tool is at `pose`. A refused command does not change the motion.
        """
        checks.check_finite(requested)
        measured = checks.unwrapped(pose, self._pose)
        wanted = checks.unwrapped(requested.pose, measured)
        checks.check_distance(wanted, measured, self._limits)
        goal = cast(Pose6, checks.ahead_of(wanted, measured, command_gain))
        goal, far = checks.clip_lead(goal, measured, self._limits)
        goal, outside = checks.clip_workspace(goal, self._limits)
        self._generator.towards(goal)
        return {"error": far, "box": outside}

    def brake(self, rest: Target | None) -> None:
        """Takes one step toward rest: at the pose of `rest`, or as soon as possible if None."""
        if rest is None:
            self._generator.brake()
        else:
            pose = checks.unwrapped(rest.pose, self._pose)
            self._generator.towards(checks.clip_workspace(pose, self._limits)[0])

    def target(self, width: float) -> Target:
        """Returns the target to send."""
        return Target(self._pose, width)

    @property
    def still(self) -> bool:
        """True if the motion is at rest."""
        return self._generator.still

    @property
    def failures(self) -> int:
        """Number of steps in which no trajectory to the goal was found and the motion braked."""
        return self._generator.failures

    @property
    def _pose(self) -> Pose6:
        return cast(Pose6, self._generator.at)
