"""Intrinsics of simulated cameras: a point is where its projection says."""

import math

import numpy as np
import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from std_msgs.msg import Header

from can_render import needs_renderer
from zprl_core.geometry import matrix_from
from zprl_core.obs import Obs
from zprl_core.ros.samples import sample_from
from zprl_core.streams.camera_model import CameraModel
from zprl_sim.rendering import close_renderer, mujoco, open_renderer
from zprl_sim.robot import SimRobot
from zprl_sim.ros.camera_publishers import (
    CameraPublisher,
    DepthPublisher,
    depth_message,
    image_message,
    info_message,
    mount_message,
)
from zprl_sim.tasks.catalog import task_named

# A small sphere at (0.3, 0.2, -2) in the frame of a camera that looks along -z, y up.
SCENE = """
<mujoco><visual><quality offsamples="0"/></visual><worldbody>
<camera name="c" pos="0 0 0" fovy="40"/><geom pos="0.3 0.2 -2" size="0.01" rgba="1 0 0 1"/>
<light pos="0 0 1" dir="0 0 -1"/></worldbody></mujoco>
"""


@needs_renderer
def test_a_point_is_rendered_where_the_intrinsics_project_it() -> None:
    model = mujoco.MjModel.from_xml_string(SCENE)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    renderer = open_renderer(model, 200, 160)
    renderer.update_scene(data, "c")
    rows, columns = np.nonzero(renderer.render()[:, :, 0] > 60)
    close_renderer(renderer)
    k = np.reshape(info_message(200, 160, 40.0, Header()).k, (3, 3))
    u, v, w = k @ [0.3, -0.2, 2.0]  # x right, y down, z forward
    assert (columns.mean(), rows.mean()) == pytest.approx((u / w, v / w), abs=0.5)


def test_the_focal_length_follows_from_the_field_of_view() -> None:
    info = info_message(128, 128, 90.0, Header())
    assert info.k.tolist() == pytest.approx([64.0, 0.0, 63.5, 0.0, 64.0, 63.5, 0.0, 0.0, 1.0])
    assert info_message(640, 480, 60.0, Header()).k[0] == pytest.approx(240 / math.tan(math.pi / 6))


def test_a_camera_of_an_arm_has_topics_in_its_namespace() -> None:
    topics: list[str] = []
    CameraPublisher("left/wrist", 40.0, lambda topic: topics.append(topic.name))
    assert topics == ["left/camera/wrist/color/image_raw", "left/camera/wrist/color/camera_info"]


def test_a_mount_is_sent_as_a_transform_of_the_optical_frame() -> None:
    camera = CameraModel((128, 128), (150.0, 150.0), (63.5, 63.5), "fr3_link0", (0.4, 0.1, 0.8), (1.0, -2.0, 0.5))
    message = mount_message(camera, "front_optical_frame", 5_000_000_000)
    assert (message.header.frame_id, message.child_frame_id, message.header.stamp.sec) == (
        "fr3_link0", "front_optical_frame", 5,
    )  # fmt: skip
    p, q = message.transform.translation, message.transform.rotation
    assert np.allclose(matrix_from((p.x, p.y, p.z), (q.x, q.y, q.z, q.w)), camera.pose)


def test_an_image_is_sent_row_by_row() -> None:
    image = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    message = image_message(image, Header())
    assert (message.height, message.width, message.step) == (2, 4, 12) and bytes(message.data) == image.tobytes()


def test_depth_of_an_arms_camera_has_the_topics_of_a_realsense_in_its_namespace() -> None:
    topics: list[str] = []
    color = CameraPublisher("left/wrist", 40.0, lambda topic: None)
    DepthPublisher(color, lambda topic: topics.append(topic.name))
    place = "left/camera/wrist/aligned_depth_to_color"
    assert topics == [f"{place}/image_raw", f"{place}/camera_info"]


@needs_renderer
def test_a_message_of_depth_gives_the_sample_that_the_simulation_observes() -> None:
    robot = SimRobot(task_named("lift"), obs=Obs.RGBD)
    seen = robot.reset(3)
    for stream in robot.spec.images:
        if stream.is_depth:
            message = depth_message(robot.render_depth(stream.camera, 128, 128), Header())
            assert np.array_equal(sample_from(stream, message), seen.samples[stream.name])
    robot.close()
