"""A node is well when it runs, is active where it has a lifecycle, and reports no problem."""

from collections.abc import Sequence

import pytest

from zprl_cli.health.health import show
from zprl_cli.health.node_health import NodeHealth, healthy

WELL = NodeHealth("/policy", present=True, managed=True, state="active")
FOREIGN = NodeHealth("/scan", present=True)


@pytest.mark.parametrize(
    ("node", "word", "well"),
    [
        (WELL, "active", True),
        (FOREIGN, "running", True),  # a node of another package may have no lifecycle
        (NodeHealth("/learner", present=False), "missing", False),
        (NodeHealth("/learner", present=True, managed=True), "no answer", False),
        (NodeHealth("/learner", present=True, managed=True, state="inactive"), "inactive", False),
        (NodeHealth("/arm", True, True, "active", "the arm is in fault"), "active", False),
    ],
)
def test_word(node: NodeHealth, word: str, well: bool) -> None:
    assert node.word == word
    assert node.healthy == well


@pytest.mark.parametrize(
    ("nodes", "well"),
    [([], False), ([WELL, FOREIGN], True), ([WELL, NodeHealth("/learner", present=False)], False)],
)
def test_graph(nodes: Sequence[NodeHealth], well: bool) -> None:
    assert healthy(nodes) == well


def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    show([WELL, NodeHealth("/arm", True, True, "active", "in fault")])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        ["node", "state", "problem"],
        ["/policy", "active"],
        ["/arm", "active", "in", "fault"],
        ["1", "of", "2", "nodes", "not", "well"],
    ]
