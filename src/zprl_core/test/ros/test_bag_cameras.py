"""The cameras of a bag: lens by camera_info, mount by /tf_static."""

import math
from pathlib import Path

import pytest

pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from geometry_msgs.msg import TransformStamped
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CameraInfo
from tf2_msgs.msg import TFMessage

from zprl_core.bags.bag_reader import BagFile, bag_file
from zprl_core.bags.bag_topic import BagTopic
from zprl_core.bags.bag_writer import BagWriter
from zprl_core.bags.message_definition import definition
from zprl_core.observation_spec import ObservationSpec, StreamKind, StreamSpec, arm_observation
from zprl_core.ros.bag_cameras import cameras_in, info_topic

FRONT, WRIST = "/cam/front/image_raw/foxglove", "/cam/wrist/image_raw"
INFO, FRAMES = "sensor_msgs/msg/CameraInfo", "tf2_msgs/msg/TFMessage"
SPEC = ObservationSpec((
    *arm_observation(()).streams,
    StreamSpec("front", "front/image_raw", StreamKind.IMAGE, (128, 128, 3)),
    StreamSpec("wrist", "wrist/image_raw", StreamKind.IMAGE, (128, 128, 3)),
))  # fmt: skip


def info(frame: str, focal: float = 600.0, k1: float = 0.0) -> CameraInfo:
    message = CameraInfo(width=640, height=640, k=[focal, 0.0, 319.5, 0.0, focal, 319.5, 0.0, 0.0, 1.0])
    message.header.frame_id, message.distortion_model, message.d = frame, "plumb_bob", [k1, 0.0, 0.0, 0.0, 0.0]
    return message


def mount(parent: str, child: str, z: float) -> TransformStamped:
    """Looking down from a height."""
    transform = TransformStamped(child_frame_id=child)
    transform.header.frame_id, transform.transform.translation.z = parent, z
    transform.transform.rotation.x, transform.transform.rotation.w = 1.0, 0.0
    return transform


def bag(folder: Path, mounts: list[TransformStamped], infos: dict[str, list[CameraInfo]]) -> BagFile:
    writer = BagWriter(folder / "bag", {})
    for name, kind in (("/tf_static", FRAMES), *((name, INFO) for name in infos)):
        writer.add_topic(BagTopic(name, kind, definition(kind)))
    writer.write("/tf_static", bytes(serialize_message(TFMessage(transforms=mounts))), 0, 0)
    for name, messages in infos.items():
        for k, message in enumerate(messages):
            writer.write(name, bytes(serialize_message(message)), k + 1, k + 1)
    writer.finish({})
    return bag_file(folder / "bag")


def test_the_mount_is_in_the_frame_of_the_poses_or_in_what_the_camera_is_fixed_to(tmp_path: Path) -> None:
    """The sizes are those of the spec's images, and the first camera_info counts."""
    mounts = [
        mount("world", "fr3_link0", 0.0), mount("world", "front_link", 0.8), mount("front_link", "front", 0.1),
        mount("fr3_hand", "wrist", 0.05),
    ]  # fmt: skip
    infos = {
        "/cam/front/camera_info": [info("front", k1=0.1)],
        "/cam/wrist/camera_info": [info("wrist"), info("", 1.0)],
    }
    found = cameras_in(bag(tmp_path, mounts, infos), {"front": FRONT, "wrist": WRIST}, SPEC)
    front, wrist = found["front"], found["wrist"]
    assert (front.size, front.focal, front.center) == ((128, 128), (120.0, 120.0), (63.5, 63.5))
    assert front.distortion == (0.1, 0.0, 0.0, 0.0, 0.0) and wrist.distortion == () and wrist.focal == (120.0, 120.0)
    # fr3_link0 is turned by half a turn about x, and so is each frame in its parent.
    assert front.frame == "fr3_link0" and front.position == pytest.approx((0.0, 0.0, -0.7))
    assert [abs(angle) for angle in front.turn] == pytest.approx([math.pi, 0.0, 0.0], abs=1e-9)
    assert wrist.frame == "fr3_hand" and wrist.position == pytest.approx((0.0, 0.0, 0.05))


def test_without_transforms_the_mount_is_unknown_and_without_calibration_the_camera(tmp_path: Path) -> None:
    infos = {"/cam/front/camera_info": [info("front")], "/cam/wrist/camera_info": [CameraInfo(width=640, height=480)]}
    found = cameras_in(bag(tmp_path, [], infos), {"front": FRONT, "wrist": WRIST}, SPEC)
    assert set(found) == {"front"} and found["front"].frame == ""


@pytest.mark.parametrize(
    ("image", "topic"),
    [
        ("/cam/color/image_raw", "/cam/color/camera_info"),
        ("/cam/color/image_raw/compressed", "/cam/color/camera_info"),
        ("/cam/color/image_raw/foxglove", "/cam/color/camera_info"),
        ("/cam/depth/image_raw/compressedDepth", "/cam/depth/camera_info"),
        ("image", "camera_info"),
    ],
)
def test_camera_info_is_beside_the_images_whatever_their_form(image: str, topic: str) -> None:
    assert info_topic(image) == topic


def test_two_image_topics_beside_one_camera_info_have_the_same_camera(tmp_path: Path) -> None:
    """And a frame with a leading slash is the same frame."""
    infos = {"/cam/camera_info": [info("/front")]}
    images = {"front": "/cam/image_raw", "wrist": "/cam/image_mono"}
    found = cameras_in(bag(tmp_path, [], infos), images, SPEC)
    assert found["front"] == found["wrist"] and found["front"].frame == ""


def test_another_type_on_the_topic_is_no_camera(tmp_path: Path) -> None:
    writer = BagWriter(tmp_path / "bag", {})
    writer.add_topic(BagTopic("/cam/front/camera_info", FRAMES, definition(FRAMES)))
    writer.write("/cam/front/camera_info", bytes(serialize_message(TFMessage())), 0, 0)
    writer.finish({})
    assert cameras_in(bag_file(tmp_path / "bag"), {"front": FRONT}, SPEC) == {}
