"""Rotations in their four forms, with numbers worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zprl_core.rotation import from_rpy, from_six, from_vector, to_rpy, to_six, to_vector

ANGLES = st.floats(-3.0, 3.0)


def test_a_quarter_turn_about_z() -> None:
    quarter = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    assert np.allclose(from_rpy(0.0, 0.0, math.pi / 2), quarter)
    assert np.allclose(from_vector((0.0, 0.0, math.pi / 2)), quarter)
    assert np.allclose(to_vector(quarter), (0.0, 0.0, math.pi / 2))
    assert np.allclose(to_six(quarter), (0.0, 1.0, 0.0, -1.0, 0.0, 0.0))


def test_roll_is_applied_before_yaw() -> None:
    """Rx(90) takes y to z; Rz(90) leaves z. The other order would take y to -x."""
    turned = from_rpy(math.pi / 2, 0.0, math.pi / 2) @ (0.0, 1.0, 0.0)
    assert np.allclose(turned, (0.0, 0.0, 1.0))


@given(ANGLES, st.floats(-1.5, 1.5), ANGLES)
def test_there_and_back(roll: float, pitch: float, yaw: float) -> None:
    matrix = from_rpy(roll, pitch, yaw)
    assert np.allclose(from_rpy(*to_rpy(matrix)), matrix, atol=1e-9)
    assert np.allclose(from_vector(to_vector(matrix)), matrix, atol=1e-6)
    assert np.allclose(from_six(to_six(matrix)), matrix, atol=1e-9)


@pytest.mark.parametrize("axis", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.6, 0.0, 0.8)])
def test_half_a_turn_keeps_its_axis(axis: tuple[float, float, float]) -> None:
    vector = to_vector(from_vector(math.pi * np.array(axis)))
    assert np.linalg.norm(vector) == pytest.approx(math.pi)
    assert abs(float(vector @ axis)) == pytest.approx(math.pi)


def test_at_a_right_angle_of_pitch_roll_is_zero() -> None:
    roll, pitch, _ = to_rpy(from_rpy(0.3, math.pi / 2, 0.1))
    assert roll == 0.0 and pitch == pytest.approx(math.pi / 2)


def test_six_numbers_that_span_no_plane_are_refused() -> None:
    for six in ((0, 0, 0, 1, 0, 0), (1, 0, 0, 2, 0, 0)):
        with pytest.raises(ValueError, match="not span a plane"):
            from_six(six)


def test_six_numbers_need_not_be_orthogonal() -> None:
    assert np.allclose(from_six((2, 0, 0, 1, 3, 0)), np.eye(3))
