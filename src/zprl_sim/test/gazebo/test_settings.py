"""Parameters of the scene in Gazebo that cannot work are refused."""

import pytest

from zprl_sim.gazebo.settings import GazeboSceneSettings
from zprl_sim.scene_settings import SceneSettings


def test_the_topic_of_a_pose_names_the_object() -> None:
    with pytest.raises(ValueError, match="the same for every object"):
        GazeboSceneSettings(pose_topic="/gazebo/pose")


def test_a_task_with_several_arms_is_refused() -> None:
    with pytest.raises(ValueError, match="has the arms"):
        GazeboSceneSettings(SceneSettings("two_arm_lift"))
