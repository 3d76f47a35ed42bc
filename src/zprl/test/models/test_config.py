"""What a base's configuration refuses."""

import pytest

from zprl.models.config import BaseConfig
from zprl_core.action_spec import ActionSpec
from zprl_core.arm_action import ArmAction, CartesianAction, JointAction
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec, arm_observation

NAMES = ("a", "b")
MEASURED = StreamSpec("joints", "joint_states", StreamKind.JOINTS, (2,), joints=NAMES)
DELTA = ActionSpec((ArmAction(motion=JointAction(NAMES)),))


@pytest.mark.parametrize(
    ("streams", "joints"),
    [
        (arm_observation(()).streams, NAMES),
        ((MEASURED,), ("a", "b", "c")),
        ((MEASURED,), ("b", "a")),
        ((StreamSpec("joints", "x", StreamKind.VECTOR, (2,)),), NAMES),
    ],
)
def test_a_delta_needs_the_stream_that_it_starts_from(streams: tuple[StreamSpec, ...], joints: tuple[str, ...]) -> None:
    action = ActionSpec((ArmAction(motion=JointAction(joints)),))
    with pytest.raises(ValueError, match=r"needs a stream 'joints' of kind joints with the joints (a, b|b, a)"):
        BaseConfig(ObservationSpec(streams), action=action)
    with pytest.raises(ValueError, match="needs a stream 'tool' of kind pose"):
        BaseConfig(ObservationSpec((MEASURED,)))


def test_what_fits_is_taken_and_an_absolute_action_needs_no_stream() -> None:
    BaseConfig(ObservationSpec((MEASURED,)), action=DELTA)
    absolute = CartesianAction(absolute=True), JointAction(NAMES, True, low=(-1, -1), high=(1, 1))
    for motion in absolute:
        BaseConfig(ObservationSpec((MEASURED,)), action=ActionSpec((ArmAction(motion=motion),)))
