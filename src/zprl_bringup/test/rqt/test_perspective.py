"""The perspective for rqt loads plugins that exist, and shows topics and fields that the graph has."""

import ast
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from zprl_bringup.graph.paths import data_file
from zprl_core.ros import topics
from zprl_core.ros.interfaces import Topic

# Plugins of others: the package's name and the class's in its plugin.xml, in the version that was read.
UPSTREAM = {
    "rqt_console/Console": "2.2.1",
    "rqt_image_view/ImageView": "1.2.0",
    "rqt_plot/Plot": "1.4.0",
    "rqt_reconfigure/Param": "1.6.2",
    "rqt_runtime_monitor/RuntimeMonitor": "1.0.0",
}
PLUGIN_XML = Path(__file__).parents[3] / "rqt_zprl" / "plugin.xml"
NUMBERS = {"float", "double", "boolean", "uint8", "int64", "uint64"}

FILE = json.loads(data_file("rqt", "zprl.perspective").read_text())


def value(stored: dict[str, str]) -> Any:
    """What rqt reads with eval."""
    assert stored["type"] == "repr"
    return ast.literal_eval(stored["repr"])


MANAGER = FILE["groups"]["pluginmanager"]
RUNNING: dict[str, list[int]] = value(MANAGER["keys"]["running-plugins"])
INSTANCES = [(plugin, number) for plugin, numbers in RUNNING.items() for number in numbers]


def settings(plugin: str, number: int) -> dict[str, Any]:
    """The saved settings of a plugin's instance."""
    group = MANAGER["groups"][f"plugin__{plugin.replace('/', '__')}__{number}"]
    return {name: value(stored) for name, stored in group["groups"]["plugin"]["keys"].items()}


def topic_of(name: str) -> Topic[Any]:
    """The topic of zprl with this name, of the first robot, whose camera is the front one."""
    defined = [t.of("front") if "{name}" in t.name else t for t in vars(topics).values() if isinstance(t, Topic)]
    (found,) = [topic for topic in defined if "/" + topic.name.lstrip("/") == name]
    return found


def test_its_plugins_are_those_of_rqt_and_ours() -> None:
    ours = {f"rqt_zprl/{each.get('name')}" for each in ElementTree.parse(PLUGIN_XML).iter("class")}
    assert RUNNING.keys() == UPSTREAM.keys() | ours


def test_settings_belong_to_running_plugins() -> None:
    running = {f"plugin__{plugin.replace('/', '__')}__{number}" for plugin, number in INSTANCES}
    assert MANAGER["groups"].keys() <= running


@pytest.mark.parametrize("number", RUNNING["rqt_plot/Plot"])
def test_curves_are_numbers_of_messages(number: int) -> None:
    for curve in settings("rqt_plot/Plot", number)["topics"]:
        topic, field = curve.rsplit("/", 1)
        assert topic_of(topic).type.get_fields_and_field_types()[field] in NUMBERS


def test_the_figures_of_a_run_are_plotted() -> None:
    curves = {c for n in RUNNING["rqt_plot/Plot"] for c in settings("rqt_plot/Plot", n)["topics"]}
    wanted = {f"/learner/status/{f}" for f in ("success_rate", "q_mean", "rms_u", "rms_z", "update_debt")}
    assert wanted <= curves and any(curve.startswith("/policy/status/") for curve in curves)


def test_the_image_is_that_of_a_camera() -> None:
    topic = topic_of(settings("rqt_image_view/ImageView", 1)["topic"])
    assert topic.type.__name__ == "Image"


@pytest.mark.parametrize(("plugin", "number"), INSTANCES)
def test_each_plugin_has_its_place_in_the_window(plugin: str, number: int) -> None:
    state = FILE["groups"]["mainwindow"]["keys"]["state"]["repr(QByteArray.hex)"]
    dock = f"{plugin.replace('/', '__')}__{number}__"  # the rest is the widget's name
    assert dock.encode("utf-16-be") in bytes.fromhex(state.split("'")[1])  # as QMainWindow.saveState has names
