"""Reflexes of the simulated FCI: Franka's error flags, the limits that raise them, and recovery.

The real controller checks far more. Modeled are limits of joints, speed and workspace, collision thresholds, and errors
injected by tests. The values are Franka's nominal ones for the FR3, not measured on a robot. No sockets, no MuJoCo.
"""

import math
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from zprl_core.arm_model import FR3

Array = npt.NDArray[np.float64]

# In the order of the 41 flags of the protocol (libfranka's errors.h); tests read each flag back through the driver.
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
# Additional excess, after a recovery, that raises the same reflex again.
SLACK = 0.02  # [rad, m, rad/s, m/s]
CONTACT_SLACK = {"joint_reflex": 5.0, "cartesian_reflex": 5.0}  # [N m] and [N or N m]


class Mode(Enum):
    """The robot mode: whether the arm may move, and why not."""

    READY = "ready"
    REFLEX = "reflex"
    USER_STOPPED = "user stopped"


@dataclass(frozen=True)
class Limits:
    """Limits that trigger reflexes, with a value per joint; the tool is Franka's end effector, in the base frame."""

    joint_low: tuple[float, ...] = FR3.joint_low  # [rad]
    joint_high: tuple[float, ...] = FR3.joint_high
    joint_margin: float = 0.002  # distance of a measured joint from its limit [rad]; the simulated stop is stiff
    joint_speed: tuple[float, ...] = (2.62, 2.62, 2.62, 2.62, 5.26, 4.18, 5.26)  # [rad/s]
    tool_speed: float = 3.0  # [m/s]
    workspace: tuple[tuple[float, float], ...] = ((0.10, 0.80), (-0.60, 0.60), (-0.01, 1.00))  # tool x, y, z [m]
    lost_commands: int | None = None  # ticks without a command; Franka: 20; None: unlimited

    def __post_init__(self) -> None:
        for name, low, high in (
            ("joint_low and joint_high", self.joint_low, self.joint_high),
            ("workspace", *zip(*self.workspace, strict=True)),
        ):
            if not np.all(np.less(low, high)):
                raise ValueError(f"{name}: each lower limit must be below its upper limit, got {low} and {high}")

    @cached_property
    def _arrays(self) -> tuple[Array, ...]:
        """The limits of joints, joint speeds and workspace as arrays: low, high, speed, low, high."""
        joints = self.joint_low, self.joint_high, self.joint_speed
        return *map(np.array, joints), *np.transpose(self.workspace)

    def measured(self, q: Array, dq: Array, tool: Array, tool_velocity: Array) -> dict[str, float]:
        """Returns by how much the measured state exceeds each limit; negative inside."""
        low, high, speed, nearest, farthest = self._arrays
        return {
            "joint_position_limits_violation": float(np.maximum(low - q, q - high).max()) + self.joint_margin,
            "joint_velocity_violation": float((np.abs(dq) - speed).max()),
            "cartesian_position_limits_violation": float(np.maximum(nearest - tool, tool - farthest).max()),
            "cartesian_velocity_violation": math.sqrt(tool_velocity @ tool_velocity) - self.tool_speed,
        }

    def commanded_joints(self, q: Array) -> dict[str, float]:
        """Returns by how much a joint position command exceeds the joints' range [rad]."""
        outside = np.maximum(np.array(self.joint_low) - q, q - np.array(self.joint_high))
        return {"joint_motion_generator_position_limits_violation": float(np.max(outside))}

    def commanded_joint_speed(self, dq: Array) -> dict[str, float]:
        """Returns by how much a joint velocity command exceeds the joints' speed limit [rad/s]."""
        return {"joint_motion_generator_velocity_limits_violation": float(np.max(np.abs(dq) - self.joint_speed))}

    def commanded_tool_speed(self, velocity: Array) -> dict[str, float]:
        """Returns by how much the translation of a Cartesian velocity command exceeds the speed limit [m/s]."""
        excess = float(np.linalg.norm(velocity[:3]) - self.tool_speed)
        return {"cartesian_motion_generator_velocity_limits_violation": excess}


@dataclass(frozen=True)
class Collision:
    """The upper collision thresholds, which franky sets on connecting; contact beyond them triggers a reflex."""

    torques: tuple[float, ...] = (np.inf,) * 7  # [N m]
    forces: tuple[float, ...] = (np.inf,) * 6  # [N] and [N m]

    def exceeded(self, tau_ext: Array, wrench: Array) -> dict[str, float]:
        """Returns by how much each threshold is exceeded."""
        torques, forces = self._arrays
        return {
            "joint_reflex": float((np.abs(tau_ext) - torques).max()),
            "cartesian_reflex": float((np.abs(wrench) - forces).max()),
        }

    @cached_property
    def _arrays(self) -> tuple[Array, Array]:
        return np.array(self.torques), np.array(self.forces)


class Reflexes:
    """Tracks the present errors, those that ended the last motion, and the robot mode."""

    def __init__(self) -> None:
        self.mode = Mode.READY
        self.current: frozenset[str] = frozenset()
        self.last: frozenset[str] = frozenset()
        self._tolerated: dict[str, float] = {}

    @property
    def ready(self) -> bool:
        """True if a motion may start."""
        return self.mode is Mode.READY

    def watch(self, excess: dict[str, float]) -> bool:
        """Raises errors for exceeded limits and returns True if a reflex began.

        After a recovery, an excess that is already present is tolerated, so that the arm can move back inside.
        """
        names = {name for name, value in excess.items() if value > self._tolerated.get(name, 0.0)}
        for name, value in excess.items():
            if value <= 0.0:
                self._tolerated.pop(name, None)
            elif name in names or not self.ready:  # an excess present at the recovery is tolerated
                self._tolerated[name] = value + CONTACT_SLACK.get(name, SLACK)
        if not names or not self.ready:
            return False
        self._raise(names)
        return True

    def inject(self, name: str) -> None:
        """Raises one error flag by name. Raises ValueError for a name that Franka does not have."""
        if name not in ERRORS:
            raise ValueError(f"unknown reflex {name!r}; Franka's are {', '.join(ERRORS)}")
        self._raise({name})

    def stop(self) -> None:
        """Presses the user stop button."""
        self.mode = Mode.USER_STOPPED

    def release(self) -> None:
        """Releases the user stop button; errors remain until recovery."""
        if self.mode is Mode.USER_STOPPED:
            self.mode = Mode.REFLEX if self.current else Mode.READY

    def recover(self) -> bool:
        """Runs the automatic error recovery and returns True if it was possible."""
        if self.mode is Mode.USER_STOPPED:
            return False
        self.mode, self.current = Mode.READY, frozenset()
        return True

    def started(self) -> None:
        """Starts a motion and forgets why the last one ended."""
        self.last = frozenset()

    def _raise(self, names: set[str]) -> None:
        if self.mode is Mode.READY:
            self.mode = Mode.REFLEX
        self.current |= names
        self.last = self.current


def flags(names: frozenset[str]) -> tuple[bool, ...]:
    """Returns (41,): the error flags in the protocol's order."""
    return tuple(name in names for name in ERRORS)
