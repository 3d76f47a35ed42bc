"""Third differences and boundary jumps by hand."""

import numpy as np
import pytest

from zprl.training.rollout import Episode
from zprl.training.smoothness import smoothness, third_difference


def line(values: list[float]) -> np.ndarray:
    return np.array([[x, 0.0, 0.0] for x in values])


def test_constant_acceleration_has_no_third_difference() -> None:
    assert third_difference(line([0, 1, 4, 9, 16])).tolist() == [0.0, 0.0]


def test_a_step_in_velocity_shows_at_the_boundary() -> None:
    # 1 mm a step, then 3 mm a step from row 2 on
    p = line([0.0, 0.001, 0.004, 0.007])
    # second differences: (0.004 - 2 * 0.001 + 0) = 0.002, (0.007 - 2 * 0.004 + 0.001) = 0; third = -0.002
    result = smoothness([Episode(True, 4, p, np.array([0, 2]))])
    assert result.third_difference_mm == pytest.approx(2.0)
    assert result.boundary_jump_mm == pytest.approx(2.0)
