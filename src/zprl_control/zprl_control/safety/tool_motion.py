"""The chain of guards of a command for the tool: position and rotation alike, axis by axis."""

from typing import cast

from zprl_control.safety import checks
from zprl_control.safety.limits import Limits
from zprl_control.safety.trajectory_generator import TrajectoryGenerator
from zprl_core.target import Pose6, Target

Joints = tuple[float, ...]


class ToolMotion:
    """A motion of the tool, from a rest at `pose` on. Angles go on beyond a half turn: they never jump."""

    def __init__(self, limits: Limits, period_s: float, pose: Pose6):
        self._limits = limits
        self._generator = TrajectoryGenerator(limits.tool_bounds, period_s, pose)

    def follow(self, requested: Target, pose: Pose6, joints: Joints, command_gain: float) -> dict[str, str]:
        """One step. Returns why it does not lead to `requested`, by the name of the guard. Raises Refused.

        The tool is at `pose`. What is refused moves nothing.
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
        """One step to a rest: at the pose of `rest`; None for as soon as can be."""
        if rest is None:
            self._generator.brake()
        else:
            pose = checks.unwrapped(rest.pose, self._pose)
            self._generator.towards(checks.clip_workspace(pose, self._limits)[0])

    def target(self, width: float) -> Target:
        """What the arm is sent."""
        return Target(self._pose, width)

    @property
    def still(self) -> bool:
        """Whether it stands."""
        return self._generator.still

    @property
    def failures(self) -> int:
        """Steps in which no way to the goal was found, and the motion braked instead."""
        return self._generator.failures

    @property
    def _pose(self) -> Pose6:
        return cast(Pose6, self._generator.at)
