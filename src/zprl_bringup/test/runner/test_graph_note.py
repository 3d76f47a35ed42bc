"""A running graph leaves a note that counts for as long as its process lives."""

import json
import os
from pathlib import Path

import pytest

from zprl_bringup.graph.spec import Graph, NodeSpec
from zprl_bringup.runner.graph_note import GraphNote, noted, running_graphs
from zprl_bringup.runner.ros_domain import own_domain, parts_of

LEARNER = NodeSpec("zprl_learner", "learner_node", "learner")
POLICY = NodeSpec("zprl_policy", "policy_node", "policy", "robot_1")
WHOLE = Graph((LEARNER, POLICY))
ENV = {"ROS_DOMAIN_ID": "7"}


def test_note_of_a_running_graph(tmp_path: Path) -> None:
    with own_domain(ENV, tmp_path, parts_of(WHOLE)) as domain, noted(WHOLE, domain, ENV, tmp_path):
        assert running_graphs(locks=tmp_path) == [GraphNote(7, ("/learner", "/robot_1/policy"), ENV)]
        assert running_graphs(7, tmp_path) == running_graphs(locks=tmp_path)
        assert running_graphs(8, tmp_path) == []
    assert running_graphs(locks=tmp_path) == []
    assert not list(tmp_path.glob("*.graph"))


def test_note_with_a_run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = Path("runs") / "lift"  # as on the command line; another program has another working folder
    with own_domain(ENV, tmp_path, parts_of(WHOLE)), noted(WHOLE, 7, ENV, tmp_path, run):
        assert [note.run_folder for note in running_graphs(7, tmp_path)] == [str(tmp_path / "runs" / "lift")]


def test_both_parts_of_a_run(tmp_path: Path) -> None:
    learner, robot = Graph((LEARNER,)), Graph((POLICY,))
    with (
        own_domain(ENV, tmp_path, parts_of(learner)),
        noted(learner, 7, ENV, tmp_path),
        own_domain(ENV, tmp_path, parts_of(robot)),
        noted(robot, 7, ENV, tmp_path),
    ):
        assert sorted(note.nodes for note in running_graphs(7, tmp_path)) == [("/learner",), ("/robot_1/policy",)]


def test_left_behind(tmp_path: Path) -> None:
    """A killed zprl leaves its note, but no longer holds the lock."""
    with own_domain(ENV, tmp_path, parts_of(WHOLE)), noted(WHOLE, 7, ENV, tmp_path):
        (note,) = tmp_path.glob("*.graph")
        kept = note.read_text()
    note.write_text(kept)
    assert running_graphs(locks=tmp_path) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"domain": 7}', json.dumps({"domain": "x", "nodes": [], "env": {}})])
def test_damaged(tmp_path: Path, text: str) -> None:
    with own_domain(ENV, tmp_path, parts_of(WHOLE)), noted(WHOLE, 7, ENV, tmp_path):
        (note,) = tmp_path.glob("*.graph")
        note.write_text(text)
        assert running_graphs(locks=tmp_path) == []


def test_link_of_another_program(tmp_path: Path) -> None:
    """The temporary folder is everyone's: a link in the place of the note is replaced, not followed."""
    target = tmp_path / "precious"
    target.write_text("kept")
    (tmp_path / f"zprl-ros-domain-7-{os.geteuid()}.graph").symlink_to(target)
    with own_domain(ENV, tmp_path, parts_of(WHOLE)), noted(WHOLE, 7, ENV, tmp_path):
        pass
    assert target.read_text() == "kept"
