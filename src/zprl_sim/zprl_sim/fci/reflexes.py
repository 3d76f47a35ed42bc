"""Reflexes of the simulated FCI: Franka's error flags, the limits that raise them, and recovery. No sockets, no MuJoCo.

The real controller judges by far more than this. What is modelled: limits on joints, speed and workspace, collision
thresholds, and whatever a test injects. The numbers are Franka's nominal ones for the FR3, not a measured robot's.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from zprl_core.arm_model import FR3

Array = npt.NDArray[np.float64]

# In the order of the 41 flags on the wire (libfranka's errors.h); the tests read each of them back through the driver.
ERRORS = (
    "joint_position_limits_violation",
    "cartesian_position_limits_violation",
    "self_collision_avoidance_violation",
    "joint_velocity_violation",
    "cartesian_velocity_violation",
    "force_control_safety_violation",
    "joint_reflex",
    "cartesian_reflex",
    "max_goal_pose_deviation_violation",
    "max_path_pose_deviation_violation",
    "cartesian_velocity_profile_safety_violation",
    "joint_position_motion_generator_start_pose_invalid",
    "joint_motion_generator_position_limits_violation",
    "joint_motion_generator_velocity_limits_violation",
    "joint_motion_generator_velocity_discontinuity",
    "joint_motion_generator_acceleration_discontinuity",
    "cartesian_position_motion_generator_start_pose_invalid",
    "cartesian_motion_generator_elbow_limit_violation",
    "cartesian_motion_generator_velocity_limits_violation",
    "cartesian_motion_generator_velocity_discontinuity",
    "cartesian_motion_generator_acceleration_discontinuity",
    "cartesian_motion_generator_elbow_sign_inconsistent",
    "cartesian_motion_generator_start_elbow_invalid",
    "force_controller_desired_force_tolerance_violation",
    "start_elbow_sign_inconsistent",
    "communication_constraints_violation",
    "power_limit_violation",
    "cartesian_motion_generator_joint_position_limits_violation",
    "cartesian_motion_generator_joint_velocity_limits_violation",
    "cartesian_motion_generator_joint_velocity_discontinuity",
    "cartesian_motion_generator_joint_acceleration_discontinuity",
    "cartesian_position_motion_generator_invalid_frame",
    "controller_torque_discontinuity",
    "joint_p2p_insufficient_torque_for_planning",
    "tau_j_range_violation",
    "instability_detected",
    "joint_move_in_wrong_direction",
    "cartesian_spline_motion_generator_violation",
    "joint_via_motion_generator_planning_joint_limit_violation",
    "base_acceleration_initialization_timeout",
    "base_acceleration_invalid_reading",
)
# After a recovery, how much further out raises the same reflex again.
SLACK = 0.02  # [rad, m, rad/s, m/s]
SLACK_FELT = {"joint_reflex": 5.0, "cartesian_reflex": 5.0}  # [N m] and [N or N m]


class Mode(Enum):
    """What the arm may do."""

    READY = "ready"
    REFLEX = "reflex"
    USER_STOPPED = "user stopped"


@dataclass(frozen=True)
class Limits:
    """Where reflexes begin. Arrays of one number per joint; the tool is Franka's end effector, in the base frame."""

    joint_low: tuple[float, ...] = FR3.joint_low  # [rad]
    joint_high: tuple[float, ...] = FR3.joint_high
    joint_margin: float = 0.002  # a measured joint this near to a limit [rad]: the simulated stop is stiff
    joint_speed: tuple[float, ...] = (2.62, 2.62, 2.62, 2.62, 5.26, 4.18, 5.26)  # [rad/s]
    tool_speed: float = 3.0  # [m/s]
    workspace: tuple[tuple[float, float], ...] = ((0.10, 0.80), (-0.60, 0.60), (-0.01, 1.00))  # x, y, z of the tool [m]
    lost_commands: int | None = None  # ticks of a motion without a command; Franka's is 20, None is for loaded machines

    def __post_init__(self) -> None:
        for name, low, high in (
            ("joint_low and joint_high", self.joint_low, self.joint_high),
            ("workspace", *zip(*self.workspace, strict=True)),
        ):
            if not np.all(np.less(low, high)):
                raise ValueError(f"{name}: each lower end must be below its upper end, got {low} and {high}")

    def measured(self, q: Array, dq: Array, tool: Array, tool_velocity: Array) -> dict[str, float]:
        """By how much each limit is exceeded by the measured state; negative inside."""
        low, high = np.array(self.joint_low), np.array(self.joint_high)
        return {
            "joint_position_limits_violation": float(np.max(np.maximum(low - q, q - high)) + self.joint_margin),
            "joint_velocity_violation": float(np.max(np.abs(dq) - self.joint_speed)),
            "cartesian_position_limits_violation": self._outside(tool),
            "cartesian_velocity_violation": float(np.linalg.norm(tool_velocity) - self.tool_speed),
        }

    def commanded_joints(self, q: Array) -> dict[str, float]:
        """By how much a joint position command exceeds the joints' range [rad]."""
        outside = np.maximum(np.array(self.joint_low) - q, q - np.array(self.joint_high))
        return {"joint_motion_generator_position_limits_violation": float(np.max(outside))}

    def commanded_joint_speed(self, dq: Array) -> dict[str, float]:
        """By how much a joint velocity command exceeds the joints' speed [rad/s]."""
        return {"joint_motion_generator_velocity_limits_violation": float(np.max(np.abs(dq) - self.joint_speed))}

    def commanded_tool_speed(self, velocity: Array) -> dict[str, float]:
        """By how much the translation of a Cartesian velocity command exceeds the tool's speed [m/s]."""
        excess = float(np.linalg.norm(velocity[:3]) - self.tool_speed)
        return {"cartesian_motion_generator_velocity_limits_violation": excess}

    def _outside(self, tool: Array) -> float:
        low, high = np.transpose(self.workspace)
        return float(np.max(np.maximum(low - tool, tool - high)))


@dataclass(frozen=True)
class Collision:
    """The upper thresholds that the driver set, which franky does as it connects: where contact becomes a reflex."""

    torques: tuple[float, ...] = (np.inf,) * 7  # [N m]
    forces: tuple[float, ...] = (np.inf,) * 6  # [N] and [N m]

    def felt(self, tau_ext: Array, wrench: Array) -> dict[str, float]:
        """By how much the thresholds are exceeded."""
        return {
            "joint_reflex": float(np.max(np.abs(tau_ext) - self.torques)),
            "cartesian_reflex": float(np.max(np.abs(wrench) - self.forces)),
        }


class Reflexes:
    """Which errors are present, which ended the last motion, and what the arm may do."""

    def __init__(self) -> None:
        self.mode = Mode.READY
        self.current: frozenset[str] = frozenset()
        self.last: frozenset[str] = frozenset()
        self._tolerated: dict[str, float] = {}

    @property
    def ready(self) -> bool:
        """Whether a motion may start."""
        return self.mode is Mode.READY

    def watch(self, excess: dict[str, float]) -> bool:
        """Raise what exceeds its limit; whether a reflex began. After a recovery the way back in stays open."""
        names = {name for name, value in excess.items() if value > self._tolerated.get(name, 0.0)}
        for name, value in excess.items():
            if value <= 0.0:
                self._tolerated.pop(name, None)
            elif name in names or not self.ready:  # what is there at the recovery is tolerated
                self._tolerated[name] = value + SLACK_FELT.get(name, SLACK)
        if not names or not self.ready:
            return False
        self._raise(names)
        return True

    def inject(self, name: str) -> None:
        """Raise one error by name. Raises ValueError for a name that Franka does not have."""
        if name not in ERRORS:
            raise ValueError(f"unknown reflex {name!r}; Franka's are {', '.join(ERRORS)}")
        self._raise({name})

    def stop(self) -> None:
        """The user's stop button is pressed."""
        self.mode = Mode.USER_STOPPED

    def release(self) -> None:
        """The button is released; errors stay until recovered."""
        if self.mode is Mode.USER_STOPPED:
            self.mode = Mode.REFLEX if self.current else Mode.READY

    def recover(self) -> bool:
        """Automatic error recovery; whether it was possible."""
        if self.mode is Mode.USER_STOPPED:
            return False
        self.mode, self.current = Mode.READY, frozenset()
        return True

    def started(self) -> None:
        """A motion starts: the reason why the last one ended is forgotten."""
        self.last = frozenset()

    def _raise(self, names: set[str]) -> None:
        if self.mode is Mode.READY:
            self.mode = Mode.REFLEX
        self.current |= names
        self.last = self.current


def flags(names: frozenset[str]) -> tuple[bool, ...]:
    """(41,) the errors as on the wire."""
    return tuple(name in names for name in ERRORS)
