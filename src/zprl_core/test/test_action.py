"""Actions to targets and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zprl_core.action import ActionScale, ArmTarget
from zprl_core.observation import PlanarPose

TOOL = PlanarPose((0.4, -0.1, 0.2), 3.0)


@given(st.lists(st.floats(-1.0, 1.0), min_size=5, max_size=5))
def test_what_is_executed_is_the_action_it_came_from(action: list[float]) -> None:
    scale = ActionScale()
    assert scale.action(scale.target(np.array(action), TOOL), TOOL) == pytest.approx(action, abs=1e-5)


def test_a_person_may_move_the_arm_farther_than_any_action() -> None:
    """5 cm in one step, at 2 cm for a full action, is 2.5 of it; a gripper that is half open is 0."""
    target = ArmTarget(PlanarPose((0.45, -0.1, 0.2), 3.0), 0.04)
    assert ActionScale().action(target, TOOL) == pytest.approx([2.5, 0.0, 0.0, 0.0, 0.0], abs=1e-6)
