"""Orientations in the forms of other tools, with numbers worked out by hand."""

import math

import numpy as np
import pytest

from zprl_cli.datasets.rotation_form import RotationForm, quaternion, rows
from zprl_core import rotation

HALF = math.sqrt(0.5)
# A quarter turn about z takes x to y: the matrix is [[0, -1, 0], [1, 0, 0], [0, 0, 1]].
QUARTER = {
    RotationForm.QUATERNION: [0.0, 0.0, HALF, HALF],
    RotationForm.QUATERNION_WXYZ: [HALF, 0.0, 0.0, HALF],
    RotationForm.VECTOR: [0.0, 0.0, math.pi / 2],
    RotationForm.ROWS: [0.0, -1.0, 0.0, 1.0, 0.0, 0.0],
    RotationForm.COLUMNS: [0.0, 1.0, 0.0, -1.0, 0.0, 0.0],
    RotationForm.RPY: [0.0, 0.0, math.pi / 2],
}


@pytest.mark.parametrize("form", QUARTER)
def test_a_quarter_turn_about_z(form: RotationForm) -> None:
    numbers = QUARTER[form]
    assert len(numbers) == form.size
    assert form.matrix(numbers) == pytest.approx(np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]]), abs=1e-12)


def test_quaternions_and_rows_are_read_back() -> None:
    for rpy in np.random.default_rng(0).uniform(-3.0, 3.0, (50, 3)):
        matrix = rotation.from_rpy(*rpy)
        assert RotationForm.QUATERNION.matrix(quaternion(matrix)) == pytest.approx(matrix, abs=1e-9)
        assert RotationForm.ROWS.matrix(rows(matrix)) == pytest.approx(matrix, abs=1e-9)


def test_rows_are_not_columns() -> None:
    assert rows(rotation.from_rpy(0.0, 0.0, math.pi / 2)) == pytest.approx(QUARTER[RotationForm.ROWS])


def test_what_is_no_rotation_is_refused() -> None:
    with pytest.raises(ValueError, match="a quaternion has length 0 instead of 1"):
        RotationForm.QUATERNION.matrix([0.0, 0.0, 0.0, 0.0])
    with pytest.raises(ValueError, match="do not span a plane"):
        RotationForm.ROWS.matrix([1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
