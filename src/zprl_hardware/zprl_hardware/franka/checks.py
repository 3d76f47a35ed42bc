"""Checks of a Franka's settings before it moves."""

from ipaddress import ip_address

from zprl_control.safety import checks
from zprl_control.safety.joint_checks import joint_limit_reason
from zprl_control.safety.limits import Limits
from zprl_hardware.franka.config import Control, FrankyConfig
from zprl_hardware.franka.kinematics import tool_at

ROUNDED = 1.0 + 1e-9  # rounding: 40 N m/rad times 0.2 rad must not exceed 8 N m


def check_press(franky: FrankyConfig, limits: Limits) -> None:
    """Raises ValueError when the springs of impedance control can exceed the contact guard's force or torque limit."""
    if franky.control != Control.IMPEDANCE:
        return
    press = franky.translational_stiffness * franky.error_clip_m
    if press >= limits.force:
        raise ValueError(
            f"the arm can press with translational_stiffness times error_clip_m = {press:.0f} N, which must stay below "
            f"the force at which it stops, {limits.force:g} N; lower one of the two, or raise limits.force"
        )
    twist = franky.rotational_stiffness * franky.error_clip_rad
    if twist > limits.torque * ROUNDED:
        raise ValueError(
            f"the arm can twist with rotational_stiffness times error_clip_rad = {twist:.3g} N m, which must not "
            f"exceed the torque at which it stops, {limits.torque:g} N m; lower one of them, or raise limits.torque"
        )


def check_home(franky: FrankyConfig, limits: Limits) -> None:
    """Raises ValueError when the arm could not be enabled at its home."""
    check_fr3_home(franky.home, "franky.home", limits)


def check_fr3_home(home: tuple[float, ...], name: str, limits: Limits) -> None:
    """Raises ValueError when an FR3 could not be enabled at the joint angles `home` (7,) [rad], called `name`.

    There, each joint must be within its limits and the tool within the workspace.
    """
    if len(limits.joint_low) != len(home):
        raise ValueError(
            f"limits.joint_low and joint_high have {len(limits.joint_low)} angles, but this robot is an FR3, which has "
            f"{len(home)} joints; use the robot that the station is for, or remove the two limits"
        )
    stretched = joint_limit_reason(home, (0.0,) * len(home), limits)
    if stretched:
        why = stretched.partition(":")[0]
        raise ValueError(
            f"at {name} {why}; choose another home, or change limits.joint_low, joint_high or joint_margin"
        )
    outside = checks.arming_reason(tool_at(home), limits)
    if outside:
        where = outside.partition(";")[0]
        raise ValueError(
            f"at {name} the tool's {where}: the arm could not be enabled after a reset; choose another home, or "
            f"change limits.low or limits.high"
        )


def check_enable_at_start(enable_at_start: bool, franky: FrankyConfig) -> None:
    """Raises ValueError when a real arm would be enabled without an operator."""
    if enable_at_start and (franky.enforce_realtime or _may_be_real(franky.hostname)):
        raise ValueError(
            f"enable_at_start is for simulated arms, at 127.0.0.1 and with franky.enforce_realtime:=false; the arm at "
            f"{franky.hostname} would be enabled without an operator, and again after each reconnection: remove "
            f"enable_at_start, and enable the arm with the service arm/enable"
        )


def realtime_warning(franky: FrankyConfig) -> str:
    """Warning about a real arm that is driven without a real-time check; "" when there is none to give."""
    if franky.enforce_realtime or not _may_be_real(franky.hostname):
        return ""
    return (
        f"franky.enforce_realtime is false: the kernel is not checked for real time, and the arm at {franky.hostname} "
        f"is driven anyway. On a kernel that is not real-time, packets arrive late and the arm stops by itself "
        f"(communication_constraints_violation). Use this only on a PREEMPT_RT kernel without /sys/kernel/realtime"
    )


def _may_be_real(hostname: str) -> bool:
    """True when this may be a real arm: a simulated one listens on this machine."""
    try:
        return not ip_address(hostname).is_loopback
    except ValueError:
        return hostname != "localhost"
