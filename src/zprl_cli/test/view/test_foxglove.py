"""`zprl foxglove` becomes the Foxglove node of the running graph."""

import os
import sys
from pathlib import Path

import pytest

pytest.importorskip("rclpy")

from zprl_bringup.graph.spec import Graph, GraphError, NodeSpec
from zprl_bringup.runner import graphs_here
from zprl_bringup.runner.graph_note import GraphNote, noted
from zprl_bringup.runner.ros_domain import own_domain
from zprl_cli.view import foxglove
from zprl_cli.view.foxglove import Foxglove

GRAPH = Graph((NodeSpec("p", "x_node", "x"),), {"ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"})


def test_it_runs_the_node_with_the_variables_of_the_graph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ROS_DOMAIN_ID", raising=False)
    ran: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda *words: ran.append(words))
    with own_domain({}, tmp_path) as domain, noted(GRAPH, domain, {"ROS_DOMAIN_ID": str(domain), "A": "b"}, tmp_path):
        real = graphs_here.running_graphs
        monkeypatch.setattr(graphs_here, "running_graphs", lambda wanted: real(wanted, tmp_path))
        Foxglove(port=9000).main()
    ((program, words, env),) = ran
    assert program == words[0] == sys.executable and words[2] == "zprl_view.ros.foxglove_node"
    assert "port:=9000" in words and "host:='127.0.0.1'" in words
    assert (env["ROS_DOMAIN_ID"], env["A"]) == (str(domain), "b") and env["PATH"] == os.environ["PATH"]
    layout = Path(capsys.readouterr().out.strip().rpartition(": ")[2])
    assert layout.is_file()


def test_without_a_graph_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foxglove, "graphs_here", list[GraphNote])
    with pytest.raises(GraphError, match="no graph of this user runs here"):
        Foxglove().main()


def test_wrong_flags_are_refused() -> None:
    with pytest.raises(ValueError, match="port"):
        Foxglove(port=-1)
