"""Topics that belong together."""

import pytest

from zprl_core.topic_names import camera_info_of


@pytest.mark.parametrize(
    ("image", "info"),
    [
        ("camera/front/color/image_raw", "camera/front/color/camera_info"),
        ("left/camera/wrist/color/image_raw", "left/camera/wrist/color/camera_info"),
        ("/lab/image", "/lab/camera_info"),
        ("/image", "/camera_info"),
        ("image", "camera_info"),
    ],
)
def test_the_intrinsics_are_beside_the_image(image: str, info: str) -> None:
    assert camera_info_of(image) == info
