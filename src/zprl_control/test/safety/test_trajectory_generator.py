"""A motion reaches its goal at rest."""

import pytest

from fake_arm import HERE, PERIOD_S, moved
from zprl_control.safety.limits import Limits
from zprl_control.safety.trajectory_generator import TrajectoryGenerator

LIMITS = Limits()


def test_the_motion_gets_there_and_stops() -> None:
    generator = TrajectoryGenerator(LIMITS.tool_bounds, PERIOD_S, HERE)
    goal = moved(x=0.1, yaw=0.5)
    poses = [generator.towards(goal) for _ in range(40)]
    assert poses[-1] == pytest.approx(goal) and poses[0][0] < HERE[0] + 0.02
    assert generator.still
