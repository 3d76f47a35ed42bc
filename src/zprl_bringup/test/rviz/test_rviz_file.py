"""The rviz configuration shows topics and frames that the graph has, with displays of their types."""

from typing import Any

import pytest
import yaml

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from zprl_bringup.graph.paths import data_file
from zprl_core.arm_model import FR3
from zprl_core.ros import topics
from zprl_core.ros.interfaces import Topic
from zprl_view.settings import ViewSettings

# Displays of rviz_default_plugins, and the message each shows.
SHOWS = {
    "RobotModel": "std_msgs/String", "MarkerArray": "visualization_msgs/MarkerArray", "Path": "nav_msgs/Path",
    "Image": "sensor_msgs/Image",
}  # fmt: skip
WITHOUT_TOPIC = {"Grid", "TF"}
DURABLE = {"Transient Local": 1, "Volatile": 2}


def displays() -> list[dict[str, Any]]:
    file = yaml.safe_load(data_file("rviz", "zprl.rviz").read_text())
    found: list[dict[str, Any]] = file["Visualization Manager"]["Displays"]
    return found


def topic_named(name: str) -> Topic[Any]:
    """The topic of zprl with this name; cameras have any name."""
    found = [t for t in vars(topics).values() if isinstance(t, Topic)]
    for topic in found:
        if name.removeprefix("/") in {topic.name, *(topic.of(camera).name for camera in ("front", "wrist"))}:
            return topic
    raise AssertionError(f"zprl has no topic {name}")


@pytest.mark.parametrize("display", displays(), ids=lambda each: each["Name"])
def test_each_display_has_a_topic_of_its_type(display: dict[str, Any]) -> None:
    plugin, kind = display["Class"].split("/")
    assert plugin == "rviz_default_plugins"
    if kind in WITHOUT_TOPIC:
        return
    shown = display["Description Topic" if kind == "RobotModel" else "Topic"]
    topic = topic_named(shown["Value"])
    assert f"{topic.type.__module__.split('.')[0]}/{topic.type.__name__}" == SHOWS[kind]
    assert topic.qos.durability.value <= DURABLE[shown["Durability Policy"]]  # a latched one is heard either way


def test_frames_are_those_of_arm_and_view_node() -> None:
    file = yaml.safe_load(data_file("rviz", "zprl.rviz").read_text())["Visualization Manager"]
    assert file["Global Options"]["Fixed Frame"] == FR3.base_frame == ViewSettings().frame
    (robot,) = (each for each in displays() if each["Class"].endswith("RobotModel"))
    assert f"{robot['TF Prefix']}/" == ViewSettings().frame_prefix
