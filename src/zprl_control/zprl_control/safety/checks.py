"""One function per guard: takes the requested value, returns the allowed value and why they differ.

A guard that refuses raises Refused: no part of the command is used, and the arm holds.
"""

import math
from enum import Enum
from typing import cast

from zprl_control.safety.limits import NAMES, Limits
from zprl_core.target import Pose6, Target, Wrench6

NARROW, WIDE = 0.25, 0.75  # fractions of a gripper's opening: clearly closed below, clearly open above
UNITS = ("m",) * 3 + ("rad",) * 3
PAST = (0.01,) * 3 + (0.05,) * 3  # how far a compliant arm may overshoot the workspace [m, rad]
WHOLE_TURN = 2 * math.pi - 1e-3  # limits.low and high of -3.1415 and 3.1415 count as a whole turn [rad]
MOST_TURNS = 1e6  # larger angles are not unwrapped
MOST_LISTED = 10  # longest list of joints in an error


class Refused(ValueError):
    """The command is refused. `guard` is the name that counts it; the message says why."""

    def __init__(self, guard: str, reason: str):
        super().__init__(reason)
        self.guard = guard


class Freshness(Enum):
    """The age class of the newest command."""

    FRESH = "fresh"
    HOLD = "hold"
    FAULT = "fault"


def check_finite(target: Target) -> None:
    """Refuses a target that is not finite."""
    if not target.finite:
        requested = target.pose if target.joints is None else target.joints[:MOST_LISTED]
        raise Refused("finite", f"the command is not finite: {requested}, width {target.width}")


def unwrapped(pose: Pose6, around: Pose6) -> Pose6:
    """Returns the same pose with each angle within half a turn of that of `around`."""
    angles = (_near(angle, other) for angle, other in zip(pose[3:], around[3:], strict=True))
    return cast(Pose6, (*pose[:3], *angles))


def check_distance(pose: Pose6, measured: Pose6, limits: Limits) -> None:
    """Refuses a command far from the tool, which was meant for another arm or another time."""
    for name, unit, requested, is_, far in zip(NAMES, UNITS, pose, measured, limits.far, strict=True):
        if abs(requested - is_) > far:
            raise Refused(
                "far",
                f"{name} {requested:.3f} is {abs(requested - is_):.3f} {unit} from the tool, the limit is {far:g}",
            )


def ahead_of(requested: tuple[float, ...], measured: tuple[float, ...], command_gain: float) -> tuple[float, ...]:
    """Returns a goal `command_gain` times as far from the arm as requested, for an arm that lags."""
    return tuple(m + command_gain * (a - m) for a, m in zip(requested, measured, strict=True))


def clip_lead(pose: Pose6, measured: Pose6, limits: Limits) -> tuple[Pose6, str]:
    """Limits how far the goal leads the tool, on each axis. Returns the goal and why it was clipped."""
    low = tuple(m - e for m, e in zip(measured, limits.error, strict=True))
    high = tuple(m + e for m, e in zip(measured, limits.error, strict=True))
    return _clamped(pose, cast(Pose6, low), cast(Pose6, high), "too far ahead of the tool")


def clip_workspace(pose: Pose6, limits: Limits) -> tuple[Pose6, str]:
    """Clips the goal to the workspace box. Returns the goal and why it was clipped.

    Roll or yaw is not limited if its range is a whole turn.
    """
    free = [high - low >= WHOLE_TURN for low, high in zip(limits.low, limits.high, strict=True)]
    if not any(free):
        return _clamped(pose, limits.low, limits.high, "outside the workspace")
    low = tuple(-math.inf if f else end for f, end in zip(free, limits.low, strict=True))
    high = tuple(math.inf if f else end for f, end in zip(free, limits.high, strict=True))
    return _clamped(pose, cast(Pose6, low), cast(Pose6, high), "outside the workspace")


def clip_width(width: float, limits: Limits) -> tuple[float, str]:
    """Clips the width [m] to the gripper's range. Returns the width and why it was clipped."""
    allowed = min(max(width, 0.0), limits.width)
    return allowed, "" if allowed == width else f"width {width:.3f} is outside 0..{limits.width:g} m"


def binarize_width(width: float, before: float, limits: Limits) -> float:
    """Returns open or closed if `width` is clearly one of them, else the width sent `before`. All in meters.

    For a gripper that takes half a second per command, while the width from a learned policy is noisy.
    """
    if width >= WIDE * limits.width:
        return limits.width
    return 0.0 if width <= NARROW * limits.width else before


def contact_reason(wrench: Wrench6, limits: Limits) -> str:
    """Returns why the external wrench (force [N], torque [N m]) at the tool stops the arm; "" if it does not."""
    force = sum(f * f for f in wrench[:3]) ** 0.5
    torque = sum(t * t for t in wrench[3:]) ** 0.5
    if not force <= limits.force:
        return f"the external force at the tool is {force:.1f} N, the limit is {limits.force:g} N"
    if not torque <= limits.torque:
        return f"the external torque at the tool is {torque:.1f} N m, the limit is {limits.torque:g} N m"
    return ""


def freshness(silence_s: float, limits: Limits) -> Freshness:
    """Returns the age class of a command received `silence_s` ago."""
    if silence_s > limits.fault_s:
        return Freshness.FAULT
    return Freshness.HOLD if silence_s > limits.hold_s else Freshness.FRESH


def silence_reason(source: str, silence_s: float, limit_s: float) -> str:
    """Returns why motion is blocked: `source` has been silent for too long; "" if not. Infinity means never heard."""
    if silence_s <= limit_s:
        return ""
    ago = "not been received yet" if silence_s == float("inf") else f"been silent for {silence_s:.2f} s"
    return f"{source} has {ago}, the limit is {limit_s:g} s"


def arming_reason(pose: Pose6, limits: Limits) -> str:
    """Returns why an arm with its tool at `pose` cannot be enabled; "" if it can.

    A tool just outside the workspace is accepted, because its goals lie inside.
    """
    for name, unit, value, low, high, past in zip(NAMES, UNITS, pose, limits.low, limits.high, PAST, strict=True):
        if not low - past <= value <= high + past:
            return f"{name} {value:.3f} is outside {low:g}..{high:g} {unit}; guide the tool inside"
    return ""


def _near(angle: float, other: float) -> float:
    turns = (other - angle) / math.tau
    return angle + math.tau * round(turns) if 0.5 < abs(turns) < MOST_TURNS else angle


def _clamped(pose: Pose6, low: Pose6, high: Pose6, why: str) -> tuple[Pose6, str]:
    clamped = tuple(min(max(value, a), b) for value, a, b in zip(pose, low, high, strict=True))
    if clamped == pose:
        return pose, ""
    axes = [name for name, a, b in zip(NAMES, pose, clamped, strict=True) if a != b]
    return cast(Pose6, clamped), f"{', '.join(axes)} {why}"
