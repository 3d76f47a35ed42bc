"""The guards of joints, one function each: of commands in joints, and of an arm near the ends of its joints.

Angles in radians. A guard that refuses raises Refused: nothing of the command is used then, and the arm holds.
"""

import math

from zprl_control.safety.checks import UNITS, WHOLE_TURN, Refused, unwrapped
from zprl_control.safety.limits import NAMES, Limits
from zprl_core.target import Pose6

Joints = tuple[float, ...]
MODEL = (0.02,) * 3 + (0.1,) * 3  # how far a tool may be from where a model puts it [m, rad]


def check_joint_state(joints: Joints, limits: Limits) -> None:
    """Refuse commands in joints where the arm does not report an angle for each of them."""
    if len(joints) != len(limits.joint_low) or not all(map(math.isfinite, joints)):
        told = f"{len(joints)} joint angles, limits.joint_low has {len(limits.joint_low)}"
        raise Refused("count", f"the arm reports {told}: commands in joints need a finite angle for each joint")


def check_joint_distance(joints: Joints, measured: Joints, limits: Limits) -> None:
    """Refuse a command in joints that is for another number of them, or far from where they are [rad]."""
    if len(joints) != len(measured):
        raise Refused("count", f"the command is for {len(joints)} joints, and the arm has {len(measured)}")
    for number, (requested, is_) in enumerate(zip(joints, measured, strict=True), start=1):
        if (away := abs(requested - is_)) > limits.joint_far:
            told = f"joint {number} at {requested:.3f} rad is {away:.3f} rad from where it is"
            raise Refused("far", f"{told}, allowed {limits.joint_far:g} (limits.joint_far)")


def check_model(expected: Pose6, measured: Pose6) -> None:
    """Refuse commands in joints for an arm whose tool is not where its joints should put it (`expected`)."""
    for name, unit, a, b, past in zip(NAMES, UNITS, unwrapped(expected, measured), measured, MODEL, strict=True):
        if not abs(a - b) <= past:
            told = f"the tool's {name} is {b:.3f} {unit}, and {a:.3f} by the arm's model and its joints"
            raise Refused("model", f"{told}: commands in joints need a tool that is the model's")


def clip_joint_lead(joints: Joints, measured: Joints, limits: Limits) -> tuple[Joints, str]:
    """A goal whose joints lead the measured ones by no more than the error clip [rad]."""
    low = tuple(m - limits.joint_error for m in measured)
    high = tuple(m + limits.joint_error for m in measured)
    return _clamped_joints(joints, low, high, "too far ahead of where it is")


def clip_joint_range(joints: Joints, limits: Limits) -> tuple[Joints, str]:
    """A goal whose joints stay clear of their ends by the margin [rad]."""
    return _clamped_joints(joints, *limits.joint_box, "too near to its end")


def leaving_reason(pose: Pose6, now: Pose6, limits: Limits) -> str:
    """Why a tool that is at `now` must not come to `pose`; "" inside the workspace, or where it is no farther out."""
    free = zip(NAMES, UNITS, unwrapped(pose, now), now, limits.low, limits.high, strict=True)
    for name, unit, value, here, low, high in free:
        if high - low < WHOLE_TURN and not min(low, here) <= value <= max(high, here):
            return f"{name} would be {value:.3f}, outside {low:g}..{high:g} {unit}: the joints stop before"
    return ""


def joint_limit_reason(joints: Joints, velocities: Joints, limits: Limits, part: float = 1.0) -> str:
    """Why nobody but a person may move the arm on: a joint [rad] is near its end, or would be before it had braked.

    Which way a command for the tool would move the joints is not known here: the arm stops whatever was asked for, and
    a person, who sees it, brings it back. `part`: of the margin that counts. "" when all joints have room.
    """
    wanted = len(limits.joint_low)
    if not len(joints) == len(velocities) == wanted:
        told = f"{len(joints)} joint angles and {len(velocities)} joint velocities, limits.joint_low has {wanted}"
        return f"the arm tells {told}: only a person may move it until backend and limits agree"
    states = zip(joints, velocities, limits.joint_low, limits.joint_high, strict=True)
    for number, (q, v, low, high) in enumerate(states, start=1):
        from_, to = low + part * limits.joint_margin, high - part * limits.joint_margin
        if not from_ <= q <= to:
            end = low if q < from_ else high
            return f"joint {number} is at {q:.2f} rad, near its end at {end:.2f}: reset the arm, or drive it back"
        if not from_ <= q + v * (limits.joint_ahead_s + abs(v) / (2 * limits.joint_brake)) <= to:
            end = low if v < 0 else high
            how = f"joint {number} at {q:.2f} rad moved with {abs(v):.2f} rad/s towards its end at {end:.2f}"
            return f"{how}: reset the arm, or drive it back"
    return ""


def _clamped_joints(joints: Joints, low: Joints, high: Joints, why: str) -> tuple[Joints, str]:
    clamped = tuple(min(max(value, a), b) for value, a, b in zip(joints, low, high, strict=True))
    changed = [str(n) for n, (a, b) in enumerate(zip(joints, clamped, strict=True), start=1) if a != b]
    return clamped, f"joint {', '.join(changed)} {why}" if changed else ""
