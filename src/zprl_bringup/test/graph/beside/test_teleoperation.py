"""The graph in which a human demonstrates: who is in it, and what the device may do."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from zprl_bringup.graph.graphs import teleop_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import GraphError, NodeSpec
from zprl_bringup.graph.station import Station
from zprl_core.obs import Obs

SETTINGS = GraphSettings(
    "t", Path("/runs/t"), RunOptions(robot="mujoco", lockstep=False, deployed=False, bags=Path("/bags"), note="left")
)


def chosen(**options: Any) -> GraphSettings:
    return replace(SETTINGS, options=replace(SETTINGS.options, **options))


def nodes(settings: GraphSettings, **device: Any) -> dict[str, NodeSpec]:
    return {node.name: node for node in teleop_graph(settings, device, first_episode=4).nodes}


def test_a_human_is_in_the_place_of_policy_and_scene() -> None:
    found = nodes(SETTINGS)
    assert set(found) == {"mujoco", "teleop", "operator", "episode", "recorder"}
    episode = found["episode"].parameters
    assert (episode["automatic"], episode["has_policy"], episode["first_episode"]) == (False, False, 4)
    assert episode["wait_for_recorder"] is True
    assert found["operator"].parameters["scene"] is False and found["recorder"].parameters["note"] == "left"
    assert [name for name, node in found.items() if node.terminal] == ["teleop"]


def test_the_device_moves_the_axes_of_the_action() -> None:
    hands = nodes(SETTINGS)["teleop"].parameters
    assert hands["axes"] == [True, True, True, False, False, True] and hands["frame"] == "fr3_link0"
    assert nodes(SETTINGS, linear=0.05)["teleop"].parameters["linear"] == 0.05
    assert nodes(chosen(task="lift_leaning"))["teleop"].parameters["axes"] == [True] * 6


def test_a_real_arm_has_its_own_operator() -> None:
    real = replace(chosen(robot="franky", deployed=True, hostname="172.16.0.2"), station=Station(task="pick"))
    found = nodes(real)
    assert found["operator"].parameters.get("scene", True) is True
    assert found["recorder"].parameters["task"] == "pick"


def test_images_of_the_cameras_are_published_and_recorded() -> None:
    found = nodes(chosen(obs=Obs.IMAGES))
    assert found["renderer"].parameters["cameras"] == ["front", "wrist"]
    assert "camera/wrist/color/image_raw" in found["recorder"].parameters["topics"]  # type: ignore[operator]
    assert not [topic for topic in found["recorder"].parameters["topics"] if "objects" in topic]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"robot": "sim"}, "robot sim follows no device; use robot mujoco"),
        ({"task": "lift_in_joints"}, "the actions of this task are joints"),
    ],
)
def test_what_cannot_be_demonstrated_is_refused(options: dict[str, Any], why: str) -> None:
    with pytest.raises(GraphError, match=why):
        teleop_graph(chosen(**options), {}, 0)
