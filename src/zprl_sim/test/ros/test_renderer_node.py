"""A renderer node answers each state with images of that state's stamp."""

import array
import os

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from can_render import needs_renderer
from listener import Listener, start_node, stop_node
from zprl_core.ros import topics
from zprl_core.ros.conversions import ns_from, time_from
from zprl_msgs.msg import VectorStamped
from zprl_sim.robot import SimRobot
from zprl_sim.tasks.catalog import task_named

pytestmark = [pytest.mark.ros, needs_renderer]
DOMAIN = 1 + os.getpid() % 9
WRIST, INFO = "camera/wrist/color/image_raw", "camera/wrist/color/camera_info"


def test_images_have_the_stamp_of_the_state_that_they_show() -> None:
    robot = SimRobot(task_named("lift"), seed=4)
    client = Listener(DOMAIN)
    client.hear(Image, WRIST, 10)
    client.hear(CameraInfo, INFO, 10)
    states = topics.SCENE_STATE.publisher(client.node)
    process = start_node(DOMAIN, ["-m", "zprl_sim.ros.renderer_node"], "cameras:=[wrist]", "width:=96", "height:=64")
    try:
        client.until(lambda: states.get_subscription_count() and client.node.count_publishers(WRIST))
        wrong = VectorStamped(header=Header(stamp=time_from(5)), values=array.array("d", [0.0]))
        states.publish(wrong)  # of another scene: no image
        state = VectorStamped(header=Header(stamp=time_from(70)), values=array.array("d", robot.positions.tobytes()))
        states.publish(state)
        client.until(lambda: client.heard[WRIST] and client.heard[INFO])
        image, info = client.heard[WRIST][0], client.heard[INFO][0]
        assert ns_from(image.header.stamp) == 70 and image.header == info.header
        assert (image.height, image.width, image.encoding) == (64, 96, "rgb8")
        assert bytes(image.data) == robot.render("wrist", 96, 64).tobytes()
        assert not client.node.count_publishers("camera/front/color/image_raw")
    finally:
        client.close()
        robot.close()
        assert stop_node(process) == 0
