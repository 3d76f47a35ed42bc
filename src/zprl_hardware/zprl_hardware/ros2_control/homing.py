"""The slow motion of a reset: straight up to the height of home, free of what the tool is in, then home."""

import math

import numpy as np

from zprl_core.geometry import position_from, quaternion_from
from zprl_core.target import Pose6, pose_from
from zprl_hardware.ros2_control.chain import KinematicChain
from zprl_hardware.ros2_control.config import Ros2ControlConfig
from zprl_hardware.ros2_control.measurements import Measured
from zprl_hardware.ros2_control.motion import MinimumJerk, Values
from zprl_hardware.ros2_control.rise import Rise

LEAST_RISE_M = 0.005  # less is no motion of its own
RISING = 0.5  # part of the progress that counts for a rise


class Homing:
    """Setpoints from where the arm is. Without a URDF the height of joints is unknown, and they go straight home."""

    def __init__(
        self,
        config: Ros2ControlConfig,
        chain: KinematicChain | None,
        now: Measured,
        sent: Values | None,
        now_s: float,
    ):
        """`sent`: the newest command, if there is one."""
        self.config, self._chain = config, chain
        start = self._start(now, sent)
        self.end = self._end(now)  # the last setpoint
        tool, home = self._tool(start), self._tool(self.end)
        self._rise: Rise | None = None
        self._top_s: float | None = None  # since when the rise has ended
        self._home = self._way_home(start, now_s)
        self._rising = 0.0  # part of the progress that counts for the rise
        if tool is not None and home is not None and tool[2] < home[2] - LEAST_RISE_M:
            self._rise, self._rising = Rise(config, chain, tool, home[2], start, now_s), RISING

    @property
    def risen(self) -> bool:
        """True once the tool has risen, or need not."""
        return self._rise is None

    def look(self, now: Measured, now_s: float) -> str:
        """Go home once the measured tool has risen, as far as it can. Returns why it does not rise; "" otherwise."""
        rise = self._rise
        if rise is None or not rise.ended(now_s):
            return ""
        self._top_s = now_s if self._top_s is None else self._top_s
        top = self._tool(rise.last)
        far = 0.0 if top is None else top[2] - now.pose[2]
        if far <= self.config.reset_tolerance:
            self._rise, self._home = None, self._way_home(rise.last, now_s)
        elif now_s - self._top_s > self.config.settle_s:
            return (
                f"the tool did not rise: {far:.3f} m remain after {self.config.settle_s:g} s; free it, or raise "
                "ros2_control.reset_tolerance"
            )
        return ""

    def part(self, now_s: float) -> float:
        """Progress, 0 to 1."""
        if self._rise is not None:
            return self._rising * self._rise.part
        return self._rising + (1.0 - self._rising) * self._home.part(now_s)

    def over_s(self, now_s: float) -> float:
        """Time since the last setpoint was reached [s]; negative before."""
        return self._home.over_s(now_s) if self._rise is None else -math.inf

    def at(self, now_s: float) -> Values:
        """The setpoint at `now_s`, later than the one before."""
        return (self._rise or self._home).at(now_s)

    def _way_home(self, start: Values, now_s: float) -> MinimumJerk:
        c = self.config
        joints = (c.reset_speed,) * len(start)
        speeds = joints if c.command_interface.in_joints else (c.reset_speed_m,) * 3 + (c.reset_speed,) * 3
        return MinimumJerk(start, self.end, speeds, now_s)

    def _start(self, now: Measured, sent: Values | None) -> Values:
        """The measured values; of joints the command, if they are near it, as they lag: no jerk."""
        if not self.config.command_interface.in_joints:
            return now.pose
        sent = sent or now.joints
        near = all(abs(a - b) < self.config.follow_error for a, b in zip(sent, now.joints, strict=True))
        return sent if near else now.joints

    def _end(self, now: Measured) -> Values:
        """Home; of a pose with its angles the short way around."""
        c = self.config
        if c.command_interface.in_joints:
            return c.home_joints
        turns = [a + math.remainder(b - a, 2 * math.pi) for a, b in zip(now.pose[3:], c.home_pose[3:], strict=True)]
        return *c.home_pose[:3], *turns

    def _tool(self, values: Values) -> Pose6 | None:
        """The tool's pose for values of the controller; None for joints without a URDF."""
        if not self.config.command_interface.in_joints:
            x, y, z, roll, pitch, yaw = values
            return x, y, z, roll, pitch, yaw
        if self._chain is None:
            return None
        pose = self._chain.pose(np.array(values))
        return pose_from(position_from(pose), quaternion_from(pose))
