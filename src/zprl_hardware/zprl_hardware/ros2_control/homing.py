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
PATIENCE = 3.0  # a rise that takes so many times longer than planned ends, as joints turn too far on the way
RISING = 0.5  # part of the progress that counts for a rise


class Homing:
    """Setpoints from where the arm is. Without a URDF the height of joints is unknown, and they go straight home."""

    def __init__(self, config: Ros2ControlConfig, commander: Commander, chain: KinematicChain | None, now: Measured):
        self.config, self._commander = config, commander
        self._chain, self._now = chain, now
        self._rise: MinimumJerk | None = None  # of the tool's pose, by `_risen_s`
        self._home: MinimumJerk | None = None
        self._rising = 0.0  # part of the progress that counts for the rise
        self._began_s = self._asked_s = 0.0  # of the rise: its start, and the time of the newest setpoint
        self._risen_s = 0.0  # its own clock, which waits for the joints
        self._over_s: float | None = None  # since when the rise has no more setpoints
        self._top_m: float | None = None  # height of the last one
        self._last: Values = ()  # the newest setpoint of the rise

    def begin(self, now_s: float) -> None:
        """Start the clock."""
        start, height = self._start(), self._tool(self.end)
        tool = self._tool(start)
        if tool is None or height is None or tool[2] > height[2] - LEAST_RISE_M:
            return self._go_home(now_s, start)
        above = (*tool[:2], height[2], *tool[3:])
        self._rise = MinimumJerk(tool, above, (self.config.reset_speed_m,) * 3 + (1.0,) * 3, 0.0)
        self._rising, self._began_s, self._asked_s, self._last = RISING, now_s, now_s, start

    @property
    def risen(self) -> bool:
        """True once the tool has risen, or need not."""
        return self._rise is None

    @property
    def end(self) -> Values:
        """The last setpoint."""
        return self.config.home_joints if self._commander.in_joints else self._pose_home()

    def look(self, now: Measured, now_s: float) -> str:
        """Go home once the measured tool has risen, as far as it can. Returns why it does not rise; "" otherwise."""
        if self._rise is None:
            return ""
        late = now_s - self._began_s > PATIENCE * self._rise.lasts_s
        if self._over_s is None and (self._rise.over_s(self._risen_s) >= 0.0 or self._cannot_reach or late):
            top = self._tool(self._last)
            self._over_s, self._top_m = now_s, None if top is None else top[2]
        if self._over_s is None or self._top_m is None:
            return ""
        far = self._top_m - now.pose[2]
        if far <= self.config.reset_tolerance:
            self._rise, self._commander.remaining = None, 0.0
            self._go_home(now_s, self._last)
        elif now_s - self._over_s > self.config.settle_s:
            return (
                f"the tool did not rise: {far:.3f} m remain after {self.config.settle_s:g} s; free it, or raise "
                "ros2_control.reset_tolerance"
            )
        return ""

    def part(self, now_s: float) -> float:
        """Progress, 0 to 1."""
        if self._rise is not None:
            return self._rising * self._rise.part(self._risen_s)
        return self._rising + (1.0 - self._rising) * self._home.part(now_s) if self._home is not None else 0.0

    def over_s(self, now_s: float) -> float:
        """Time since the last setpoint was reached [s]; negative before."""
        return self._home.over_s(now_s) if self._home is not None else -math.inf

    def at(self, now_s: float) -> Values:
        """The setpoint at `now_s`, later than the one before."""
        if self._rise is not None:
            self._last = self._next_of_rise(self._rise, now_s)
            return self._last
        assert self._home is not None, "begin comes first"
        return self._home.at(now_s)

    @property
    def _cannot_reach(self) -> bool:
        return self._commander.remaining > REACH

    def _next_of_rise(self, rise: MinimumJerk, now_s: float) -> Values:
        """Joints turn at most at `reset_speed`; the rise waits for them."""
        near = self._last
        passed_s, self._asked_s = max(0.0, now_s - self._asked_s), max(now_s, self._asked_s)
        if self._over_s is not None:
            return near
        x, y, z, roll, pitch, yaw = rise.at(self._risen_s + passed_s)
        values = self._commander.values(Target((x, y, z, roll, pitch, yaw), 0.0), near)
        if not self._commander.in_joints:
            self._risen_s += passed_s
            return values
        far, most = max(abs(b - a) for a, b in zip(near, values, strict=True)), self.config.reset_speed * passed_s
        share = 1.0 if far <= most else most / far
        self._risen_s += share * passed_s
        return tuple(a + share * (b - a) for a, b in zip(near, values, strict=True))

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
