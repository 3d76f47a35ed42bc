"""The graph that plays a bag: who is in it, and on which robot it may play."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from zprl_bringup.graph.beside.playback import play_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import Graph, GraphError
from zprl_bringup.graph.station import Station
from zprl_core.obs import Obs
from zprl_sim.tasks.catalog import task_named

SETTINGS = GraphSettings("play", Path("/runs/play"), RunOptions(robot="mujoco", lockstep=False, deployed=False))
BAG, REPORT = Path("/bags/a"), Path("/runs/play/play.json")


def graph(settings: GraphSettings, task: str = "lift", obs: Obs = Obs.STATE) -> Graph:
    chosen = task_named(task)
    return play_graph(settings, BAG, (chosen.observed(obs), chosen.action), 0.5, REPORT)


def chosen(**options: Any) -> GraphSettings:
    return replace(SETTINGS, options=replace(SETTINGS.options, **options))


def test_the_player_is_in_the_place_of_the_policy() -> None:
    arm, player = graph(SETTINGS).nodes
    assert arm.name == "mujoco" and (player.executable, player.full_name) == ("player_node", "/policy")
    assert player.parameters == {"bag": str(BAG), "report": str(REPORT), "speed": 0.5}


def test_commands_are_not_amplified_again() -> None:
    """A bag has the targets that the arm was sent, with the gain of its station."""
    real = replace(chosen(robot="franky", hostname="172.16.0.2"), station=Station(task="pick", command_gain=3.0))
    (arm,) = graph(real).arms
    assert "command_gain" not in arm.parameters
    assert {node.name for node in graph(real).nodes} == {"arm", "operator", "policy"}


def test_what_the_base_observed_does_not_matter() -> None:
    assert len(graph(SETTINGS, obs=Obs.IMAGES).nodes) == 2


def test_a_robot_without_guards_is_refused() -> None:
    with pytest.raises(GraphError, match="robot sim has no guards to play under; use robot mujoco"):
        graph(chosen(robot="sim"))


def test_another_action_is_refused_with_the_difference() -> None:
    with pytest.raises(ValueError, match=r"the bag and task lift do not agree(?s:.*)rotation +rotation_vector +yaw"):
        graph(SETTINGS, task="lift_leaning")
