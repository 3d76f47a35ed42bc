"""The whole chain: what is asked for in, what the arm is told out, and a count for every reason."""

from collections import Counter
from dataclasses import dataclass

from zprl_control.safety import checks
from zprl_control.safety.checks import Refused
from zprl_control.safety.limits import Limits
from zprl_control.safety.trajectory_generator import TrajectoryGenerator
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
    """Between any source of commands and an arm, from the moment when it is armed. One call for each control step."""

    def __init__(
        self,
        limits: Limits,
        period_s: float,
        measured: Target,
        counts: Counter[str] | None = None,
        binary: bool = False,
    ):
        """The first target is where the tool is. Raises Refused when that is outside the workspace.

        `counts`: where each guard's interventions are added up; new ones if None. `binary`: the gripper opens and
        closes only.
        """
        outside = checks.arming_reason(measured.pose, limits)
        if outside:
            raise Refused("box", outside)
        self.limits, self._binary = limits, binary
        self.counts: Counter[str] = Counter() if counts is None else counts
        self._generator = TrajectoryGenerator(limits, period_s, measured.pose)
        self._width = checks.clip_width(measured.width, limits)[0]

    def follow(self, requested: Target, measured: Pose6, command_gain: float = 1.0) -> SafeCommand:
        """One step towards `requested`, as far as the guards allow. A command that is refused brakes the arm.

        `command_gain`: how many times the distance to `requested` the goal lies ahead of the tool.
        """
        try:
            checks.check_finite(requested)
            checks.check_distance(requested, measured, self.limits)
        except Refused as refused:
            self.counts[refused.guard] += 1
            return SafeCommand(self.hold(), (str(refused),), refused=True)
        clipped, far = checks.clip_lead(checks.ahead_of(requested.pose, measured, command_gain), measured, self.limits)
        clipped, outside = checks.clip_workspace(clipped, self.limits)
        width, wide = checks.clip_width(requested.width, self.limits)
        self._width = checks.binarize_width(width, self._width, self.limits) if self._binary else width
        reasons = {"error": far, "box": outside, "width": wide}
        self.counts.update(name for name, reason in reasons.items() if reason)
        pose = self._generator.towards(clipped)
        return SafeCommand(Target(pose, self._width), tuple(filter(None, reasons.values())))

    def hold(self, rest: Pose6 | None = None) -> Target:
        """One step of the way to a rest: within the limits too, so the arm stops soon and not with a jerk.

        `rest`: a pose where the tool has been and shall come to a rest; None for as soon as can be.
        """
        if rest is None:
            return Target(self._generator.brake(), self._width)
        return Target(self._generator.towards(checks.clip_workspace(rest, self.limits)[0]), self._width)

    @property
    def at(self) -> Target:
        """What was told last."""
        return Target(self._generator.pose, self._width)

    @property
    def failures(self) -> int:
        """Steps in which no way to the goal was found, and the arm braked instead."""
        return self._generator.failures
