"""Checks of a Franka's settings before it moves."""

from ipaddress import ip_address

from zprl_control.safety import checks
from zprl_control.safety.joint_checks import joint_limit_reason
from zprl_control.safety.limits import Limits
from zprl_hardware.franka.config import Control, FrankyConfig
from zprl_hardware.franka.kinematics import tool_at

ROUNDED = 1.0 + 1e-9  # 8 N m are as much as 40 N m/rad times 0.2 rad


def check_press(franky: FrankyConfig, limits: Limits) -> None:
    """Raises ValueError when the springs of impedance control may press so hard that the push guard stops the arm."""
    if franky.control != Control.IMPEDANCE:
        return
    press = franky.translational_stiffness * franky.error_clip_m
    if press >= limits.force:
        raise ValueError(
            f"the arm may press with stiffness times error clip = {press:.0f} N, which must stay below the force "
            f"at which it is stopped, {limits.force:g} N"
        )
    twist = franky.rotational_stiffness * franky.error_clip_rad
    if twist > limits.torque * ROUNDED:
        raise ValueError(
            f"the arm may twist with rotational_stiffness times error_clip_rad = {twist:.3g} N m, at most the torque "
            f"at which it is stopped, {limits.torque:g} N m; lower one of the two, or raise limits.torque"
        )


def check_home(franky: FrankyConfig, limits: Limits) -> None:
    """Raises ValueError when no policy could move the arm on from its home: a joint is near its end there, or the tool
    outside the workspace."""
    stretched = joint_limit_reason(franky.home, (0.0,) * 7, limits)
    if stretched:
        why = stretched.partition(":")[0]
        raise ValueError(
            f"at franky.home {why}; take another home, or change limits.joint_low, joint_high or joint_margin"
        )
    outside = checks.arming_reason(tool_at(franky.home), limits)
    if outside:
        where = outside.partition(";")[0]
        raise ValueError(
            f"at franky.home the tool's {where}: after a reset the arm could not be armed there; take another home, or "
            f"change limits.low or limits.high"
        )


def check_armed_by_a_person(enable_at_start: bool, franky: FrankyConfig) -> None:
    """Raises ValueError when a real arm would be armed by nobody."""
    if enable_at_start and (franky.enforce_realtime or _elsewhere(franky.hostname)):
        raise ValueError(
            f"enable_at_start is for simulated arms, at 127.0.0.1 and with franky.enforce_realtime:=false; the arm at "
            f"{franky.hostname} would be armed without a person, and again each time its cable comes back: leave "
            f"enable_at_start out, and arm it with arm/enable"
        )


def unpunctual(franky: FrankyConfig) -> str:
    """What a person must know of a real arm that is driven without real time; "" when nothing."""
    if franky.enforce_realtime or not _elsewhere(franky.hostname):
        return ""
    return (
        f"franky.enforce_realtime is false: nobody looks whether this kernel is real-time, and the arm at "
        f"{franky.hostname} is driven all the same. On one that is not, packets come late and the arm stops by itself "
        f"(communication_constraints_violation). Only for a PREEMPT_RT kernel without /sys/kernel/realtime"
    )


def _elsewhere(hostname: str) -> bool:
    """Whether it may be a real arm: a simulated one listens on this machine."""
    try:
        return not ip_address(hostname).is_loopback
    except ValueError:
        return hostname != "localhost"
