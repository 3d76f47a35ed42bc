"""Judges the nodes of a running graph."""

from collections.abc import Sequence
from dataclasses import dataclass

ACTIVE = "active"


@dataclass(frozen=True)
class NodeHealth:
    """The condition of one node."""

    name: str  # full name
    present: bool  # found in the ROS graph
    managed: bool = False  # offers the services of the lifecycle
    state: str = ""  # label of its lifecycle state; "": it did not answer
    problem: str = ""  # its own word on /diagnostics, where that is not OK

    @property
    def word(self) -> str:
        """Its state in a word or two."""
        if not self.present:
            return "missing"
        if not self.managed:
            return "running"
        return self.state or "no answer"

    @property
    def healthy(self) -> bool:
        """True for a node that runs, is active where it has a lifecycle, and reports no problem."""
        return self.word in (ACTIVE, "running") and not self.problem


def healthy(nodes: Sequence[NodeHealth]) -> bool:
    """True when there are nodes, and all of them are healthy."""
    return bool(nodes) and all(node.healthy for node in nodes)
