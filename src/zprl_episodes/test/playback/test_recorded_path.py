"""A recorded path between its steps, and the distance of another tool from it, by hand."""

import math
import tracemalloc

import numpy as np
import pytest

from zprl_core.action import ArmTarget
from zprl_core.observation import Pose
from zprl_core.rotation import from_vector, to_vector
from zprl_episodes.playback.recorded_path import RecordedPath, apart, between


def path(*steps: tuple[float, tuple[float, float, float], float]) -> RecordedPath:
    """Steps of time, measured position and width; targets are 1 cm higher."""
    times, places, widths = zip(*steps, strict=True)
    targets = tuple(ArmTarget(Pose((x, y, z + 0.01)), w) for (x, y, z), w in zip(places, widths, strict=True))
    return RecordedPath(times, targets, tuple(map(Pose, places)))


# 10 cm along x in 1 s, then 10 cm along y in 2 s
CORNER = path((0.0, (0.4, 0.0, 0.2), 0.08), (1.0, (0.5, 0.0, 0.2), 0.02), (3.0, (0.5, 0.1, 0.2), 0.0))


@pytest.mark.parametrize(
    ("at_s", "position", "width"),
    [
        (-1.0, (0.4, 0.0, 0.21), 0.08),
        (0.5, (0.45, 0.0, 0.21), 0.08),
        (1.0, (0.5, 0.0, 0.21), 0.02),
        (2.5, (0.5, 0.075, 0.21), 0.02),
        (3.0, (0.5, 0.1, 0.21), 0.0),
        (9.0, (0.5, 0.1, 0.21), 0.0),
    ],
)
def test_a_target_is_between_two_steps_and_the_gripper_waits_for_its_step(
    at_s: float, position: tuple[float, float, float], width: float
) -> None:
    target = CORNER.target(at_s)
    assert target.pose.position == pytest.approx(position) and target.width == width
    assert CORNER.positions([at_s])[0] == pytest.approx(np.subtract(position, (0.0, 0.0, 0.01)))


def test_a_yaw_turns_the_short_way() -> None:
    one, other = Pose((0.0, 0.0, 0.0), 3.0), Pose((0.0, 0.0, 0.0), -3.0)
    assert between(one, other, 0.5).yaw == pytest.approx(math.pi) or between(one, other, 0.5).yaw == -math.pi
    assert apart(one, other) == pytest.approx((0.0, math.tau - 6.0))


def test_a_tilted_tool_turns_about_one_axis() -> None:
    vector = np.array([0.3, -0.2, 0.4])
    one = Pose((0.0, 0.0, 0.0), roll=0.5)
    other = Pose.turned((0.0, 0.0, 0.2), from_vector(vector) @ one.matrix)
    middle = between(one, other, 0.25)
    assert to_vector(middle.matrix @ one.matrix.T) == pytest.approx(vector / 4)
    assert middle.position == pytest.approx((0.0, 0.0, 0.05))


def test_distances_are_from_the_nearest_place_and_from_that_of_the_same_time() -> None:
    """On the path but 2 cm late; then 1 cm beside it, and 3 cm from where it then was: sqrt(1 + 8)."""
    found = CORNER.deviation((0.5, 2.0), np.array([[0.43, 0.0, 0.2], [0.51, 0.05 - math.sqrt(8) / 100, 0.2]]))
    assert (found.path_mean, found.path_max) == pytest.approx((0.005, 0.01))
    assert (found.time_mean, found.time_max) == pytest.approx((0.025, 0.03))


def test_a_long_playback_is_compared_in_blocks() -> None:
    """A recording of 60 s along x, and a tool 1 mm above it and 1 s late: all at once would be 14 million pairs."""
    times = tuple(0.05 * k for k in range(1201))
    recorded = path(*((t, (0.4 + 0.001 * t, 0.0, 0.2), 0.08) for t in times))
    played = np.linspace(1.0, 60.0, 12_000)
    tool = np.stack([0.4 + 0.001 * (played - 1.0), np.zeros(12_000), np.full(12_000, 0.201)], axis=1)
    tracemalloc.start()
    found = recorded.deviation(tuple(played), tool)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.path_mean, found.path_max) == pytest.approx((0.001, 0.001))
    assert (found.time_mean, found.time_max) == pytest.approx((0.001 * math.sqrt(2), 0.001 * math.sqrt(2)))
    assert peak < 50e6


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        (((0.0, (0.0, 0.0, 0.0), 0.0),), "has 1 steps with a command; a path needs two"),
        (((0.0, (0.0, 0.0, 0.0), 0.0), (0.0, (0.0, 0.0, 0.1), 0.0)), "do not increase"),
        (((0.1, (0.0, 0.0, 0.0), 0.0), (0.2, (0.0, 0.0, 0.1), 0.0)), "do not increase"),
    ],
)
def test_what_is_no_path_is_refused(
    steps: tuple[tuple[float, tuple[float, float, float], float], ...], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        path(*steps)
