"""The chain of guards of a command in joints: the same guards as for the tool, joint by joint."""

from collections.abc import Callable

from zprl_control.safety import checks, joint_checks
from zprl_control.safety.checks import Refused
from zprl_control.safety.limits import Limits
from zprl_control.safety.trajectory_generator import TrajectoryGenerator
from zprl_core.target import Pose6, Target

Joints = tuple[float, ...]
ToolAt = Callable[[Joints], Pose6]  # where the tool is when the joints are at these angles [rad]
MOST_STEPS = 1000  # of a way to a rest


class JointMotion:
    """A motion of the joints, from a rest at the measured angles on. The tool stays in its workspace.

    With `tool_at` no step is taken from which the arm could not brake inside the workspace. Without, the arm brakes
    when the tool is measured outside, and only a command for the tool, or a reset, brings it back.
    """

    def __init__(self, limits: Limits, period_s: float, pose: Pose6, joints: Joints, tool_at: ToolAt | None):
        """Raises Refused when the arm's joints are not known, or the tool is not where `tool_at` puts it."""
        joint_checks.check_joint_state(joints, limits)
        self._limits, self._pose, self._tool_at = limits, pose, tool_at
        self._generator = TrajectoryGenerator(limits.joint_bounds, period_s, joints)
        self._scout = TrajectoryGenerator(limits.joint_bounds, period_s, joints)
        if tool_at is not None:
            joint_checks.check_model(tool_at(joints), pose)

    def follow(self, requested: Target, pose: Pose6, joints: Joints, command_gain: float) -> dict[str, str]:
        """One step. Returns why it does not lead to `requested`, by the name of the guard. Raises Refused.

        The tool is at `pose`, the joints at `joints` [rad]. What is refused moves nothing.
        """
        self._pose = pose
        checks.check_finite(requested)
        joint_checks.check_joint_state(joints, self._limits)
        wanted = requested.joints or ()
        joint_checks.check_joint_distance(wanted, joints, self._limits)
        goal, far = joint_checks.clip_joint_lead(checks.ahead_of(wanted, joints, command_gain), joints, self._limits)
        goal, past = joint_checks.clip_joint_range(goal, self._limits)
        if self._tool_at is None and (outside := checks.arming_reason(pose, self._limits)):
            raise Refused("box", outside)
        outside = self._outside(goal)
        if outside:
            self._generator.brake()
        else:
            self._generator.towards(goal)
        return {"error": far, "joint_box": past, "box": outside}

    def brake(self, rest: Target | None) -> None:
        """One step to a rest: at the angles of `rest`, when they are near; else as soon as can be."""
        goal = self._rest_at(rest)
        if goal is None or self._outside(goal):
            self._generator.brake()
        else:
            self._generator.towards(goal)

    def target(self, width: float) -> Target:
        """What the arm is sent. Its pose is where the tool is then; without `tool_at`, where it was measured."""
        return Target(self._tool_at(self._generator.at) if self._tool_at else self._pose, width, self._generator.at)

    @property
    def still(self) -> bool:
        """Whether it stands."""
        return self._generator.still

    @property
    def failures(self) -> int:
        """Steps in which no way to the goal was found, and the motion braked instead."""
        return self._generator.failures

    def _rest_at(self, rest: Target | None) -> Joints | None:
        here = self._generator.at
        if rest is None or rest.joints is None or len(rest.joints) != len(here):
            return None
        if not all(abs(a - b) <= self._limits.joint_far for a, b in zip(rest.joints, here, strict=True)):
            return None
        return joint_checks.clip_joint_range(rest.joints, self._limits)[0]

    def _outside(self, goal: Joints) -> str:
        """Why the next step towards `goal` is none; "" when the arm could brake after it inside the workspace.

        The workspace is stretched to where the tool is now: a tool outside may come back, and not go farther.
        """
        if self._tool_at is None:
            return ""
        now = self._tool_at(self._generator.at)
        self._scout.go_on_from(self._generator)
        self._scout.towards(goal)
        for _ in range(MOST_STEPS):
            if outside := joint_checks.leaving_reason(self._tool_at(self._scout.at), now, self._limits):
                return outside
            if self._scout.still:
                break
            self._scout.brake()
        return ""
