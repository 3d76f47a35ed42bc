"""What a base's configuration refuses."""

from collections.abc import Callable

import pytest

from zprl.models.config import BaseConfig
from zprl.models.unet_config import UnetConfig
from zprl.models.vision_config import VisionConfig, VisionNetwork
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


SEEN = StreamSpec("front", "camera/front/color/image_raw", StreamKind.IMAGE, (128, 128, 3))
SEEING = ObservationSpec((*arm_observation(()).streams, SEEN))


def test_images_need_an_encoder_and_an_encoder_needs_images() -> None:
    with pytest.raises(ValueError, match=r"has images \(front\), but the base has no vision encoder; add vision"):
        BaseConfig(SEEING)
    with pytest.raises(ValueError, match="the observation has no images; remove vision"):
        BaseConfig(arm_observation(()), vision=VisionConfig())


def test_vision_and_unet_survive_json_and_are_absent_without_them() -> None:
    """A checkpoint of an earlier version has neither key, and its fingerprint must not change."""
    config = BaseConfig(SEEING, vision=VisionConfig(VisionNetwork.RESNET18, 256), unet=UnetConfig((16, 32)))
    assert BaseConfig.from_json(config.to_json()) == config
    assert not {"vision", "unet"} & BaseConfig(arm_observation(())).to_json().keys()


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda: VisionConfig(features=0), "features must be at least 1"),
        (lambda: VisionConfig(size=(128, 128), crop=(116, 140)), "crop must be at least 32 pixels and at most"),
        (lambda: UnetConfig((12,)), "multiples of unet.groups=8"),
        (lambda: UnetConfig(kernel=4), "odd kernel"),
        (lambda: BaseConfig(arm_observation(()), horizon=6, n_action_steps=4, unet=UnetConfig()), "divisible by 4"),
    ],
)
def test_sizes_that_cannot_be_are_refused(made: Callable[[], object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        made()


def test_a_small_network_of_an_earlier_version_keeps_its_one_convolution_and_its_fingerprint() -> None:
    config = BaseConfig(SEEING, vision=VisionConfig())
    written = config.to_json()
    earlier = {**written, "vision": {k: x for k, x in written["vision"].items() if k != "dilations"}}
    assert BaseConfig.from_json(written) == config
    assert BaseConfig.from_json(earlier).vision == VisionConfig(dilations=(1,))
    assert BaseConfig.from_json(earlier).to_json() == earlier
    with pytest.raises(ValueError, match=r"dilations must be within \[1, 32\]"):
        VisionConfig(dilations=(0,))
