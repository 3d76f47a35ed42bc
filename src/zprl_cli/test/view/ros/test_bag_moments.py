"""What a viewer gets of a bag."""

import array
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from geometry_msgs.msg import Pose as PoseMessage
from geometry_msgs.msg import PoseStamped
from nav_msgs.msg import Path as PathMessage
from rclpy.serialization import serialize_message
from sensor_msgs.msg import Image, JointState

from path_bag import BEGIN_NS, PERIOD_NS, path_bag
from zprl_cli.view.moment import Color, Line, Moment, Note, Numbers, Picture, Placed
from zprl_cli.view.ros.bag_moments import BagMoments, camera_of
from zprl_core.bags.bag_images import BagImages
from zprl_core.bags.bag_reader import bag_file
from zprl_core.bags.bag_topic import BagTopic
from zprl_core.bags.bag_writer import BagWriter
from zprl_core.bags.message_definition import definition, type_hash
from zprl_core.observation import Pose
from zprl_core.ros.compressed_images import compressed
from zprl_core.ros.conversions import time_from
from zprl_episodes.recording.bag_thread import Pack, unchanged
from zprl_episodes.ros.image_packer import ImagePacker
from zprl_msgs.msg import ArmCommand, ArmStatus, EpisodeEvent, PolicyStatus, SuccessDetection

NS = 5_000_000_000


def bag_of(folder: Path, *messages: tuple[str, Any], pack: Pack = unchanged) -> BagMoments:
    """A bag with these messages, 1 ms apart, each stamped 10 ms before it was received. `pack`: gives their form."""
    writer = BagWriter(folder / "bag", {})
    for k, (topic, message) in enumerate(messages):
        kind = f"{type(message).__module__.split('.')[0]}/msg/{type(message).__name__}"
        stamp_ns = NS + k * 1_000_000
        message.header.stamp = time_from(stamp_ns)
        plain = BagTopic(topic, kind, definition(kind), type_hash(kind))
        kept, data = pack(plain, serialize_message(message))
        writer.add_topic(kept)
        writer.write(kept.name, data, stamp_ns + 10_000_000, stamp_ns + 10_000_000)
    writer.finish({})
    return BagMoments(bag_file(folder / "bag"))


def numbers(moments: list[Moment]) -> dict[str, float]:
    """The last number of each plot, as group/name."""
    found = [m.shown for m in moments if isinstance(m.shown, Numbers)]
    return {f"{shown.group}/{name}": value for shown in found for name, value in shown.values.items()}


def pose(x: float, y: float, z: float) -> PoseMessage:
    message = PoseMessage()
    message.position.x, message.position.y, message.position.z = x, y, z
    message.orientation.x, message.orientation.w = 1.0, 0.0
    return message


def test_an_episode_has_paths_and_numbers_at_the_times_of_its_stamps(tmp_path: Path) -> None:
    places = [Pose((0.4 + 0.01 * k, 0.1, 0.2)) for k in range(5)]
    moments = list(BagMoments(bag_file(path_bag(tmp_path / "bag", places, [0.08] * 5))).moments())
    tool = [(m.stamp_ns, m.shown.values) for m in moments if isinstance(m.shown, Numbers) and "x" in m.shown.group]
    x = [(stamp_ns, values["measured"]) for stamp_ns, values in tool if "measured" in values]
    assert x == [(BEGIN_NS + k * PERIOD_NS, pytest.approx(0.4 + 0.01 * k)) for k in range(5)]
    lines = {m.shown.name: m for m in moments if isinstance(m.shown, Line)}
    assert set(lines) == {"tool measured path", "tool executed path"}
    path = lines["tool measured path"]
    assert path.stamp_ns == BEGIN_NS and isinstance(path.shown, Line)
    np.testing.assert_allclose(path.shown.points, [place.position for place in places])
    found = numbers(moments)
    assert found["gripper [mm]/measured"] == pytest.approx(80.0)
    assert found["gripper [mm]/executed"] == pytest.approx(80.0)
    cubes = [m.shown for m in moments if isinstance(m.shown, Placed) and m.shown.name == "objects/cube"]
    assert len(cubes) == 5 and cubes[0].position == (0.5, 0.1, 0.02)


def test_commands_and_what_was_executed_are_in_the_same_plots(tmp_path: Path) -> None:
    moments = list(
        bag_of(
            tmp_path,
            ("/arm/command", ArmCommand(target=pose(0.5, 0.0, 0.1), gripper_width=0.04)),
            ("/arm/status", ArmStatus(mode=2, clipped=True, reason="workspace", executed_target=pose(0.45, 0.0, 0.1))),
        ).moments()
    )
    found = numbers(moments)
    assert (found["tool x [m]/commanded"], found["tool x [m]/executed"]) == (0.5, 0.45)
    assert found["gripper [mm]/commanded"] == 40.0 and found["arm/guard changed the command"] == 1.0
    assert [m.shown for m in moments if isinstance(m.shown, Note)] == [Note("arm", "STREAM: workspace", warning=True)]


def test_each_arm_of_several_has_its_own(tmp_path: Path) -> None:
    found = numbers(
        list(
            bag_of(
                tmp_path,
                ("/left/arm/current_pose", PoseStamped(pose=pose(0.1, 0.2, 0.3))),
                ("/right/arm/current_pose", PoseStamped(pose=pose(0.4, 0.5, 0.6))),
                ("/left/joint_states", JointState(name=["j1"], position=[0.7])),
                ("/left/arm/status", ArmStatus(executed_joints=array.array("d", [0.8]))),
            ).moments()
        )
    )
    assert (found["left tool z [m]/measured"], found["right tool z [m]/measured"]) == (0.3, 0.6)
    assert (found["left joints [rad]/j1"], found["left joints [rad]/joint1 executed"]) == (0.7, 0.8)


def test_events_and_reasons_become_notes_once(tmp_path: Path) -> None:
    moments = list(
        bag_of(
            tmp_path,
            ("/episode/event", EpisodeEvent(robot="robot", episode=7)),
            ("/policy/status", PolicyStatus(hold_reason="stale", held_ticks=3)),
            ("/policy/status", PolicyStatus(hold_reason="stale", held_ticks=4)),
            ("/success", SuccessDetection(success=True)),
            ("/episode/event", EpisodeEvent(robot="robot", episode=7, kind=EpisodeEvent.SUCCESS, reward=1.0, steps=9)),
        ).moments()
    )
    notes = [m.shown.text for m in moments if isinstance(m.shown, Note)]
    assert notes == ["episode 7: started", "stale", "episode 7: success after 9 steps"]
    rewards = [m for m in moments if isinstance(m.shown, Numbers) and "reward" in m.shown.values]
    assert [m.stamp_ns for m in rewards] == [NS + 4_000_000]
    assert numbers(moments)["episode/success detected"] == 1.0 and numbers(moments)["policy ticks/held"] == 4.0


def test_plans_are_lines(tmp_path: Path) -> None:
    plan = PathMessage(poses=[PoseStamped(pose=pose(0.1 * k, 0.0, 0.2)) for k in range(3)])
    moments = list(bag_of(tmp_path, ("/arm/plan", plan), ("/arm/base_plan", plan), ("/left/arm/plan", plan)).moments())
    lines = [m.shown for m in moments if isinstance(m.shown, Line)]
    assert [(line.name, line.color) for line in lines] == [
        ("arm/plan", Color.PLAN),
        ("arm/base_plan", Color.BASE_PLAN),
        ("left/arm/plan", Color.PLAN),
    ]
    np.testing.assert_allclose(lines[0].points, [(0.0, 0.0, 0.2), (0.1, 0.0, 0.2), (0.2, 0.0, 0.2)])


def test_images_raw_and_compressed_are_pixels_and_depth_is_in_meters(tmp_path: Path) -> None:
    pixels = np.arange(4 * 4 * 3, dtype=np.uint8).reshape(4, 4, 3)
    image = Image(height=4, width=4, encoding="rgb8", step=12, data=array.array("B", pixels.tobytes()))
    bgr = np.ascontiguousarray(pixels[:, :, ::-1])
    swapped = Image(height=4, width=4, encoding="bgr8", step=12, data=array.array("B", bgr.tobytes()))
    depth = np.full((4, 4), 250, np.uint16)
    far = Image(height=4, width=4, encoding="16UC1", step=8, data=array.array("B", depth.tobytes()))
    moments = bag_of(
        tmp_path,
        ("/camera/front/color/image_raw", image),
        ("/camera/wrist/color/image_raw", swapped),
        ("/camera/front/color/image_raw/compressed", compressed(image, BagImages.PNG, 90)),
        ("/camera/front/depth/image_rect_raw", far),
        ("/camera/front/depth/image_rect_raw/compressed", compressed(far, BagImages.PNG, 90)),
    ).moments()
    found = [m.shown for m in moments if isinstance(m.shown, Picture)]
    color, depths = found[:3], found[3:]
    assert [each.camera for each in color] == ["camera/front/color", "camera/wrist/color", "camera/front/color"]
    for each in color:
        np.testing.assert_array_equal(each.pixels, pixels)
    for each in depths:
        assert each.pixels.dtype == np.float32 and each.pixels == pytest.approx(0.25)


def test_video_is_shown_frame_by_frame(tmp_path: Path) -> None:
    grays = (20, 120, 220)
    images = [
        Image(height=16, width=16, encoding="rgb8", step=48, data=array.array("B", bytes([gray]) * (16 * 48)))
        for gray in grays
    ]
    pack = ImagePacker(BagImages.H264, 90, 18).pack
    moments = bag_of(tmp_path, *(("/camera/front/color/image_raw", image) for image in images), pack=pack).moments()
    found = [(m.stamp_ns, m.shown) for m in moments if isinstance(m.shown, Picture)]
    assert [(stamp_ns, shown.camera) for stamp_ns, shown in found] == [
        (NS + k * 1_000_000, "camera/front/color") for k in range(3)
    ]
    assert [float(shown.pixels.mean()) for _, shown in found] == pytest.approx(grays, abs=3)


def test_a_message_that_cannot_be_shown_is_reported_and_the_others_are_shown(tmp_path: Path) -> None:
    nowhere = PoseMessage()
    nowhere.orientation.w = 0.0
    reader = bag_of(
        tmp_path,
        ("/camera/front/color/image_raw", Image(height=4, width=4, encoding="rgb8", step=12)),
        ("/joint_states", JointState(name=["j1"], position=[])),
        ("/joint_states", JointState(name=["j1"], position=[0.5])),
        ("/arm/current_pose", PoseStamped(pose=nowhere)),
    )
    moments = list(reader.moments())
    assert numbers(moments)["joints [rad]/j1"] == 0.5
    assert set(reader.refused) == {"/camera/front/color/image_raw", "/joint_states", "/arm/current_pose"}
    assert "1 names and 0 positions" in reader.refused["/joint_states"]


@pytest.mark.parametrize(
    ("topic", "camera"),
    [
        ("/camera/front/color/image_raw", "camera/front/color"),
        ("/camera/front/color/image_raw/foxglove", "camera/front/color"),
        ("/camera/front/depth/image_rect_raw/compressedDepth", "camera/front/depth/image_rect_raw"),
        ("/left/camera/wrist/color/image_raw/compressed", "left/camera/wrist/color"),
    ],
)
def test_a_camera_has_one_name_in_every_form(topic: str, camera: str) -> None:
    assert camera_of(topic) == camera
