"""A graph does not start beside nodes with its names."""

import os

import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from listener import Listener  # noqa: E402
from zprl_bringup.graph.spec import Graph, GraphError, NodeSpec  # noqa: E402
from zprl_bringup.ros.namesakes import check_namesakes  # noqa: E402

pytestmark = pytest.mark.ros
DOMAIN = 1 + os.getpid() % 9


def test_a_node_of_the_same_name_keeps_a_graph_from_starting() -> None:
    said: list[str] = []
    lab = Listener(DOMAIN)
    own, other = (NodeSpec("p", "e", lab.node.get_name(), space) for space in ("", "robot_2"))
    try:
        refused = rf"^/{own.name} already in ROS domain {DOMAIN}, perhaps on another machine"
        with pytest.raises(GraphError, match=refused):
            check_namesakes(Graph((own, other)), DOMAIN, said.append, gone_s=1.0)
        assert len(said) == 1 and "waiting up to 1 s for killed ones to go" in said[0]
        check_namesakes(Graph((other,)), DOMAIN, said.append)
        assert len(said) == 1
    finally:
        lab.close()


def test_a_node_that_goes_is_waited_for() -> None:
    lab = Listener(DOMAIN)
    graph = Graph((NodeSpec("p", "e", lab.node.get_name()),))
    check_namesakes(graph, DOMAIN, lambda words: lab.close(), gone_s=600.0)
