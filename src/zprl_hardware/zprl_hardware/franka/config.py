"""Parameters of the Franka driver."""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

from zprl_control.safety.interpolator import Reach
from zprl_core.arm_model import FR3
from zprl_core.config.metadata import Range, check_ranges, up_to

# Greatest share of the arm's own limits. Above it a motion that preempts another one is not smooth, and the arm's own
# control stops it.
SMOOTH = 0.2
LEVER_M = 0.28  # from a joint's axis to the tool, in the nearest part of the workspace
MASS, INERTIA = 5.0, 1.0  # approximate, of the arm at its tool [kg, kg m2]; franky's own damping assumes 1 and 1


class Control(Enum):
    """Control law that drives the tool to its target."""

    IMPEDANCE = "impedance"  # springs: the force towards a target out of reach is bounded
    POSE = "pose"  # planned motions, each of which preempts the one before: stiff
    VELOCITY = "velocity"  # a velocity proportional to the distance: stiff


@dataclass(frozen=True)
class FrankyConfig:
    """Parameters under `franky`; field names are parameter names."""

    hostname: Annotated[str, "address of the arm's control box"] = "172.16.0.2"
    enforce_realtime: Annotated[bool, "true: refuse to drive the arm from a kernel without PREEMPT_RT"] = True
    control: Annotated[Control, "control law that moves the tool: impedance, pose or velocity"] = Control.IMPEDANCE
    translational_stiffness: Annotated[float, "impedance: stiffness of translation [N/m]", up_to(4000)] = 800.0
    rotational_stiffness: Annotated[float, "impedance: stiffness of rotation [N m/rad]", up_to(400)] = 40.0
    damping: Annotated[float, "impedance: damping ratio; 1 is critical, below it the tool overshoots", up_to(2)] = 1.0
    feed_forward: Annotated[float, "impedance: share of the target's velocity that is fed forward", Range(0, 1)] = 1.0
    error_clip_m: Annotated[float, "impedance: distance at which the spring force saturates [m]", up_to(1)] = 0.03
    error_clip_rad: Annotated[float, "impedance: angle at which the spring torque saturates [rad]", up_to(3.2)] = 0.2
    joint_stiffness: Annotated[
        tuple[float, ...], "impedance, joint targets: stiffness of each joint [N m/rad]"
    ] = (400.0, 400.0, 400.0, 400.0, 120.0, 80.0, 40.0)  # fmt: skip
    joint_torque: Annotated[
        tuple[float, ...], "impedance, joint targets: greatest torque of spring and damper at each joint [N m]"
    ] = (8.0, 8.0, 8.0, 8.0, 5.0, 4.0, 3.0)  # fmt: skip
    motion_dynamics: Annotated[
        float, "pose and velocity: speed, acceleration and jerk, as a share of the arm's limits", up_to(SMOOTH)
    ] = 0.15
    velocity_gain: Annotated[
        float, "velocity: speed per meter or radian of distance [1/s]; above 15 the arm oscillates", up_to(15)
    ] = 8.0
    velocity_limit_m: Annotated[float, "velocity: greatest speed [m/s]", up_to(1)] = 0.5
    velocity_limit_rad: Annotated[float, "velocity: greatest angular speed [rad/s]", up_to(2.4)] = 2.0
    collision_torque: Annotated[
        float, "torque at a joint at which the arm's own control stops it [N m]", up_to(300)
    ] = 40.0
    collision_force: Annotated[
        float, "force at the tool at which the arm's own control stops it [N]; half of it is the torque [N m]",
        up_to(600),
    ] = 60.0  # fmt: skip
    hand: Annotated[
        bool, "true: the arm has Franka's hand; false: it has no gripper, or one that zprl does not drive"
    ] = True
    binary_gripper: Annotated[bool, "true: the gripper only opens and closes; each command takes it half a second"] = (
        True
    )
    reset_dynamics: Annotated[
        float, "speed, acceleration and jerk of a reset, as a share of the arm's limits", up_to(SMOOTH)
    ] = 0.15
    reset_height: Annotated[
        float, "height to which a reset first raises a lower tool, straight up [m]", Range(0, 1)
    ] = 0.15
    home: Annotated[tuple[float, ...], "joint angles that a reset moves to [rad]"] = FR3.home
    publish_description: Annotated[
        bool, "publish a URDF without shapes on robot_description; false: another node publishes one"
    ] = True

    def __post_init__(self) -> None:
        if not self.hostname:
            raise ValueError("hostname is empty; name the arm's address, for example 172.16.0.2")
        if len(self.home) != 7:
            raise ValueError(f"home has 7 joint angles, got {len(self.home)}")
        for name, most in (("joint_stiffness", 2000.0), ("joint_torque", 80.0)):
            values = getattr(self, name)
            if len(values) != 7 or not all(0.0 < value <= most for value in values):
                raise ValueError(f"franky.{name} has 7 numbers within (0, {most:g}], got {list(values)[:8]}")
        check_ranges(self, "franky.")

    @property
    def reach(self) -> Reach:
        """Reach of the springs of impedance control: error clips [m, rad] and stiffness over damping [1/s]."""
        linear, angular = self.dampings
        return Reach(
            self.error_clip_m,
            self.error_clip_rad,
            self.translational_stiffness / linear,
            self.rotational_stiffness / angular,
        )

    @property
    def joint_torques(self) -> tuple[float, ...]:
        """Greatest torques of each joint's spring and damper [N m].

        They press no harder at the tool than the springs of Cartesian impedance control do.
        """
        press = self.translational_stiffness * self.error_clip_m
        return tuple(min(torque, press * LEVER_M) for torque in self.joint_torque)

    @property
    def dampings(self) -> tuple[float, float]:
        """Damping of translation [N s/m] and of rotation [N m s/rad]: 2 sqrt(stiffness x mass), times `damping`."""
        linear, angular = self.translational_stiffness * MASS, self.rotational_stiffness * INERTIA
        return 2 * self.damping * linear**0.5, 2 * self.damping * angular**0.5
