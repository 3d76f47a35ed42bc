"""One function for each guard: what is asked for in, what is allowed out, and why they differ.

A guard that refuses raises Refused: nothing of the command is used then, and the arm holds.
"""

import math
from enum import Enum
from typing import cast

from zprl_control.safety.limits import NAMES, Limits
from zprl_core.target import Pose6, Target, Wrench6

NARROW, WIDE = 0.25, 0.75  # of a gripper's opening: what is clearly closed, and clearly open
UNITS = ("m",) * 3 + ("rad",) * 3
PAST = (0.01,) * 3 + (0.05,) * 3  # how far an arm on springs may swing past the workspace's wall [m, rad]
WHOLE_TURN = 2 * math.pi - 1e-3  # limits.low and high of -3.1415 and 3.1415 are all of it [rad]
MOST_TURNS = 1e6  # beyond, an angle is no angle
MOST_LISTED = 10  # joints that an error lists


class Refused(ValueError):
    """A command that is not followed at all. `guard` counts it, the text says why."""

    def __init__(self, guard: str, reason: str):
        super().__init__(reason)
        self.guard = guard


class Freshness(Enum):
    """How old the newest command is."""

    FRESH = "fresh"
    HOLD = "hold"
    FAULT = "fault"


def check_finite(target: Target) -> None:
    """Refuse what is no number."""
    if not target.finite:
        requested = target.pose if target.joints is None else target.joints[:MOST_LISTED]
        raise Refused("finite", f"the command is not finite: {requested}, width {target.width}")


def unwrapped(pose: Pose6, around: Pose6) -> Pose6:
    """The same pose, its angles less than half a turn away from those of `around`: the short way round."""
    angles = (_near(angle, other) for angle, other in zip(pose[3:], around[3:], strict=True))
    return cast(Pose6, (*pose[:3], *angles))


def check_distance(pose: Pose6, measured: Pose6, limits: Limits) -> None:
    """Refuse a command that is far from where the tool is: it was made for another arm, or another moment."""
    for name, unit, requested, is_, far in zip(NAMES, UNITS, pose, measured, limits.far, strict=True):
        if abs(requested - is_) > far:
            raise Refused(
                "far", f"{name} {requested:.3f} is {abs(requested - is_):.3f} {unit} from the tool, allowed {far:g}"
            )


def ahead_of(requested: tuple[float, ...], measured: tuple[float, ...], command_gain: float) -> tuple[float, ...]:
    """A goal `command_gain` times as far from the arm as requested, for an arm that lags."""
    return tuple(m + command_gain * (a - m) for a, m in zip(requested, measured, strict=True))


def clip_lead(pose: Pose6, measured: Pose6, limits: Limits) -> tuple[Pose6, str]:
    """A goal that leads the tool by no more than the error clip."""
    low = tuple(m - e for m, e in zip(measured, limits.error, strict=True))
    high = tuple(m + e for m, e in zip(measured, limits.error, strict=True))
    return _clamped(pose, cast(Pose6, low), cast(Pose6, high), "too far ahead of the tool")


def clip_workspace(pose: Pose6, limits: Limits) -> tuple[Pose6, str]:
    """A goal inside the workspace box. Roll or yaw whose box is the whole turn may go on around."""
    free = [high - low >= WHOLE_TURN for low, high in zip(limits.low, limits.high, strict=True)]
    if not any(free):
        return _clamped(pose, limits.low, limits.high, "outside the workspace")
    low = tuple(-math.inf if f else end for f, end in zip(free, limits.low, strict=True))
    high = tuple(math.inf if f else end for f, end in zip(free, limits.high, strict=True))
    return _clamped(pose, cast(Pose6, low), cast(Pose6, high), "outside the workspace")


def clip_width(width: float, limits: Limits) -> tuple[float, str]:
    """A width that the gripper has [m]."""
    allowed = min(max(width, 0.0), limits.width)
    return allowed, "" if allowed == width else f"width {width:.3f} is outside 0..{limits.width:g} m"


def binarize_width(width: float, before: float, limits: Limits) -> float:
    """Open or closed, when that is clearly wanted; what it was told `before` when it is not. All widths in metres.

    For a gripper that takes half a second for each command, while the width that a learned policy asks for trembles.
    """
    if width >= WIDE * limits.width:
        return limits.width
    return 0.0 if width <= NARROW * limits.width else before


def contact_reason(wrench: Wrench6, limits: Limits) -> str:
    """Why the arm must stop, by the external wrench (force [N], torque [N m]) at the tool; "" when it need not."""
    force = sum(f * f for f in wrench[:3]) ** 0.5
    torque = sum(t * t for t in wrench[3:]) ** 0.5
    if not force <= limits.force:
        return f"the tool is pushed with {force:.1f} N, allowed are {limits.force:g} N"
    if not torque <= limits.torque:
        return f"the tool is twisted with {torque:.1f} N m, allowed are {limits.torque:g} N m"
    return ""


def freshness(silence_s: float, limits: Limits) -> Freshness:
    """Of the newest command."""
    if silence_s > limits.fault_s:
        return Freshness.FAULT
    return Freshness.HOLD if silence_s > limits.hold_s else Freshness.FRESH


def silence_reason(who: str, silence_s: float, limit_s: float) -> str:
    """Why nothing may move: `who` must be heard and is not. "" when it is. Never heard is infinitely long ago."""
    if silence_s <= limit_s:
        return ""
    ago = "not been heard yet" if silence_s == float("inf") else f"been silent for {silence_s:.2f} s"
    return f"{who} has {ago}, allowed are {limit_s:g} s"


def arming_reason(pose: Pose6, limits: Limits) -> str:
    """Why a tool at `pose` must not be armed; "" when it may. One just past a wall may: its goals lie inside."""
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
