"""Describes the ROS graph as data: its nodes with their parameters and remappings.

Launch files and the runner read the same Graph, so both start the same nodes. This module imports no ROS.
"""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field

from zprl_core.config.yaml_file import ros_yaml

Scalar = bool | int | float | str
Parameter = Scalar | list[str] | list[float] | list[bool]

RESPAWN_DELAY_S = 1.0
NOT_CHOSEN = ("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")  # setup.bash sets it in every shell


class GraphError(Exception):
    """A graph cannot be built, started or kept running; the message gives the cause and the remedy."""


@dataclass(frozen=True)
class NodeSpec:
    """One node, with what a launch file specifies for it."""

    package: str  # ROS package; "": executable is the full path of a script
    executable: str
    name: str
    namespace: str = ""  # without slashes; "" is the root
    parameters: dict[str, Parameter] = field(default_factory=dict)
    remappings: tuple[tuple[str, str], ...] = ()
    respawn: bool = False
    respawn_delay_s: float = RESPAWN_DELAY_S
    respawn_max: int = 5  # when it ends after more starts than these within a minute, the graph ends
    env: dict[str, str] = field(default_factory=dict)
    is_arm: bool = False  # publishes arm/status
    terminal: bool = False  # reads the keyboard of the terminal that the graph is started from, and draws on it
    shares: str = ""  # path of an enclave shared with other nodes; "": its own, named by its full name

    def __post_init__(self) -> None:
        if "/" in self.name or self.namespace.startswith("/"):
            raise ValueError(f"a node's name has no slash and its namespace no leading one, got {self.full_name!r}")
        if self.respawn_delay_s <= 0:
            raise ValueError(f"respawn_delay_s must be positive, got {self.respawn_delay_s}")
        empty = [key for key, value in self.parameters.items() if value == []]
        if empty:
            raise ValueError(f"ROS cannot determine the type of an empty list; remove {', '.join(empty)}")

    @property
    def full_name(self) -> str:
        """The name with its namespace: /namespace/name."""
        return f"/{self.namespace}/{self.name}" if self.namespace else f"/{self.name}"

    @property
    def enclave(self) -> str:
        """Path of the enclave with the node's permissions."""
        return self.shares or self.full_name

    @property
    def label(self) -> str:
        """Name for logs and messages: policy, or robot_1.policy."""
        return self.full_name[1:].replace("/", ".")


@dataclass(frozen=True)
class Graph:
    """Nodes that run together. `env` sets variables for all of them that the caller's environment does not set."""

    nodes: tuple[NodeSpec, ...]
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [node.full_name for node in self.nodes]
        if len(set(names)) < len(names):
            raise ValueError(f"two nodes of one graph have the same name: {', '.join(sorted(names))}")

    @property
    def arms(self) -> tuple[NodeSpec, ...]:
        """The nodes that publish arm/status."""
        return tuple(node for node in self.nodes if node.is_arm)

    def variables(self, env: Mapping[str, str]) -> dict[str, str]:
        """Return `env` with the graph's variables where the user has not chosen another value."""
        return self.env | {name: value for name, value in env.items() if value and (name, value) != NOT_CHOSEN}

    def find(self, executable: str) -> tuple[NodeSpec, ...]:
        """The nodes that run this executable."""
        return tuple(node for node in self.nodes if node.executable == executable)


@dataclass(frozen=True)
class Grace:
    """Time that a node has to end after each signal [s]."""

    sigint: float = 20.0  # the learner writes a checkpoint
    sigterm: float = 3.0

    @property
    def stages(self) -> tuple[tuple[signal.Signals, float], ...]:
        return (signal.SIGINT, self.sigint), (signal.SIGTERM, self.sigterm), (signal.SIGKILL, 5.0)


def parameter_yaml(spec: NodeSpec, node: str = "") -> str:
    """Return the node's parameters as the text of a ROS parameter file.

    `node`: name of the node in the file; by default its full name.
    """
    return ros_yaml({node or spec.full_name: {"ros__parameters": dict(spec.parameters)}})
