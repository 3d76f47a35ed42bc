"""The stream of the tool that is played."""

import pytest

from zprl_core.arm_action import ArmAction, CartesianAction
from zprl_core.observation_spec import StreamKind
from zprl_core.rotation import Rotation
from zprl_episodes.playback.tool_stream import tool_stream


@pytest.mark.parametrize(
    ("rotation", "read"), [(Rotation.YAW, Rotation.YAW), (Rotation.VECTOR, Rotation.SIX), (Rotation.SIX, Rotation.SIX)]
)
def test_a_tilt_is_read_where_the_actions_have_one(rotation: Rotation, read: Rotation) -> None:
    stream = tool_stream(ArmAction(motion=CartesianAction(rotation, absolute=True), frame="base"))
    assert (stream.name, stream.topic, stream.kind) == ("tool", "arm/current_pose", StreamKind.POSE)
    assert (stream.rotation, stream.frame, stream.tool) == (read, "base", True)
