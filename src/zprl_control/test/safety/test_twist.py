"""Twists become targets that the arm can still stop at."""

import math

import numpy as np
import pytest

from zprl_control.safety.limits import Limits
from zprl_control.safety.twist import ahead, angle_rates
from zprl_core import rotation
from zprl_core.target import Pose6


def test_a_twist_leads_one_period_and_the_braking_distance_ahead() -> None:
    """0.3 m/s for 0.05 s is 15 mm; braking from it, at 3 m/s^2 reached with 60 m/s^3, takes 0.15 s and 22.5 mm."""
    here: Pose6 = (0.4, 0.0, 0.2, 0.0, 0.0, 0.0)
    goal = ahead(here, (0.3, -0.3, 0.0, 0.0, 0.0, 9.0), 0.05, Limits())
    assert goal[:3] == pytest.approx((0.4375, -0.0375, 0.2))
    assert goal[5] == pytest.approx(2.0 * (0.05 + (2.0 / 12 + 12 / 240) / 2))  # cut to 2 rad/s


def test_a_twist_turns_about_the_bases_axes() -> None:
    """The hand turned by a quarter: about the base's x it pitches backwards, about its y it rolls."""
    assert angle_rates((0.4, 0.0, 0.2, 0.0, 0.0, math.pi / 2), (0, 0, 0, 1.0, 0.5, 0.2)) == pytest.approx(
        (0.5, -1.0, 0.2)
    )
    pose, w, dt = (0.4, 0.0, 0.2, 0.3, -0.4, 0.9), (0.2, -0.3, 0.5), 1e-6
    rates = angle_rates(pose, (0, 0, 0, *w))
    later = rotation.from_rpy(*(a + dt * r for a, r in zip(pose[3:], rates, strict=True)))
    turned = rotation.from_vector(np.multiply(w, dt)) @ rotation.from_rpy(*pose[3:])
    assert later == pytest.approx(turned, abs=1e-11)
