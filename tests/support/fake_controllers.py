"""A fake of the robot's controllers for tests of the driver: joints that follow at once, time that is told."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from zprl_core.geometry import matrix_from
from zprl_core.target import Target, pose_from
from zprl_hardware.ros2_control.config import Ros2ControlConfig, ToolSource, UrdfSource
from zprl_hardware.ros2_control.driver import Ros2ControlDriver
from zprl_hardware.ros2_control.link import GripperStatus, Position, Quaternion
from zprl_hardware.ros2_control.measurements import Measurements, Stamped

PERIOD_S, PUMP_S = 0.05, 0.01
JOINTS, BENT = ("shoulder", "elbow"), (0.3, 0.9)
START = (0.45, 0.0, 0.22, 0.0, 0.0, 0.0)
DOWN: Quaternion = (1.0, 0.0, 0.0, 0.0)  # the quaternion of roll, pitch, yaw 0 in a Target

PLANAR = """
<robot name="planar">
  <link name="base"/><link name="upper"/><link name="lower"/><link name="tool"/>
  <joint name="shoulder" type="revolute">
    <parent link="base"/><child link="upper"/><axis xyz="0 0 1"/><limit lower="-3" upper="3"/>
  </joint>
  <joint name="elbow" type="revolute">
    <origin xyz="0.5 0 0"/><parent link="upper"/><child link="lower"/><axis xyz="0 0 2"/><limit lower="-3" upper="3"/>
  </joint>
  <joint name="flange" type="fixed"><origin xyz="0.4 0 0" rpy="3.141592653589793 0 0"/>
    <parent link="lower"/><child link="tool"/></joint>
</robot>
"""  # two links of 0.5 and 0.4 m in a plane, the tool's z axis down


@dataclass
class FakeControllers:
    """Implements ControllerLink, and lets the robot's topics speak."""

    config: Ros2ControlConfig
    measured: Measurements
    now_s: float = 100.0
    listeners: int = 1
    gripper: GripperStatus = field(default_factory=lambda: GripperStatus(ready=True))
    follows: bool = True
    joints: tuple[float, ...] = ()
    pose: tuple[Position, Quaternion] = (START[:3], DOWN)
    fingers: float = 0.04
    positions: list[tuple[float, ...]] = field(default_factory=list)
    trajectories: list[tuple[tuple[float, ...], float]] = field(default_factory=list)
    poses: list[tuple[Position, Quaternion]] = field(default_factory=list)
    goals: list[tuple[float, float]] = field(default_factory=list)
    cancelled: int = 0

    def send_positions(self, positions: Sequence[float]) -> None:
        self.positions.append(tuple(positions))
        if self.follows:
            self.joints = tuple(positions)

    def send_trajectory(self, positions: Sequence[float], seconds: float) -> None:
        self.trajectories.append((tuple(positions), seconds))
        if self.follows:
            self.joints = tuple(positions)

    def send_pose(self, position: Position, quaternion: Quaternion) -> None:
        self.poses.append((position, quaternion))
        if self.follows:
            self.pose = position, quaternion

    def send_gripper(self, position: float, effort: float) -> None:
        self.goals.append((position, effort))
        self.gripper = replace(self.gripper, moving=True)

    def forget_gripper(self) -> None:
        self.gripper = replace(self.gripper, trouble="", refused=False)

    def cancel_gripper(self) -> None:
        self.cancelled += 1

    def speak(self) -> None:
        """joint_states in another order, with the fingers, and the tool's pose."""
        names, positions = (*reversed(self.config.joints), "fingers"), (*reversed(self.joints), self.fingers)
        self.measured.joint_states.update(names, positions, (), self.now_s, self.now_s)
        self.measured.pose = Stamped(self.config.base_frame, self.now_s, matrix_from(*self.pose))

    @property
    def tool(self) -> tuple[float, ...]:
        return pose_from(*self.pose)


@dataclass
class DriverHarness:
    """The driver and its fake robot, moved through time together."""

    config: Ros2ControlConfig
    fake: FakeControllers
    arm: Ros2ControlDriver

    def passes(self, seconds: float, speaks: bool = True) -> None:
        """Time passes; the timer pumps."""
        for _ in range(round(seconds / PUMP_S)):
            self.fake.now_s += PUMP_S
            if speaks:
                self.fake.speak()
            self.arm.pump()


def make_harness(config: Ros2ControlConfig, joints: Sequence[float], description: str = "") -> DriverHarness:
    """A robot that has spoken once, at `joints`, or with its tool at START."""
    measured = Measurements(config)
    measured.description = description
    fake = FakeControllers(config, measured, joints=tuple(joints))
    fake.speak()
    return DriverHarness(config, fake, Ros2ControlDriver(config, measured, fake, PERIOD_S, clock=lambda: fake.now_s))


def planar_pose(shoulder: float, elbow: float) -> np.ndarray:
    """(2,) where the tool of PLANAR is [m]."""
    both = shoulder + elbow
    return np.array([0.5 * np.cos(shoulder) + 0.4 * np.cos(both), 0.5 * np.sin(shoulder) + 0.4 * np.sin(both)])


def make_config(**changes: object) -> Ros2ControlConfig:
    """The planar arm, driven by joints, its tool by the URDF."""
    usual = {
        "joints": JOINTS,
        "home_joints": (0.0, 1.0),
        "base_frame": "base",
        "tool_frame": "tool",
        "urdf_source": UrdfSource.TOPIC,
        "tool_source": ToolSource.URDF,
    }
    return Ros2ControlConfig(**{**usual, **changes})  # type: ignore[arg-type]


def follow(made: DriverHarness, target: Target, seconds: float) -> None:
    """Tell the same target in every control step."""
    for _ in range(round(seconds / 0.05)):
        made.arm.set_target(target)
        made.passes(0.05)
        made.arm.read()
