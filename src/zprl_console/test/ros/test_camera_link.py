"""Cameras are found, and subscribed only while a page asks for them."""

import os
from collections.abc import Iterator

import numpy as np
import pytest

pytest.importorskip("rclpy")

from rclpy.context import Context
from sensor_msgs.msg import Image

from listener import Listener
from zprl_console.ros import camera_link
from zprl_console.ros.camera_link import CameraLink
from zprl_core.ros import topics

pytestmark = pytest.mark.ros

DOMAIN = 52 + os.getpid() % 8


class Camera(Listener):
    """Two cameras of robot_1, of which the second belongs to an arm, and one of another robot."""

    def __init__(self) -> None:
        super().__init__(DOMAIN)
        names = {"front": "robot_1", "wrist": "robot_1/left", "other": "robot_2"}
        self.cameras = {
            name: topics.COLOR_IMAGE.of(name).under(space).publisher(self.node) for name, space in names.items()
        }
        self.encoding = "rgb8"

    def show(self) -> None:
        pixels = np.full((4, 6, 3), 200, np.uint8)
        image = Image(height=4, width=6, encoding=self.encoding, step=18, data=pixels.tobytes())
        for camera in self.cameras.values():
            camera.publish(image)


@pytest.fixture
def camera() -> Iterator[Camera]:
    camera = Camera()
    yield camera
    camera.close()


@pytest.fixture
def link(camera: Camera, monkeypatch: pytest.MonkeyPatch) -> Iterator[CameraLink]:
    monkeypatch.setattr(camera_link, "WATCHED_S", 0.5)
    context = Context()
    context.init(domain_id=DOMAIN)
    with CameraLink(context, "robot_1") as link:
        camera.until(lambda: link.names() == ("front", "left/wrist"))
        yield link
    context.shutdown()


def test_a_camera_that_is_watched_is_seen_as_jpeg(camera: Camera, link: CameraLink) -> None:
    def seen() -> bool:
        camera.show()
        frame = link.frame("left/wrist")
        return frame is not None and frame.number > 1

    camera.until(seen)
    frame = link.frame("left/wrist")
    assert frame is not None and frame.jpeg[:2] == b"\xff\xd8" and link.newest() == frame.jpeg
    assert link.frame("front") is None  # it is watched from now on


def test_only_watched_cameras_are_subscribed(camera: Camera, link: CameraLink) -> None:
    front, wrist = (camera.cameras[name].get_subscription_count for name in ("front", "wrist"))
    camera.until(lambda: (link.frame("front"), front() == 1)[1])
    assert wrist() == 0
    camera.until(lambda: front() == 0)
    assert link.frame("front") is None and link.newest() == b""


def test_a_name_that_is_no_camera_is_not_subscribed(camera: Camera, link: CameraLink) -> None:
    for name in ("other", "../robot_2/other", "", "front/camera"):
        assert link.frame(name) is None
    camera.until(lambda: (link.frame("front"), camera.cameras["front"].get_subscription_count() == 1)[1])
    assert camera.cameras["other"].get_subscription_count() == 0


def test_an_image_that_cannot_be_shown_is_left_out(camera: Camera, link: CameraLink) -> None:
    camera.encoding = "bayer_rggb8"
    camera.until(lambda: (link.frame("front"), camera.cameras["front"].get_subscription_count() == 1)[1])
    for _ in range(5):
        camera.show()
        camera.spin(0.1)
        assert link.frame("front") is None
