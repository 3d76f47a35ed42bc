"""The complete chain of guards: turns requested targets into safe ones and counts every intervention."""

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
    """The command sent to the arm in one control step."""

    target: Target
    reasons: tuple[str, ...] = ()  # why the guards changed the request; a motion that is under way is not a reason
    refused: bool = False
    waits: bool = False  # no source is followed until the reasons are gone

    @property
    def clipped(self) -> bool:
        """True if a guard changed the command."""
        return bool(self.reasons)


class Guard:
    """Guards an enabled arm against every command source. One call per control step.

    Tool commands and joint commands may alternate: the arm comes to rest in between and continues from its measured
    state.
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
        """Starts at the measured state. Raises Refused when the tool is outside the workspace.

        `counts` adds up the interventions of each guard; None for a new counter. `binary`: the gripper only opens and
        closes. `tool_at`: the arm's forward kinematics, if known.
        """
        outside = checks.arming_reason(measured.pose, limits)
        if outside:
            raise Refused("box", outside)
        self.limits, self._binary = limits, binary
        self._period_s, self._tool_at = period_s, tool_at
        self.counts: Counter[str] = Counter() if counts is None else counts
        self._motion: ToolMotion | JointMotion = ToolMotion(limits, period_s, measured.pose)
        self._braked = 0  # failures of the present motion that are counted
        self._width = checks.clip_width(measured.width, limits)[0]

    def follow(
        self, requested: Target, measured: Pose6, command_gain: float = 1.0, joints: tuple[float, ...] = ()
    ) -> SafeCommand:
        """Takes one step toward `requested`, as far as the guards allow. A refused command brakes the arm.

        The tool is at `measured`, the joints at `joints` [rad]. `command_gain` multiplies the distance from the arm
        to `requested`.
        """
        try:
            if why := self._switch(requested, measured, joints):
                return SafeCommand(self.hold(), (why,))
            reasons = self._motion.follow(requested, measured, joints, command_gain)
            self._count_failures()
        except Refused as refused:
            self.counts[refused.guard] += 1
            return SafeCommand(self.hold(), (str(refused),), refused=True)
        width, reasons["width"] = checks.clip_width(requested.width, self.limits)
        self._width = checks.binarize_width(width, self._width, self.limits) if self._binary else width
        self.counts.update(name for name, reason in reasons.items() if reason)
        return SafeCommand(self.at, tuple(filter(None, reasons.values())))

    def hold(self, rest: Target | None = None) -> Target:
        """Takes one step toward rest, within the limits, so that the arm stops quickly but smoothly.

        `rest`: a previous state of the arm at which it comes to rest; None to stop as soon as possible.
        """
        self._motion.brake(rest)
        self._count_failures()
        return self.at

    @property
    def at(self) -> Target:
        """The last target sent to the arm."""
        return self._motion.target(self._width)

    def _count_failures(self) -> None:
        """Counts the steps in which no trajectory to the goal was found and the arm braked."""
        if failed := self._motion.failures - self._braked:
            self.counts["trajectory"] += failed
            self._braked += failed

    def _switch(self, requested: Target, measured: Pose6, joints: tuple[float, ...]) -> str:
        """Switches between tool and joint motion. Returns why `requested` must wait; "" if it need not."""
        in_joints = requested.joints is not None
        if in_joints == isinstance(self._motion, JointMotion):
            return ""
        if not self._motion.still:
            return f"the arm is coming to rest before it follows {'joint' if in_joints else 'tool'} commands"
        if in_joints:
            self._motion = JointMotion(self.limits, self._period_s, measured, joints, self._tool_at)
        else:
            self._motion = ToolMotion(self.limits, self._period_s, measured)
        self._braked = 0
        return ""
