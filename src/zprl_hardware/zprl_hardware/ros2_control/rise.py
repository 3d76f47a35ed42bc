"""The first part of a reset: the tool straight up, at most as fast as its joints may turn."""

import numpy as np

from zprl_core.geometry import matrix_from
from zprl_core.target import Pose6, quaternion
from zprl_hardware.ros2_control.chain import KinematicChain
from zprl_hardware.ros2_control.config import Ros2ControlConfig
from zprl_hardware.ros2_control.motion import MinimumJerk, Values

REACH = 0.02  # error of a tool target beyond which the joints do not reach it [m, rad]
PATIENCE = 3.0  # a rise that takes so many times longer than planned ends, as joints turn too far on the way


class Rise:
    """Setpoints by a clock that waits for the joints: the straight line may need them faster than `reset_speed`."""

    def __init__(
        self,
        config: Ros2ControlConfig,
        chain: KinematicChain | None,
        tool: Pose6,
        height_m: float,
        start: Values,
        now_s: float,
    ):
        """`tool`: its pose at setpoint `start`. `chain`: of joints; None for setpoints that are poses."""
        above = (*tool[:2], height_m, *tool[3:])
        self._speed, self._chain = config.reset_speed, chain
        self._plan = MinimumJerk(tool, above, (config.reset_speed_m,) * 3 + (config.reset_speed,) * 3, 0.0)
        self.last = start  # the newest setpoint
        self._last_s = self._began_s = now_s
        self._planned_s = 0.0  # its own clock
        self._reaches = True

    @property
    def part(self) -> float:
        """Progress, 0 to 1."""
        return self._plan.part(self._planned_s)

    def ended(self, now_s: float) -> bool:
        """True once there are no more setpoints: at the top, or as far as the joints bring the tool."""
        late = now_s - self._began_s > PATIENCE * self._plan.lasts_s
        return self._plan.over_s(self._planned_s) >= 0.0 or not self._reaches or late

    def at(self, now_s: float) -> Values:
        """The setpoint at `now_s`, later than the one before."""
        passed_s, self._last_s = max(0.0, now_s - self._last_s), max(now_s, self._last_s)
        if self.ended(now_s):
            return self.last
        x, y, z, roll, pitch, yaw = pose = self._plan.at(self._planned_s + passed_s)
        share = 1.0
        if self._chain is not None:
            target = matrix_from((x, y, z), quaternion((x, y, z, roll, pitch, yaw)))
            joints, far = self._chain.solve(np.array(self.last), target)
            way = joints - self.last
            share = min(1.0, self._speed * passed_s / max(1e-9, float(np.abs(way).max())))
            pose = tuple((self.last + share * way).tolist())
            self._reaches = far <= REACH
        self.last = pose
        self._planned_s += share * passed_s
        return self.last
