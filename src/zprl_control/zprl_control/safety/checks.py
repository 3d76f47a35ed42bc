"""One function for each guard: what is asked for in, what is allowed out, and why they differ.

A guard that refuses raises Refused: nothing of the command is used then, and the arm holds.
"""

from enum import Enum
from typing import cast

from zprl_control.safety.limits import NAMES, Limits
from zprl_core.target import Pose6, Target, Wrench6

NARROW, WIDE = 0.25, 0.75  # of a gripper's opening: what is clearly closed, and clearly open
UNITS = ("m",) * 3 + ("rad",) * 3
PAST = (0.01,) * 3 + (0.05,) * 3  # how far an arm on springs may swing past the workspace's wall [m, rad]


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
        raise Refused("finite", f"the command is not finite: {target.pose}, width {target.width}")


def check_distance(target: Target, measured: Pose6, limits: Limits) -> None:
    """Refuse a command that is far from where the tool is: it was made for another arm, or another moment."""
    for name, unit, requested, is_, far in zip(NAMES, UNITS, target.pose, measured, limits.far, strict=True):
        if abs(requested - is_) > far:
            raise Refused(
                "far", f"{name} {requested:.3f} is {abs(requested - is_):.3f} {unit} from the tool, allowed {far:g}"
            )


def ahead_of(pose: Pose6, measured: Pose6, command_gain: float) -> Pose6:
    """A goal `command_gain` times as far from the tool as requested, for an arm that lags."""
    return cast(Pose6, tuple(m + command_gain * (p - m) for p, m in zip(pose, measured, strict=True)))


def clip_lead(pose: Pose6, measured: Pose6, limits: Limits) -> tuple[Pose6, str]:
    """A goal that leads the tool by no more than the error clip."""
    low = tuple(m - e for m, e in zip(measured, limits.error, strict=True))
    high = tuple(m + e for m, e in zip(measured, limits.error, strict=True))
    return _clamped(pose, cast(Pose6, low), cast(Pose6, high), "too far ahead of the tool")


def clip_workspace(pose: Pose6, limits: Limits) -> tuple[Pose6, str]:
    """A goal inside the workspace box."""
    return _clamped(pose, limits.low, limits.high, "outside the workspace")


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


def joint_limit_reason(joints: tuple[float, ...], velocities: tuple[float, ...], limits: Limits) -> str:
    """Why nobody but a person may move the arm on: a joint [rad] is near its end, or would be before it had braked.

    Which way a command would move the joints is not known here: the arm stops whatever was asked for, and a person,
    who sees it, brings it back. "" when all joints have room.
    """
    wanted = len(limits.joint_low)
    if not len(joints) == len(velocities) == wanted:
        told = f"{len(joints)} joint angles and {len(velocities)} joint velocities, limits.joint_low has {wanted}"
        return f"the arm tells {told}: only a person may move it until backend and limits agree"
    states = zip(joints, velocities, limits.joint_low, limits.joint_high, strict=True)
    for number, (q, v, low, high) in enumerate(states, start=1):
        from_, to = low + limits.joint_margin, high - limits.joint_margin
        if not from_ <= q <= to:
            end = low if q < from_ else high
            return f"joint {number} is at {q:.2f} rad, near its end at {end:.2f}: reset the arm, or drive it back"
        if not from_ <= q + v * (limits.joint_ahead_s + abs(v) / (2 * limits.joint_brake)) <= to:
            end = low if v < 0 else high
            how = f"joint {number} at {q:.2f} rad moved with {abs(v):.2f} rad/s towards its end at {end:.2f}"
            return f"{how}: reset the arm, or drive it back"
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


def _clamped(pose: Pose6, low: Pose6, high: Pose6, why: str) -> tuple[Pose6, str]:
    clamped = tuple(min(max(value, a), b) for value, a, b in zip(pose, low, high, strict=True))
    if clamped == pose:
        return pose, ""
    axes = [name for name, a, b in zip(NAMES, pose, clamped, strict=True) if a != b]
    return cast(Pose6, clamped), f"{', '.join(axes)} {why}"
