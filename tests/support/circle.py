"""Follow a circle, with the real driver or in simulation, and measure by how much the tool lags."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arm_harness import PERIOD_S, ArmHarness
from zprl_core.action import ArmTarget
from zprl_core.arm_mode import ArmMode
from zprl_core.observation import Pose
from zprl_core.target import Pose6
from zprl_sim.robot import SimRobot
from zprl_sim.sim_arm import MAX_WIDTH

Array = npt.NDArray[np.float64]

LAGS = np.arange(0.0, 0.6, 0.005)

SETTLED_S = 1.5  # at the beginning, the arm only begins to move


@dataclass(frozen=True)
class Tracked:
    """(n, 3) where the tool was asked to be, and where it was, each period of simulated time; and times of trouble."""

    requested: Array
    tool: Array
    aborts: int

    @property
    def errors(self) -> Array:
        """(m,) distance [m] once it moves."""
        return np.asarray(np.linalg.norm(self.requested - self.tool, axis=1)[self._settled :])

    @property
    def lag(self) -> tuple[float, float]:
        """The delay [s] that explains the errors best, and the mean error [m] that it leaves."""
        t = PERIOD_S * np.arange(len(self.requested))
        left = [np.linalg.norm(self._late(t, lag) - self.tool, axis=1)[self._settled :].mean() for lag in LAGS]
        best = int(np.argmin(left))
        return float(LAGS[best]), float(left[best])

    @property
    def _settled(self) -> int:
        return round(SETTLED_S / PERIOD_S)

    def _late(self, t: Array, lag: float) -> Array:
        return np.stack([np.interp(t - lag, t, axis) for axis in self.requested.T], axis=1)


def circle(start: Pose6, radius: float, turn_s: float, k: int) -> Pose6:
    """Where the tool shall be at step k of a circle that begins at `start`."""
    angle = math.tau * k * PERIOD_S / turn_s
    x, y, z, *angles = start
    return (x + radius * math.sin(angle), y + radius * (1.0 - math.cos(angle)), z, angles[0], angles[1], angles[2])


def track(lab: ArmHarness, radius: float, turn_s: float, turns: int) -> Tracked:
    """Stream circles from where the tool is. A fault is recovered from, counted, and the circle goes on."""
    state = lab.tick().state
    assert state is not None
    start, aborts, asked, tool = state.pose, 0, [], []
    for k in range(round(turns * turn_s / PERIOD_S)):
        pose = circle(start, radius, turn_s, k)
        report = lab.follow(pose)
        assert report.state is not None, report.reason
        asked.append(pose[:3])
        tool.append(report.state.pose[:3])
        if report.mode == ArmMode.FAULT:
            aborts += 1
            lab.session.recover()
            lab.until(lambda report: report.mode == ArmMode.IDLE)
            lab.session.enable()
    return Tracked(np.array(asked), np.array(tool), aborts)


def circle_of(robot: SimRobot, radius: float, turn_s: float, turns: int) -> Tracked:
    """The same for a simulated robot without driver: is the one that bases are pretrained with as late?"""
    x, y, z = robot.reset(0).tool.position
    asked, tool = [], []
    for k in range(round(turns * turn_s / PERIOD_S)):
        cx, cy, cz, *_ = circle((x, y, z, 0.0, 0.0, 0.0), radius, turn_s, k)
        seen = robot.step(ArmTarget(Pose((cx, cy, cz), 0.0), MAX_WIDTH))
        asked.append((cx, cy, cz))
        tool.append(seen.tool.position)
    return Tracked(np.array(asked), np.array(tool), aborts=0)
