"""What counts as a jump in a motion's commands, by numbers worked out by hand."""

import numpy as np
import pytest

from zprl_sim.fci.continuity import Continuity, Smoothness

VELOCITY = "cartesian_motion_generator_velocity_discontinuity"
ACCELERATION = "cartesian_motion_generator_acceleration_discontinuity"


def exceeded(continuity: Continuity, xs: list[float], first: int = 1, velocity: bool = False) -> list[set[str]]:
    """What each command raises."""
    ask = continuity.velocity if velocity else continuity.position
    found = [ask(first + i, np.array([x, 0.0, 0.0])) for i, x in enumerate(xs)]
    return [{name for name, value in excess.items() if value > 0.0} for excess in found]


def test_a_still_and_a_steady_command_are_smooth() -> None:
    continuity = Continuity(Smoothness())
    assert exceeded(continuity, [0.5] * 5) == [set()] * 5
    continuity.begin()
    assert exceeded(continuity, [0.5 + 0.0003 * k for k in range(5)]) == [set()] * 5  # 0.3 m/s from the first one on


def test_a_step_in_position_is_two_jumps() -> None:
    # 0.01 mm more in one tick: 0.01 m/s, so 10 m/s^2 > 9, and 10 / 0.001 = 10 000 m/s^3 > 4500
    assert exceeded(Continuity(Smoothness()), [0.5, 0.5, 0.5, 0.50001])[-1] == {VELOCITY, ACCELERATION}
    # half of it: 5 m/s^2, and 5000 m/s^3
    assert exceeded(Continuity(Smoothness()), [0.5, 0.5, 0.5, 0.500005])[-1] == {ACCELERATION}
    # 4 m/s^2, and 4000 m/s^3
    assert exceeded(Continuity(Smoothness()), [0.5, 0.5, 0.5, 0.500004])[-1] == set()


def test_velocities_are_judged_one_command_earlier() -> None:
    assert exceeded(Continuity(Smoothness()), [0.0, 0.01], velocity=True) == [set(), {VELOCITY}]  # 10 m/s^2
    assert exceeded(Continuity(Smoothness()), [0.0, 0.0, 0.005], velocity=True)[-1] == {ACCELERATION}


def test_a_gap_and_a_new_motion_begin_anew() -> None:
    continuity = Continuity(Smoothness())
    exceeded(continuity, [0.5, 0.5, 0.5])
    assert exceeded(continuity, [0.6, 0.6, 0.6], first=10) == [set()] * 3
    continuity.begin()
    assert exceeded(continuity, [0.7, 0.7, 0.7], first=13) == [set()] * 3


def test_limits_are_positive() -> None:
    with pytest.raises(ValueError, match="must be positive"):
        Smoothness(jerk=0.0)
