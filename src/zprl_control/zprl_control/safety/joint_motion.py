"""The chain of guards for joint commands: the same as for tool commands, joint by joint."""

from collections.abc import Callable

from zprl_control.safety import checks, joint_checks
from zprl_control.safety.checks import Refused
from zprl_control.safety.limits import Limits
from zprl_control.safety.trajectory_generator import TrajectoryGenerator
from zprl_core.target import Pose6, Target

Joints = tuple[float, ...]
ToolAt = Callable[[Joints], Pose6]  # forward kinematics: tool pose at these joint angles [rad]
MOST_STEPS = 1000  # longest braking motion, in control steps


class JointMotion:
    """A joint motion that starts at rest at the measured angles and keeps the tool in its workspace.

    With `tool_at`, no step is taken from which the arm could not brake inside the workspace. Without it, the arm brakes
    when the tool is measured outside, and only a tool command or a reset brings it back.
    """

    def __init__(self, limits: Limits, period_s: float, pose: Pose6, joints: Joints, tool_at: ToolAt | None):
        """Raises Refused when the arm's joints are unknown or `tool_at` disagrees with the measured tool pose."""
        joint_checks.check_joint_state(joints, limits)
        self._limits, self._pose, self._tool_at = limits, pose, tool_at
        self._generator = TrajectoryGenerator(limits.joint_bounds, period_s, joints)
        self._scout = TrajectoryGenerator(limits.joint_bounds, period_s, joints)
        if tool_at is not None:
            joint_checks.check_model(tool_at(joints), pose)

    def follow(self, requested: Target, pose: Pose6, joints: Joints, command_gain: float) -> dict[str, str]:
        """Takes one step toward `requested`. Returns the reasons for clipping, by guard. Raises Refused.

        The tool is at `pose`, the joints at `joints` [rad]. A refused command does not change the motion.
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
        """Takes one step toward rest: at the angles of `rest` if they are near, else as soon as possible."""
        goal = self._rest_at(rest)
        if goal is None or self._outside(goal):
            self._generator.brake()
        else:
            self._generator.towards(goal)

    def target(self, width: float) -> Target:
        """Returns the target to send. Its pose is the tool's at these angles; without `tool_at`, the measured one."""
        return Target(self._tool_at(self._generator.at) if self._tool_at else self._pose, width, self._generator.at)

    @property
    def still(self) -> bool:
        """True if the motion is at rest."""
        return self._generator.still

    @property
    def failures(self) -> int:
        """Number of steps in which no trajectory to the goal was found and the motion braked."""
        return self._generator.failures

    def _rest_at(self, rest: Target | None) -> Joints | None:
        here = self._generator.at
        if rest is None or rest.joints is None or len(rest.joints) != len(here):
            return None
        if not all(abs(a - b) <= self._limits.joint_far for a, b in zip(rest.joints, here, strict=True)):
            return None
        return joint_checks.clip_joint_range(rest.joints, self._limits)[0]

    def _outside(self, goal: Joints) -> str:
        """Returns why the next step toward `goal` is refused; "" if the arm could still brake inside the workspace.

        The workspace is extended to the current tool pose: a tool outside may return but not move farther out.
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
