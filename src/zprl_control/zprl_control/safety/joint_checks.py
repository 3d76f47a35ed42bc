"""One function per joint guard: for joint commands, and for an arm near its joint limits.

Angles in radians. A guard that refuses raises Refused: no part of the command is used, and the arm holds.
"""

import math

from zprl_control.safety.checks import UNITS, WHOLE_TURN, Refused, unwrapped
from zprl_control.safety.limits import NAMES, Limits
from zprl_core.target import Pose6

Joints = tuple[float, ...]
MODEL = (0.02,) * 3 + (0.1,) * 3  # largest difference between tool pose and kinematic model [m, rad]


def check_joint_state(joints: Joints, limits: Limits) -> None:
    """Refuses joint commands when the arm does not report a finite angle for each joint."""
    if len(joints) != len(limits.joint_low) or not all(map(math.isfinite, joints)):
        found = f"{len(joints)} joint angles, limits.joint_low has {len(limits.joint_low)}"
        raise Refused("count", f"the arm reports {found}; joint commands need a finite angle for each joint")


def check_joint_distance(joints: Joints, measured: Joints, limits: Limits) -> None:
    """Refuses a joint command for another number of joints, or far from the measured angles [rad]."""
    if len(joints) != len(measured):
        raise Refused("count", f"the command is for {len(joints)} joints, but the arm has {len(measured)}")
    for number, (requested, is_) in enumerate(zip(joints, measured, strict=True), start=1):
        if (away := abs(requested - is_)) > limits.joint_far:
            found = f"joint {number} at {requested:.3f} rad is {away:.3f} rad from its measured angle"
            raise Refused("far", f"{found}, the limit is {limits.joint_far:g} (limits.joint_far)")


def check_model(expected: Pose6, measured: Pose6) -> None:
    """Refuses joint commands when the measured tool pose differs from that of the kinematic model (`expected`)."""
    for name, unit, a, b, past in zip(NAMES, UNITS, unwrapped(expected, measured), measured, MODEL, strict=True):
        if not abs(a - b) <= past:
            found = f"the tool's {name} is {b:.3f} {unit}, but {a:.3f} by the kinematic model"
            raise Refused("model", f"{found}; joint commands need a tool that matches the model")


def clip_joint_lead(joints: Joints, measured: Joints, limits: Limits) -> tuple[Joints, str]:
    """Limits how far the goal leads each measured joint [rad]. Returns the goal and why it was clipped."""
    low = tuple(m - limits.joint_error for m in measured)
    high = tuple(m + limits.joint_error for m in measured)
    return _clamped_joints(joints, low, high, "too far ahead of its measured angle")


def clip_joint_range(joints: Joints, limits: Limits) -> tuple[Joints, str]:
    """Keeps the goal away from the joint limits by the margin [rad]. Returns the goal and why it was clipped."""
    return _clamped_joints(joints, *limits.joint_box, "too close to its limit")


def leaving_reason(pose: Pose6, now: Pose6, limits: Limits) -> str:
    """Returns why the tool must not move from `now` to `pose`; "" if that is inside the workspace or no farther out."""
    free = zip(NAMES, UNITS, unwrapped(pose, now), now, limits.low, limits.high, strict=True)
    for name, unit, value, here, low, high in free:
        if high - low < WHOLE_TURN and not min(low, here) <= value <= max(high, here):
            return f"{name} would be {value:.3f}, outside {low:g}..{high:g} {unit}; the joints stop before that"
    return ""


def joint_limit_reason(joints: Joints, velocities: Joints, limits: Limits, part: float = 1.0) -> str:
    """Returns why only the operator may move the arm: a joint [rad] is near its limit, or cannot brake before it.

    Returns "" if all joints have room. How a tool command moves the joints is not known here, so the arm stops for any
    command until the operator moves it back. `part`: the fraction of the margin that counts.
    """
    wanted = len(limits.joint_low)
    if not len(joints) == len(velocities) == wanted:
        found = f"{len(joints)} joint angles and {len(velocities)} joint velocities, limits.joint_low has {wanted}"
        return f"the arm reports {found}; only the operator may move it until driver and limits agree"
    states = zip(joints, velocities, limits.joint_low, limits.joint_high, strict=True)
    for number, (q, v, low, high) in enumerate(states, start=1):
        from_, to = low + part * limits.joint_margin, high - part * limits.joint_margin
        if not from_ <= q <= to:
            end = low if q < from_ else high
            return f"joint {number} is at {q:.2f} rad, near its limit at {end:.2f}; reset the arm or move it back"
        if not from_ <= q + v * (limits.joint_ahead_s + abs(v) / (2 * limits.joint_brake)) <= to:
            end = low if v < 0 else high
            how = f"joint {number} at {q:.2f} rad moved at {abs(v):.2f} rad/s toward its limit at {end:.2f}"
            return f"{how}; reset the arm or move it back"
    return ""


def _clamped_joints(joints: Joints, low: Joints, high: Joints, why: str) -> tuple[Joints, str]:
    clamped = tuple(min(max(value, a), b) for value, a, b in zip(joints, low, high, strict=True))
    changed = [str(n) for n, (a, b) in enumerate(zip(joints, clamped, strict=True), start=1) if a != b]
    return clamped, f"joint {', '.join(changed)} {why}" if changed else ""
