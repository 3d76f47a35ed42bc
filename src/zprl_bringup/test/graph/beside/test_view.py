"""The view node of a graph shows what the graph's policy observes."""

from pathlib import Path

import pytest

from tiny import tiny_base
from zprl_bringup.graph.graphs import finetune_graph, sim_graph, view_graph
from zprl_bringup.graph.run_options import RunOptions
from zprl_bringup.graph.settings import GraphSettings
from zprl_bringup.graph.spec import NodeSpec
from zprl_sim.tasks.catalog import task_named
from zprl_view.settings import ViewSettings


def view_of(**options: object) -> NodeSpec:
    settings = GraphSettings("run", Path("/runs/run"), RunOptions(**options))  # type: ignore[arg-type]
    (node,) = view_graph(settings).nodes
    ViewSettings(**{name: tuple(x) if isinstance(x, list) else x for name, x in node.parameters.items()})  # type: ignore[arg-type]
    return node


def test_objects_limits_and_goal_are_those_of_the_task() -> None:
    shown = view_of(task="pick_to_tray").parameters
    assert shown["objects"] == ["cube", "tray"] and shown["frame"] == "fr3_link0"
    assert shown["low"] == [0.28, -0.30, 0.012] and shown["high"] == [0.66, 0.30, 0.42]
    goal = task_named("pick_to_tray").goal
    assert goal is not None and shown["goal_low"] == list(goal.low) and shown["goal_around"] == "tray"


def test_two_arms_have_their_namespaces() -> None:
    shown = view_of(task="two_arm_lift").parameters
    assert shown["arms"] == ["left", "right"] and shown["frame"] == "world"


def test_it_is_in_the_graph_only_when_chosen(tmp_path: Path) -> None:
    tiny_base(tmp_path / "base")
    for view in (False, True):
        settings = GraphSettings("run", tmp_path, RunOptions(base=tmp_path / "base", view=view, robots=2))
        assert len(finetune_graph(settings).find("view_node")) == (2 if view else 0)
        assert len(sim_graph(settings).find("view_node")) == (2 if view else 0)


@pytest.mark.parametrize("base", ["tray", "cube"])
def test_a_goal_around_an_object_that_is_not_seen_is_left_out(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from zprl_bringup.graph.beside import view

    goal = view._goal("pick_to_tray", [base])
    assert bool(goal) is (base == "tray")
