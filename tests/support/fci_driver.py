"""The real driver against the simulated FCI: what the tests of the FCI share. franky's objects stay on one thread."""

import itertools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import franky
import numpy as np

from zprl_sim.fci.reflexes import Limits
from zprl_sim.fci.simulator import FciSim
from zprl_sim.tasks.catalog import task_named

REST = [-0.09, -0.22, 0.12, -2.57, 0.037, 2.353, 0.787]  # the tool above the middle of the table, pointing down
STREAM_S = 0.05  # between two targets: 20 Hz of simulated time
_counter = itertools.count(1)


def own_hostname() -> str:
    """A loopback address that no other process uses."""
    pid = os.getpid()
    return f"127.{next(_counter)}.{pid // 250 % 250 + 1}.{pid % 250 + 1}"


class Driver:
    """A simulated arm, the driver that is connected to it, and short words for what tests do."""

    def __init__(self, sim: FciSim):
        self.sim = sim
        self.robot = connect(sim.hostname)

    @property
    def tool(self) -> np.ndarray:
        """(3,) position of the tool as the driver sees it [m]."""
        return np.array(self.robot.current_pose.end_effector_pose.translation)

    @property
    def errors(self) -> str:
        """The errors that the driver sees."""
        return str(self.robot.state.current_errors)

    def sees(self, condition: Callable[[Any], bool]) -> Any:
        """The first state of which it is so. A machine that stands still gives the driver an older one first."""
        seen: list[Any] = []

        def found() -> bool:
            seen[:] = [self.robot.state]
            return condition(seen[0])

        self.until(found)
        return seen[0]

    def until(self, condition: Callable[[], Any]) -> None:
        """Let simulated time pass until it is so."""
        end = time.monotonic() + 600.0
        while not condition():
            assert time.monotonic() < end, f"mode {self.robot.state.robot_mode}, errors {self.errors}"
            self.sim.wait(0.003)

    def rest(self) -> None:
        """Recover and move to REST."""
        self.sim.release_stop()
        self.robot.recover_from_errors()
        if np.abs(self.sim.joint_positions[:7] - REST).max() > 0.005:
            self.robot.move(franky.JointMotion(REST))

    def tracker(self, stiffness: float = 800.0) -> franky.CartesianImpedanceTracker:
        """An impedance tracker that starts at the present pose. Use it in a with block."""
        clip = np.full(3, 0.05)
        return franky.CartesianImpedanceTracker(
            self.robot, translational_stiffness=stiffness, rotational_stiffness=50.0, translational_error_clip=clip
        )

    def stream(
        self, tracker: franky.CartesianImpedanceTracker, goal: list[float], steps: int, yaw: float = 0.0
    ) -> None:
        """Move the target from the tool to `goal` in `steps` of STREAM_S."""
        start = self.tool
        for k in range(1, steps + 1):
            tracker.set_target(pose(start + (np.array(goal) - start) * k / steps, yaw))
            self.sim.wait(STREAM_S)


def connect(hostname: str) -> franky.Robot:
    """A driver for the arm there."""
    robot = franky.Robot(hostname, realtime_config=franky.RealtimeConfig.Ignore)
    robot.relative_dynamics_factor = 0.2
    return robot


def pose(position: np.ndarray, yaw: float = 0.0) -> franky.Affine:
    """The tool at `position`, pointing down, turned by `yaw`."""
    return franky.Affine(list(position), [np.cos(yaw / 2), np.sin(yaw / 2), 0.0, 0.0])


@contextmanager
def driven(limits: Limits | None = None, task: str = "lift") -> Iterator[Driver]:
    """A served scene in lockstep and a driver connected to it, which is gone before the server."""
    with FciSim(task_named(task), own_hostname(), lockstep=True, limits=limits) as sim:
        driver = Driver(sim)
        yield driver
        del driver.robot
