"""The whole chain: what is asked for in, what the arm is told out, and a count for every reason."""

from collections import Counter
from dataclasses import dataclass

from zprl_control.safety import checks
from zprl_control.safety.checks import Refused
from zprl_control.safety.joint_motion import JointMotion, ToolAt
from zprl_control.safety.limits import Limits
from zprl_control.safety.tool_motion import ToolMotion
from zprl_core.target import Pose6, Target


@dataclass(frozen=True)
class SafeCommand:
    """What the arm is told in one control step."""

    target: Target
    reasons: tuple[str, ...] = ()  # why it is not what was asked for; being on the way is no reason
    refused: bool = False
    waits: bool = False  # nobody is followed until what the reasons name is over

    @property
    def clipped(self) -> bool:
        """Whether a guard changed the command."""
        return bool(self.reasons)


class Guard:
    """Between any source of commands and an arm, from the moment when it is armed. One call for each control step.

    Commands for the tool and commands in joints may follow each other: the arm comes to a rest in between, and goes on
    from where it is measured.
    """

    def __init__(
        self,
        limits: Limits,
        period_s: float,
        measured: Target,
        counts: Counter[str] | None = None,
        binary: bool = False,
        tool_at: ToolAt | None = None,
    ):
        """The first target is where the tool is. Raises Refused when that is outside the workspace.

        `counts`: where each guard's interventions are added up; new ones if None. `binary`: the gripper opens and
        closes only. `tool_at`: the arm's forward kinematics, where they are known.
        """
        outside = checks.arming_reason(measured.pose, limits)
        if outside:
            raise Refused("box", outside)
        self.limits, self._binary = limits, binary
        self._period_s, self._tool_at = period_s, tool_at
        self.counts: Counter[str] = Counter() if counts is None else counts
        self._motion: ToolMotion | JointMotion = ToolMotion(limits, period_s, measured.pose)
        self._failures = 0  # of motions that are over
        self._width = checks.clip_width(measured.width, limits)[0]

    def follow(
        self, requested: Target, measured: Pose6, command_gain: float = 1.0, joints: tuple[float, ...] = ()
    ) -> SafeCommand:
        """One step towards `requested`, as far as the guards allow. A command that is refused brakes the arm.

        The tool is at `measured`, the joints at `joints` [rad]. `command_gain`: how many times the distance to
        `requested` the goal lies ahead of the arm.
        """
        try:
            if why := self._changes(requested, measured, joints):
                return SafeCommand(self.hold(), (why,))
            reasons = self._motion.follow(requested, measured, joints, command_gain)
        except Refused as refused:
            self.counts[refused.guard] += 1
            return SafeCommand(self.hold(), (str(refused),), refused=True)
        width, reasons["width"] = checks.clip_width(requested.width, self.limits)
        self._width = checks.binarize_width(width, self._width, self.limits) if self._binary else width
        self.counts.update(name for name, reason in reasons.items() if reason)
        return SafeCommand(self.at, tuple(filter(None, reasons.values())))

    def hold(self, rest: Target | None = None) -> Target:
        """One step of the way to a rest: within the limits too, so the arm stops soon and not with a jerk.

        `rest`: where the arm has been and shall come to a rest; None for as soon as can be.
        """
        self._motion.brake(rest)
        return self.at

    @property
    def at(self) -> Target:
        """What was told last."""
        return self._motion.target(self._width)

    @property
    def failures(self) -> int:
        """Steps in which no way to the goal was found, and the arm braked instead."""
        return self._failures + self._motion.failures

    def _changes(self, requested: Target, measured: Pose6, joints: tuple[float, ...]) -> str:
        """Why `requested` is not followed yet: it is for joints and the tool is in motion, or the other way round."""
        in_joints = requested.joints is not None
        if in_joints == isinstance(self._motion, JointMotion):
            return ""
        if not self._motion.still:
            return f"the arm comes to a rest before it is commanded {'in joints' if in_joints else 'by its tool'}"
        failures = self.failures
        if in_joints:
            self._motion = JointMotion(self.limits, self._period_s, measured, joints, self._tool_at)
        else:
            self._motion = ToolMotion(self.limits, self._period_s, measured)
        self._failures = failures
        return ""
