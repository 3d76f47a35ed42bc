"""What the Franka backend is told by its parameters."""

from dataclasses import dataclass
from enum import Enum

from zprl_control.safety.interpolator import Reach

HOME = (-0.1, -0.13, 0.101, -2.526, 0.019, 2.397, 0.771)  # [rad] the tool at 0.45, 0, 0.22 m, pointing down
SMOOTH = 0.2  # of the arm's own limits; a motion that preempts another with more of them jumps, and Franka stops it
MASS, INERTIA = 5.0, 1.0  # of the arm at its tool, about [kg, kg m2]; franky by itself damps for 1 and 1


class Control(Enum):
    """What drives the tool towards its target."""

    IMPEDANCE = "impedance"  # springs: the force behind a target that cannot be reached is bounded
    POSE = "pose"  # planned motions, each of which preempts the last one: stiff
    VELOCITY = "velocity"  # a speed in proportion to the distance: stiff


@dataclass(frozen=True)
class FrankyConfig:
    """Field names are parameter names."""

    hostname: str = "172.16.0.2"
    enforce_realtime: bool = True  # refuse a kernel without PREEMPT_RT
    control: Control = Control.IMPEDANCE
    translational_stiffness: float = 800.0  # of impedance [N/m]
    rotational_stiffness: float = 40.0  # of impedance [N m/rad]
    damping: float = 1.0  # of impedance: 1 is critical for MASS at the tool; with less the tool swings past its target
    feed_forward: float = 1.0  # of impedance: the part of the target's own speed that is not damped
    error_clip_m: float = 0.03  # of impedance
    error_clip_rad: float = 0.2  # of impedance
    motion_dynamics: float = 0.15  # of pose and velocity, as a part of the arm's own limits; 0.2 at most
    velocity_gain: float = 8.0  # of velocity [1/s]: a distance of 1 cm is made up for with 8 cm/s
    velocity_limit_m: float = 0.5  # of velocity [m/s]; 1 at most
    velocity_limit_rad: float = 2.0  # of velocity [rad/s]; 2.4 at most
    collision_torque: float = 40.0  # at a joint, at which the arm's own control stops it [N m]
    collision_force: float = 60.0  # at the tool [N], and by half as many [N m]
    binary_gripper: bool = True  # the hand opens or closes only: each command takes it half a second
    reset_dynamics: float = 0.15  # of the arm's own limits; 0.2 at most
    reset_height: float = 0.15  # a reset lifts a lower tool straight up to here first: out of a tray, off a peg [m]
    home: tuple[float, ...] = HOME

    def __post_init__(self) -> None:
        if not self.hostname:
            raise ValueError("hostname is empty; name the arm's address, for example 172.16.0.2")
        if len(self.home) != 7:
            raise ValueError(f"home has 7 joint angles, got {len(self.home)}")
        if min(self.translational_stiffness, self.rotational_stiffness, self.error_clip_m, self.error_clip_rad) <= 0:
            raise ValueError(f"stiffness and error clips must be positive, got {self}")
        if min(self.collision_torque, self.collision_force) <= 0:
            raise ValueError(f"collision_torque and collision_force must be positive, got {self}")
        if not 0.0 <= self.reset_height <= 1.0:
            raise ValueError(f"reset_height lies in [0, 1] m, got {self.reset_height}")
        if not 0.0 <= self.feed_forward <= 1.0:
            raise ValueError(f"feed_forward lies in [0, 1], got {self.feed_forward}")
        for name, most in (
            ("reset_dynamics", 0.2),
            ("motion_dynamics", SMOOTH),
            ("damping", 2.0),
            ("velocity_gain", 15.0),  # beyond it the arm, which answers late, begins to swing
            ("velocity_limit_m", 1.0),
            ("velocity_limit_rad", 2.4),
        ):
            if not 0.0 < getattr(self, name) <= most:
                raise ValueError(f"{name} lies in (0, {most:g}], got {getattr(self, name)}")

    @property
    def reach(self) -> Reach:
        """Of the springs of impedance."""
        linear, angular = self.dampings
        return Reach(
            self.error_clip_m,
            self.error_clip_rad,
            self.translational_stiffness / linear,
            self.rotational_stiffness / angular,
        )

    @property
    def dampings(self) -> tuple[float, float]:
        """Of translation [N s/m] and of rotation [N m s/rad]: 2 sqrt(stiffness x mass), times `damping`."""
        linear, angular = self.translational_stiffness * MASS, self.rotational_stiffness * INERTIA
        return 2 * self.damping * linear**0.5, 2 * self.damping * angular**0.5
