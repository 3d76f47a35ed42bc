"""The scene whose arm an arm node moves."""

import pytest

from zprl_sim.scene_settings import SceneSettings


def test_an_arm_node_moves_one_arm() -> None:
    assert SceneSettings("lift").sim_task.name == "lift"
    with pytest.raises(
        ValueError, match="two_arm_lift has the arms left, right, but an arm node moves only one; use the robot"
    ):
        _ = SceneSettings("two_arm_lift").sim_task
