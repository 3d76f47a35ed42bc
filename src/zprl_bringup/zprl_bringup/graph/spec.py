"""The ROS graph as data: which nodes, with which parameters and remappings.

Launch files and the runner read the same Graph, so both start the same thing. Nothing here imports ROS.
"""

import signal
from dataclasses import dataclass, field

from zprl_core.config.yaml_file import ros_yaml

Scalar = bool | int | float | str
Parameter = Scalar | list[str] | list[float]

RESPAWN_DELAY_S = 1.0


class GraphError(Exception):
    """A graph cannot be built, started or kept running; the message says why and what to do."""


@dataclass(frozen=True)
class NodeSpec:
    """One node: what a launch file would say of it."""

    package: str  # ROS package; "": executable is the full path of a script
    executable: str
    name: str
    namespace: str = ""  # without slashes; "" is the root
    parameters: dict[str, Parameter] = field(default_factory=dict)
    remappings: tuple[tuple[str, str], ...] = ()
    respawn: bool = False
    respawn_delay_s: float = RESPAWN_DELAY_S
    respawn_max: int = 5  # starts within a minute after which its end is the graph's
    env: dict[str, str] = field(default_factory=dict)
    is_arm: bool = False  # publishes arm/status
    shares: str = ""  # path of the enclave whose permissions it has; "": one of its own, with its full name

    def __post_init__(self) -> None:
        if "/" in self.name or self.namespace.startswith("/"):
            raise ValueError(f"a node's name has no slash and its namespace no leading one, got {self.full_name!r}")
        if self.respawn_delay_s <= 0:
            raise ValueError(f"respawn_delay_s must be positive, got {self.respawn_delay_s}")
        empty = [key for key, value in self.parameters.items() if value == []]
        if empty:
            raise ValueError(f"ROS cannot tell the type of an empty list: leave out {', '.join(empty)}")

    @property
    def full_name(self) -> str:
        """/namespace/name"""
        return f"/{self.namespace}/{self.name}" if self.namespace else f"/{self.name}"

    @property
    def enclave(self) -> str:
        """Where its permissions are."""
        return self.shares or self.full_name

    @property
    def label(self) -> str:
        """The name that logs and messages use: policy, or robot_1.policy."""
        return self.full_name[1:].replace("/", ".")


@dataclass(frozen=True)
class Graph:
    """Nodes that run together. `env` is for all of them, where the caller leaves it open."""

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

    def find(self, executable: str) -> tuple[NodeSpec, ...]:
        """The nodes that run this executable."""
        return tuple(node for node in self.nodes if node.executable == executable)


@dataclass(frozen=True)
class Grace:
    """How long a node may take to end, signal by signal, s."""

    sigint: float = 20.0  # the learner writes a checkpoint
    sigterm: float = 3.0

    @property
    def stages(self) -> tuple[tuple[signal.Signals, float], ...]:
        return (signal.SIGINT, self.sigint), (signal.SIGTERM, self.sigterm), (signal.SIGKILL, 5.0)


def parameter_yaml(spec: NodeSpec, node: str = "") -> str:
    """The node's parameters as a ROS parameter file, for the node of that name (default: its own)."""
    return ros_yaml({node or spec.full_name: {"ros__parameters": dict(spec.parameters)}})
