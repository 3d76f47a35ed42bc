"""A scene is simulated at one control rate."""

from dataclasses import replace

import pytest

from zprl_sim.tasks.catalog import task_named


def test_a_task_of_another_control_rate_is_refused_with_what_to_do() -> None:
    lift = task_named("lift")
    with pytest.raises(ValueError, match=r"simulated at 20 control steps per second, the action has 10; .* --demos\)"):
        replace(lift, action=replace(lift.action, rate_hz=10.0))
