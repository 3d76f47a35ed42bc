"""What is logged about cameras, from their messages, without a graph."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from geometry_msgs.msg import TransformStamped
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CameraInfo
from tf2_msgs.msg import TFMessage

from zprl.checkpoints.metadata import FORMAT
from zprl_core.observation_spec import camera_observation
from zprl_core.streams.camera_model import CameraModel, to_json
from zprl_core.streams.stream_buffer import StreamBuffer
from zprl_policy.ros.camera_inputs import CameraInputs

pytestmark = pytest.mark.ros

FRONT = CameraModel((128, 128), (150.0, 150.0), (63.5, 63.5), "fr3_link0", (0.4, 0.1, 0.8), (np.pi, 0.0, 0.0))
INFO, TF = "camera/front/color/camera_info", "/tf_static"


class Node:
    """As far as CameraInputs uses it; keeps what is logged."""

    def __init__(self) -> None:
        self.logged: list[str] = []
        self.told: list[str] = []
        self.callbacks: dict[str, Callable[[Any], None]] = {}

    def create_subscription(self, kind: type, topic: str, callback: Callable[[Any], None], *_: Any, **__: Any) -> None:
        self.callbacks[topic] = callback

    def get_logger(self) -> "Node":
        return self

    def warning(self, text: str, **_: Any) -> None:
        self.logged.append(text)

    def info(self, text: str) -> None:
        self.told.append(text)


class Robot:
    """Publishes a camera, beside a base in `folder` that knows the camera front."""

    def __init__(self, folder: Path, cameras: dict[str, CameraModel], known: bool = True) -> None:
        document = {"format": FORMAT, **({"cameras": to_json(cameras)} if known else {})}
        (folder / "checkpoint.json").write_text(json.dumps(document))
        self.node, buffer = Node(), StreamBuffer(camera_observation(("front",)))
        self.inputs = CameraInputs(self.node, str(folder), buffer, 4.0)

    def publish_info(self, focal: float) -> None:
        info = CameraInfo(width=128, height=128, k=[focal, 0.0, 63.5, 0.0, focal, 63.5, 0.0, 0.0, 1.0])
        info.header.frame_id = "front_optical_frame"
        self.node.callbacks[INFO](serialize_message(info))

    def publish_mount(self, x: float) -> None:
        mount = TransformStamped(child_frame_id="front_optical_frame")
        mount.header.frame_id = "fr3_link0"
        shift = mount.transform.translation
        shift.x, shift.y, shift.z = x, 0.1, 0.8
        mount.transform.rotation.x, mount.transform.rotation.w = 1.0, 0.0
        self.node.callbacks[TF](TFMessage(transforms=[mount]))


def test_a_lens_and_a_mount_are_compared_with_the_bases(tmp_path: Path) -> None:
    robot = Robot(tmp_path, {"front": FRONT})
    robot.publish_info(150.0)
    robot.publish_mount(0.4)
    robot.inputs.look()
    assert robot.node.logged == [] and robot.inputs.check.health() == {"camera front moved [px]": "0.0"}
    robot.publish_mount(0.42)
    for _ in range(3):
        robot.inputs.look()
    (moved,) = robot.node.logged
    assert "10.0 px away" in moved and robot.inputs.check.problem == moved
    robot.publish_mount(0.4)
    robot.publish_info(165.0)
    robot.inputs.look()
    assert "lens accounts for 7.2 px, its mount 0.0 px" in robot.inputs.check.problem


def test_a_camera_without_calibration_or_mount_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zprl_policy.camera_check.PATIENCE_S", 0.0)
    robot = Robot(tmp_path, {"front": FRONT})
    robot.inputs.look()
    assert robot.node.logged == []  # no sign of the camera yet
    robot.publish_info(150.0)
    robot.inputs.look()
    assert robot.node.logged[-1].startswith("only the lens of camera front is compared with the base's: where it is")
    robot.publish_mount(0.4)
    robot.publish_info(0.0)
    monkeypatch.setattr(robot.inputs._streams, "rate_hz", lambda name: 30.0)
    for _ in range(2):
        robot.inputs.look()
    assert len(robot.node.logged) == 2 and "it is not calibrated (K of its camera_info is 0)" in robot.node.logged[-1]


def test_a_base_that_knows_only_the_lens_needs_no_tf(tmp_path: Path) -> None:
    robot = Robot(tmp_path, {"front": replace(FRONT, frame="")})
    robot.publish_info(150.0)
    robot.inputs.look()
    assert robot.node.logged == [] and robot.inputs.check.health() == {"camera front moved [px]": "0.0"}


def test_a_base_that_does_not_know_its_cameras_says_so_once_and_subscribes_to_nothing(tmp_path: Path) -> None:
    robot = Robot(tmp_path, {}, known=False)
    robot.inputs.look()
    assert robot.node.callbacks == {} and robot.node.logged == []
    (line,) = robot.node.told
    assert line.startswith("the base does not know intrinsics and mount of front")
