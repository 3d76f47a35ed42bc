"""Two specs that do not agree are written out side by side."""

from dataclasses import replace

import pytest

from zprl_core.action_spec import PLANAR, ActionSpec
from zprl_core.arm_action import ArmAction, CartesianAction
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec, arm_observation
from zprl_core.rotation import Rotation
from zprl_core.spec_difference import check_agreement, difference

CUBE = arm_observation(("cube",))
TILTED = ActionSpec((ArmAction(motion=CartesianAction(Rotation.VECTOR)),))


def test_the_same_specs_agree() -> None:
    assert difference((CUBE, PLANAR), (CUBE, PLANAR), "base", "robot") == ""
    check_agreement((CUBE, PLANAR), (CUBE, PLANAR), "base", "robot", "")


def test_ages_and_units_are_no_difference() -> None:
    patient = ObservationSpec(tuple(replace(stream, max_age_s=1.0, units="mm") for stream in CUBE.streams))
    assert difference((CUBE, PLANAR), (patient, PLANAR), "base", "robot") == ""


def test_a_stream_in_another_frame_is_a_difference_unless_one_gives_no_frame() -> None:
    moved = arm_observation(("cube",), frame="base_link")
    table = difference((CUBE, PLANAR), (moved, PLANAR), "base", "robot")
    assert [line.split() for line in table.splitlines()[1:]] == [
        ["stream", name, "fr3_link0", "base_link"] for name in ("tool.frame", "cube.frame")
    ]
    unknown = arm_observation(("cube",), frame="")
    assert difference((CUBE, PLANAR), (unknown, PLANAR), "base", "robot") == ""
    other = ActionSpec((ArmAction(frame="base_link"),))
    assert "action.arms.arm.frame" in difference((CUBE, PLANAR), (CUBE, other), "base", "robot")


def test_every_difference_is_one_line_with_both_values() -> None:
    image = StreamSpec("front", "camera/front/color/image_raw", StreamKind.IMAGE, (96, 96, 3))
    seen = ObservationSpec((*CUBE.streams, image))
    table = difference((CUBE, PLANAR), (seen, TILTED), "base", "robot").splitlines()
    assert table[0].split() == ["base", "robot"]
    cells = {line.split("  ")[1]: line.split()[-2:] for line in table[1:]}
    assert cells["stream front.kind"] == ["-", "image"] and cells["stream front.shape"] == ["-", "96x96x3"]
    assert cells["action.arms.arm.cartesian.rotation"] == ["yaw", "rotation_vector"]


def test_specs_that_differ_are_refused_with_the_table_and_the_remedy() -> None:
    with pytest.raises(
        ValueError, match=r"the base and task lift do not agree: pretrain one\n[^\n]*\n.*yaw +rotation_vector"
    ):
        check_agreement((CUBE, PLANAR), (CUBE, TILTED), "the base", "task lift", "pretrain one")


def test_the_order_of_streams_counts() -> None:
    turned = ObservationSpec((CUBE.streams[1], CUBE.streams[0], CUBE.streams[2]))
    assert "no. 1" in difference((CUBE, PLANAR), (turned, PLANAR), "base", "robot")
