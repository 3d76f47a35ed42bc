"""The slow motion of a reset: straight up to the height of home, free of what the tool is in, then home."""

import math

import numpy as np

from zprl_core.geometry import position_from, quaternion_from
from zprl_core.target import Pose6, Target, pose_from
from zprl_hardware.ros2_control.chain import KinematicChain
from zprl_hardware.ros2_control.commander import Commander
from zprl_hardware.ros2_control.config import Ros2ControlConfig
from zprl_hardware.ros2_control.measurements import Measured
from zprl_hardware.ros2_control.motion import MinimumJerk, Values

LEAST_RISE_M = 0.005  # less is no motion of its own
REACH = 0.02  # error of a tool target beyond which the joints do not reach it [m, rad]
RISING = 0.5  # part of the progress that counts for a rise


class Homing:
    """Setpoints from where the arm is. Without a URDF the height of joints is unknown, and they go straight home."""

    def __init__(self, config: Ros2ControlConfig, commander: Commander, chain: KinematicChain | None, now: Measured):
        self.config, self._commander = config, commander
        self._chain, self._now = chain, now
        self._rise: MinimumJerk | None = None  # of the tool's pose
        self._home: MinimumJerk | None = None
        self._rising = 0.0  # part of the progress that counts for the rise

    def begin(self, now_s: float) -> None:
        """Start the clock."""
        start, height = self._start(), self._tool(self.end)
        tool = self._tool(start)
        if tool is None or height is None or tool[2] > height[2] - LEAST_RISE_M:
            return self._go_home(now_s, start)
        above = (*tool[:2], height[2], *tool[3:])
        self._rise = MinimumJerk(tool, above, (self.config.reset_speed_m,) * 3 + (1.0,) * 3, now_s)
        self._rising = RISING

    @property
    def risen(self) -> bool:
        """True once the tool has risen, or need not."""
        return self._rise is None

    @property
    def end(self) -> Values:
        """The last setpoint."""
        return self.config.home_joints if self._commander.in_joints else self._pose_home()

    def look(self, now_s: float) -> None:
        """Go home once the tool has risen, or cannot rise any further."""
        rise, near = self._rise, self._commander.sent
        if rise is None or near is None:
            return
        if rise.over_s(now_s) >= 0.0 or self._commander.remaining > REACH:
            self._rise, self._commander.remaining = None, 0.0
            self._go_home(now_s, near)

    def part(self, now_s: float) -> float:
        """Progress, 0 to 1."""
        if self._rise is not None:
            return self._rising * self._rise.part(now_s)
        return self._rising + (1.0 - self._rising) * self._home.part(now_s) if self._home is not None else 0.0

    def over_s(self, now_s: float) -> float:
        """Time since the last setpoint was reached [s]; negative before."""
        return self._home.over_s(now_s) if self._home is not None else -math.inf

    def at(self, now_s: float) -> Values:
        """The setpoint at `now_s`."""
        if self._rise is not None:
            x, y, z, roll, pitch, yaw = self._rise.at(now_s)
            target = Target((x, y, z, roll, pitch, yaw), 0.0)
            return self._commander.values(target, self._commander.sent or self._start())
        assert self._home is not None, "begin comes first"
        return self._home.at(now_s)

    def _go_home(self, now_s: float, start: Values) -> None:
        c = self.config
        joints = (c.reset_speed,) * len(start)
        speeds = joints if self._commander.in_joints else (c.reset_speed_m,) * 3 + (c.reset_speed,) * 3
        self._home = MinimumJerk(start, self.end, speeds, now_s)

    def _start(self) -> Values:
        """The measured values; of joints the command, if they are near it, as they lag: no jerk."""
        here, sent = self._commander.here(self._now), self._commander.sent
        if not self._commander.in_joints or sent is None:
            return here
        near = all(abs(a - b) < self.config.follow_error for a, b in zip(sent, here, strict=True))
        return sent if near else here

    def _pose_home(self) -> Values:
        """Home with its angles the short way around."""
        here, home = self._now.pose, self.config.home_pose
        turns = [a + math.remainder(b - a, 2 * math.pi) for a, b in zip(here[3:], home[3:], strict=True)]
        return *home[:3], *turns

    def _tool(self, values: Values) -> Pose6 | None:
        """The tool's pose for values of the controller; None for joints without a URDF."""
        if not self._commander.in_joints:
            x, y, z, roll, pitch, yaw = values
            return x, y, z, roll, pitch, yaw
        if self._chain is None:
            return None
        pose = self._chain.pose(np.array(values))
        return pose_from(position_from(pose), quaternion_from(pose))
