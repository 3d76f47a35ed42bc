"""Which cameras are like the base's, and what is logged, once, about those that are not."""

from dataclasses import replace

import numpy as np
import pytest

from zprl_core.geometry import Matrix
from zprl_core.streams.camera_model import CameraModel
from zprl_policy.camera_check import PATIENCE_S, CameraCheck, Sighting, compare

BASE = CameraModel((128, 128), (150.0, 150.0), (63.5, 63.5), "fr3_link0", (0.4, 0.1, 0.8), (np.pi, 0.0, 0.0))
LENS = replace(BASE, frame="", position=(0.0, 0.0, 0.0), turn=(0.0, 0.0, 0.0))
SAME = Sighting(LENS, pose=BASE.pose)
LONGER = replace(LENS, focal=(165.0, 165.0))
LIMIT = 4.0


def shifted(x: float) -> Matrix:
    """The base's pose of the camera, shifted by `x` [m]."""
    pose = BASE.pose
    pose[0, 3] += x
    return pose


def test_the_same_camera_is_not_mentioned() -> None:
    finding = compare("front", BASE, SAME, LIMIT)
    assert finding.text == "" and finding.moved_px == pytest.approx(0.0, abs=1e-9)


def test_larger_images_of_the_same_view_are_not_mentioned() -> None:
    finding = compare("front", BASE, Sighting(LENS.resized((480, 480)), pose=BASE.pose), LIMIT)
    assert finding.text == "" and finding.moved_px == pytest.approx(0.0, abs=1e-9)


def test_a_wider_section_of_the_image_is_noticed() -> None:
    """640x480 squeezed to 128x128: the left and right edge, at 0.4 of the width, lie at 0.4 * 3 / 4."""
    lens = CameraModel((480, 640), (562.5, 562.5), (319.5, 239.5))
    assert compare("front", BASE, Sighting(lens, pose=BASE.pose), LIMIT).moved_px == pytest.approx(12.8)


def test_another_lens_is_named_with_its_pixels_and_the_remedy() -> None:
    """10 % longer: 0.1 * 0.4 * 128 * sqrt(2) = 7.24 px at the corners."""
    finding = compare("front", BASE, Sighting(LONGER, pose=BASE.pose), LIMIT)
    assert finding.moved and finding.moved_px == pytest.approx(7.241, abs=0.001)
    assert finding.text == (
        "camera front sees the scene 7.2 px away from where the base's camera saw it (limit 4 px of 128x128 images; "
        "its lens accounts for 7.2 px, its mount 0.0 px): mount it as it was, calibrate it again, or pretrain with "
        "this camera"
    )


def test_a_camera_that_was_moved_by_2_cm_is_noticed() -> None:
    """150 px * 0.02 m / 0.3 m = 10 px."""
    finding = compare("front", BASE, Sighting(LENS, pose=shifted(0.02)), LIMIT)
    assert finding.moved_px == pytest.approx(10.0) and "lens accounts for 0.0 px, its mount 10.0 px" in finding.text


def test_a_camera_that_looks_the_other_way_has_no_pixels() -> None:
    finding = compare("front", BASE, Sighting(LENS, pose=np.eye(4)), LIMIT)
    assert finding.moved and "sees the scene from another side (" in finding.text
    assert "its mount all of it" in finding.text and "inf" not in finding.text


def test_without_a_pose_only_the_lens_is_compared() -> None:
    why = "tf has no frame front_optical_frame"
    alike, longer = (compare("front", BASE, Sighting(lens, pose_fault=why), LIMIT) for lens in (LENS, LONGER))
    assert not alike.moved and alike.text == f"only the lens of camera front is compared with the base's: {why}"
    assert longer.moved and "7.2 px away" in longer.text and "mount 0" not in longer.text


def test_a_base_that_knows_only_the_lens_does_not_ask_for_a_pose() -> None:
    assert compare("front", LENS, Sighting(LENS, pose_fault="x"), LIMIT).text == ""
    assert compare("front", LENS, Sighting(LENS, pose=shifted(0.5)), LIMIT).text == ""


def test_a_camera_that_is_not_calibrated_cannot_be_compared() -> None:
    finding = compare("front", BASE, Sighting(fault="it is not calibrated"), LIMIT)
    assert finding.moved_px is None and not finding.moved
    assert finding.text == "camera front cannot be compared with the base's: it is not calibrated"


def test_a_change_is_logged_once_and_so_is_its_end() -> None:
    check = CameraCheck({"front": BASE}, LIMIT)

    def look(sighting: Sighting) -> str:
        return check.look("front", sighting, True, 0.0)

    assert look(SAME) == "" and check.problem == ""
    assert "10.0 px" in look(Sighting(LENS, pose=shifted(0.02)))
    assert look(Sighting(LENS, pose=shifted(0.02))) == look(Sighting(LENS, pose=shifted(0.024))) == ""
    assert "12.0 px" in check.problem and check.health() == {"camera front moved [px]": "12.0"}
    assert "20.0 px" in look(Sighting(LENS, pose=shifted(0.04)))
    assert "from another side" in look(Sighting(LENS, pose=np.eye(4))) and look(Sighting(LENS, pose=np.eye(4))) == ""
    assert look(SAME) == "camera front sees the scene as the base's camera did" and look(SAME) == ""
    assert check.problem == ""


@pytest.mark.parametrize(
    ("sighting", "said", "shown"),
    [
        (Sighting(fault="no messages"), "cannot be compared with the base's: no messages", "not calibrated"),
        (Sighting(LENS, pose_fault="no tf"), "only the lens of camera front is compared", "0.0 (lens only)"),
    ],
)
def test_what_is_missing_is_logged_once_when_it_does_not_come(sighting: Sighting, said: str, shown: str) -> None:
    check = CameraCheck({"front": BASE}, LIMIT)
    assert check.health() == {"camera front moved [px]": "unknown"}
    assert check.look("front", sighting, True, 100.0) == ""
    assert check.look("front", sighting, True, 100.0 + PATIENCE_S - 0.1) == ""
    assert said in check.look("front", sighting, True, 100.0 + PATIENCE_S)
    assert check.look("front", sighting, True, 200.0) == ""
    assert check.problem == "" and check.health() == {"camera front moved [px]": shown}


def test_a_camera_that_sends_nothing_at_all_is_left_to_the_streams() -> None:
    check = CameraCheck({"front": BASE}, LIMIT)
    assert [check.look("front", Sighting(fault="no messages"), False, t) for t in (0.0, 100.0)] == ["", ""]
