"""The Foxglove layout shows topics, fields and services that zprl has, with settings that Foxglove knows."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from foxglove import layouts
from rcl_interfaces.msg import Log

from zprl_bringup.graph.paths import data_file
from zprl_core.arm_model import FR3
from zprl_core.ros import services, topics
from zprl_core.ros.interfaces import Service, Topic
from zprl_view.settings import ViewSettings

LAYOUT: dict[str, Any] = json.loads(data_file("foxglove", "zprl.json").read_text())
PANELS: dict[str, Any] = LAYOUT["configById"]
# What each kind of panel is configured with, by the SDK of Foxglove.
CONFIGS: dict[str, type] = {
    "3D": layouts.ThreeDeeConfig, "Image": layouts.ImageConfig, "Plot": layouts.PlotConfig,
    "StateTransitions": layouts.StateTransitionsConfig, "DiagnosticSummary": layouts.DiagnosticsSummaryConfig,
    "RosOut": layouts.LogConfig, "CallService": layouts.ServiceCallConfig,
}  # fmt: skip
SERIES = {"Plot": layouts.PlotSeries, "StateTransitions": layouts.StateTransitionsSeries}
LAYERS: dict[str, type] = {
    "foxglove.Grid": layouts.BaseRendererGridLayerSettings,
    "foxglove.Urdf": layouts.BaseRendererUrdfLayerSettings,
}
SHOWN: dict[str, type] = {  # settings of a topic in the 3D panel, by type of its messages
    "Path": layouts.BaseRendererPosesTopicSettings,
    "MarkerArray": layouts.BaseRendererRosMarkerTopicSettings,
    "String": layouts.BaseRendererUrdfTopicSettings,
}
CAMERAS = ("front", "wrist")


def panels(kind: str) -> dict[str, Any]:
    return {name: config for name, config in PANELS.items() if name.split("!")[0] == kind}


def message_of(name: str) -> type:
    """The message type of a topic of zprl, or of ROS."""
    if name == "/rosout":
        return Log
    for topic in (each for each in vars(topics).values() if isinstance(each, Topic)):
        if name.removeprefix("/") in {topic.name.removeprefix("/"), *(topic.of(c).name for c in CAMERAS)}:
            return topic.type
    raise AssertionError(f"zprl has no topic {name}")


def check_path(path: str) -> None:
    """A path such as /arm/status.mode leads to a number."""
    name, *fields = path.split(".")
    (field,) = fields
    kind = message_of(name).get_fields_and_field_types()[field]  # type: ignore[attr-defined]
    assert kind.startswith(("float", "double", "int", "uint", "bool")), f"{path} is a {kind}"


def settings_of(kind: type) -> set[str]:
    """The names of the settings in a layout file."""
    assert dataclasses.is_dataclass(kind)
    return set(kind()._to_dict())  # type: ignore[attr-defined]


def leaves(node: Any) -> Iterator[str]:
    """The panels in a mosaic."""
    if isinstance(node, str):
        yield node
    else:
        assert node["direction"] in ("row", "column") and 0 < node["splitPercentage"] < 100
        yield from (*leaves(node["first"]), *leaves(node["second"]))


def test_every_panel_is_placed_once() -> None:
    placed = list(leaves(LAYOUT["layout"]))
    for tab in (tab for config in panels("Tab").values() for tab in config["tabs"]):
        placed += leaves(tab["layout"])
    assert sorted(placed) == sorted(PANELS)


@pytest.mark.parametrize("name", [name for name in PANELS if not name.startswith("Tab!")])
def test_every_setting_is_one_of_its_panel(name: str) -> None:
    kind, config = name.split("!")[0], PANELS[name]
    assert set(config) <= settings_of(CONFIGS[kind])
    for series in config.get("paths", ()):
        assert set(series) <= settings_of(SERIES[kind])
    if kind == "Image":
        assert set(config["imageMode"]) <= settings_of(layouts.ImageModeConfig)
    if kind == "3D":
        assert set(config["cameraState"]) <= settings_of(layouts.ThreeDeeCameraState)
        assert set(config["scene"]) <= settings_of(layouts.BaseRendererSceneSettings)
        for layer in config["layers"].values():
            assert set(layer) <= settings_of(LAYERS[layer["layerId"]])


@pytest.mark.parametrize(
    "path", [series["value"] for kind in SERIES for config in panels(kind).values() for series in config["paths"]]
)
def test_what_is_plotted_is_a_number_of_a_topic(path: str) -> None:
    check_path(path)


def test_a_wrong_topic_or_field_is_noticed() -> None:
    with pytest.raises(AssertionError, match="no topic /learner/state"):
        check_path("/learner/state.q_mean")
    with pytest.raises(KeyError, match="q_max"):
        check_path("/learner/status.q_max")
    with pytest.raises(AssertionError, match="is a string"):
        check_path("/learner/status.run")


def test_the_plots_show_how_learning_and_timing_go() -> None:
    plotted = {series["value"] for config in panels("Plot").values() for series in config["paths"]}
    learner = {"success_rate", "q_mean", "rms_u", "rms_z", "critic_loss", "update_debt"}
    assert {f"/learner/status.{name}" for name in learner} <= plotted
    assert {"/policy/status.tick_lateness_p99_ms", "/policy/status.held_ticks"} <= plotted


def test_topics_of_the_3d_panel_have_settings_of_their_type() -> None:
    (scene,) = panels("3D").values()
    assert {"/view/markers", "/arm/plan", "/arm/base_plan"} <= scene["topics"].keys()
    for name, settings in scene["topics"].items():
        assert set(settings) <= settings_of(SHOWN[message_of(name).__name__])


def test_robot_model_and_frames_are_those_of_arm_and_view_node() -> None:
    (scene,) = panels("3D").values()
    robot = scene["layers"]["robot"]
    assert robot["framePrefix"] == ViewSettings().frame_prefix
    assert message_of(robot["topic"]) is topics.VIEW_DESCRIPTION.type
    assert scene["followTf"] == scene["fixedFrame"] == scene["layers"]["grid"]["frameId"] == FR3.base_frame


def test_images_diagnostics_and_log_show_topics_of_their_type() -> None:
    for config in panels("Image").values():
        assert message_of(config["imageMode"]["imageTopic"]) is topics.COLOR_IMAGE.type
        assert message_of(config["imageMode"]["calibrationTopic"]) is topics.COLOR_INFO.type
    (diagnostics,), (log,) = panels("DiagnosticSummary").values(), panels("RosOut").values()
    assert message_of(diagnostics["topicToRender"]) is topics.DIAGNOSTICS.type
    assert message_of(log["topicToRender"]) is Log


@pytest.mark.parametrize("config", panels("CallService").values(), ids=lambda config: config["buttonText"])
def test_services_exist_and_take_the_request(config: dict[str, Any]) -> None:
    known = {f"/{each.name}": each.type for each in vars(services).values() if isinstance(each, Service)}
    fields = known[config["serviceName"]].Request.get_fields_and_field_types()
    assert set(json.loads(config["requestPayload"])) <= set(fields)
