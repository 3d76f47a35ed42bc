"""The state and the problem of nodes, asked over ROS."""

import os
from collections.abc import Iterator

import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("zprl_msgs", reason="the workspace is not built: make build")

from rclpy.node import Node  # noqa: E402

from lifecycle_harness import LifecycleHarness  # noqa: E402
from zprl_cli.health.node_health import NodeHealth  # noqa: E402
from zprl_cli.health.ros.examine import examine  # noqa: E402
from zprl_core.ros.managed_node import ManagedNode  # noqa: E402

pytestmark = pytest.mark.ros
DOMAIN = 1 + os.getpid() % 9
LONG_S = 60.0  # ends as soon as all is known


class Fussy(ManagedNode):
    """A node with a problem of its choice."""

    problem = ""

    def __init__(self) -> None:
        super().__init__("fussy")

    def configure(self) -> None:
        """Needs nothing."""

    def health(self) -> tuple[str, dict[str, object]]:
        return self.problem, {}


@pytest.fixture
def fussy() -> Iterator[LifecycleHarness]:
    harness = LifecycleHarness(DOMAIN, Fussy)
    yield harness
    harness.close()


def look(within_s: float = LONG_S, *names: str) -> list[NodeHealth]:
    return examine(names, DOMAIN, within_s, settle_s=5.0)


def test_state_and_problem(fussy: LifecycleHarness) -> None:
    assert look(5.0, "/fussy", "/gone") == [
        NodeHealth("/fussy", True, True, "unconfigured"),
        NodeHealth("/gone", present=False),
    ]
    assert fussy.client.change("configure") and fussy.client.change("activate")
    assert look(LONG_S, "/fussy") == [NodeHealth("/fussy", True, True, "active")]
    fussy.node.problem = "too loud"  # type: ignore[attr-defined]
    fussy.lives()
    heard = look(5.0, "/fussy")
    assert heard == [NodeHealth("/fussy", True, True, "active", "too loud")]


def test_a_node_that_answers_is_there_before_its_name_is_known(
    fussy: LifecycleHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Node, "get_node_names_and_namespaces", lambda self: [])
    assert fussy.client.change("configure") and fussy.client.change("activate")
    assert look(LONG_S, "/fussy") == [NodeHealth("/fussy", True, True, "active")]


def test_nodes_of_an_unknown_graph(fussy: LifecycleHarness) -> None:
    """With ros2 launch the nodes are those that are there."""
    assert [node.name for node in look(8.0)] == ["/fussy"]


def test_a_node_without_lifecycle(fussy: LifecycleHarness) -> None:
    (client,) = look(5.0, "/client")
    assert (client.word, client.healthy) == ("running", True)
