"""Topics, services and actions as values: a name, a type, and the publishers and clients that a node makes of them."""

import builtins
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from rclpy.client import Client
from rclpy.lifecycle import LifecycleNode
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from rclpy.service import Service as RclpyService
from rclpy.subscription import Subscription

M = TypeVar("M")
T = TypeVar("T")


@dataclass(frozen=True)
class Topic(Generic[M]):
    """A topic. Relative names are in the node's namespace; `{name}` stands for an object or a camera.

    `qos` is the publisher's, and a subscriber's unless that gives its own.
    """

    name: str
    type: builtins.type[M]
    qos: QoSProfile

    def under(self, namespace: str) -> "Topic[M]":
        """The topic in a namespace, for example of one of several arms; "" changes nothing."""
        return replace(self, name=f"{namespace.rstrip('/')}/{self.name}") if namespace else self

    def of(self, name: str) -> "Topic[M]":
        """The topic of the object or camera `name`."""
        return replace(self, name=self.name.format(name=name))

    def publisher(self, node: Node) -> Publisher:
        """A publisher of the node."""
        return node.create_publisher(self.type, self.name, self.qos)

    def lifecycle_publisher(self, node: LifecycleNode, qos: QoSProfile | None = None) -> Publisher:
        """A publisher that publishes only while the node is active."""
        return node.create_lifecycle_publisher(self.type, self.name, qos or self.qos)

    def subscribe(
        self,
        node: Node,
        callback: Callable[[M], None] | Callable[[M, dict[str, int]], None],
        qos: QoSProfile | None = None,
        raw: bool = False,
    ) -> Subscription:
        """A subscription of the node. `raw`: the callback receives serialized bytes.

        A second argument of the callback receives the message's times [ns], source_timestamp and received_timestamp.
        """
        return node.create_subscription(self.type, self.name, callback, qos or self.qos, raw=raw)


@dataclass(frozen=True)
class Service(Generic[T]):
    """A service. Relative names are in the node's namespace."""

    name: str
    type: builtins.type[T]

    def serve(self, node: Node, callback: Callable[[Any, Any], Any]) -> RclpyService:
        """Offer the service; the callback fills and returns the response."""
        return node.create_service(self.type, self.name, callback)

    def client(self, node: Node) -> Client:
        """A client of the service."""
        return node.create_client(self.type, self.name)


@dataclass(frozen=True)
class Action(Generic[T]):
    """An action. Relative names are in the node's namespace."""

    name: str
    type: builtins.type[T]
