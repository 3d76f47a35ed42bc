"""The recorder in the graph: what it records, and what its bags say."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tiny import tiny_base
from zprl.checkpoints.fingerprint import read_fingerprint
from zprl.rl.config import Mode
from zprl_bringup.graph.beside.recorder import needed_topics, optional_topics
from zprl_bringup.graph.graphs import evaluate_graph, finetune_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.station import Station
from zprl_core.bags.bag_images import BagImages


@pytest.fixture
def settings(tmp_path: Path) -> GraphSettings:
    tiny_base(tmp_path / "base")
    options = RunOptions(base=tmp_path / "base", bags=tmp_path / "bags")
    return GraphSettings("run", tmp_path / "run", options)


def test_bags_add_a_recorder_to_each_robot(settings: GraphSettings) -> None:
    several = replace(settings, options=replace(settings.options, robots=2))
    recorders = [node for node in finetune_graph(several).nodes if node.executable == "recorder_node"]
    assert [(node.namespace, node.parameters["robot"]) for node in recorders] == [
        ("robot_1", "robot_1"),
        ("robot_2", "robot_2"),
    ]
    assert all(("episode/event", "/episode/event") in node.remappings for node in recorders)
    without = replace(settings, options=replace(settings.options, bags=None))
    assert not [node for node in finetune_graph(without).nodes if node.executable == "recorder_node"]


def test_what_the_base_observes_and_what_the_station_lists_is_recorded(settings: GraphSettings) -> None:
    wanted = replace(settings, station=Station(record_topics=("force/wrench", "arm/status")))
    topics = needed_topics(wanted)
    assert topics == ("arm/current_pose", "joint_states", "objects/cube/pose", "arm/status", "force/wrench")
    assert {"arm/command", "episode/event", "teleop"} <= set(optional_topics(wanted))


def test_images_are_compressed_as_chosen(settings: GraphSettings) -> None:
    options = replace(settings.options, bag_images=BagImages.JPEG, bag_jpeg_quality=95)
    (node,) = evaluate_graph(replace(settings, options=options, mode=Mode.BASE)).find("recorder_node")
    assert (node.parameters["images"], node.parameters["jpeg_quality"]) == ("jpeg", 95)


def test_each_of_two_arms_is_recorded(tmp_path: Path) -> None:
    tiny_base(tmp_path / "base", "two_arm_lift")
    options = RunOptions(task="two_arm_lift", base=tmp_path / "base", bags=tmp_path / "bags")
    settings = GraphSettings("run", tmp_path / "run", options)
    assert {"left/arm/status", "right/arm/status"} <= set(needed_topics(settings))
    assert {"left/arm/command", "right/arm/command"} <= set(optional_topics(settings))


def test_the_configuration_says_what_an_episode_was_played_with(settings: GraphSettings) -> None:
    graph = evaluate_graph(replace(settings, mode=Mode.BASE))
    (node,) = (node for node in graph.nodes if node.executable == "recorder_node")
    said = json.loads(str(node.parameters["configuration"]))
    assert settings.options.base is not None
    assert said["base_fingerprint"] == read_fingerprint(settings.options.base)
    assert said["robot"] == "sim" and said["control_rate"] == 20.0
    assert [stream["name"] for stream in said["observation"]][:2] == ["tool", "width"]
    assert said["action"]["rate_hz"] == 20.0 and said["station"]["control_rate"] == 20.0
