"""The publishers, subscriptions and other entities that a node creates after a moment, and their end."""

from collections.abc import Callable, Iterator
from typing import Any

from rclpy.action import ActionClient, ActionServer
from rclpy.lifecycle import LifecycleNode


class Entities:
    """Destroys what a node has created since `watch`, so that it can create it again."""

    def __init__(self, node: LifecycleNode):
        self._node = node
        self._kept: set[int] | None = None  # ids of the entities that outlive a cleanup; None before `watch`

    def watch(self) -> None:
        """Keep what exists now."""
        self._kept = {id(entity) for entity, _ in self._all()}

    def destroy(self) -> None:
        """Destroy what was created since `watch`."""
        if self._kept is None:
            return
        for entity, destroy in list(self._all()):
            if id(entity) not in self._kept:
                destroy(entity)

    def _all(self) -> Iterator[tuple[Any, Callable[[Any], object]]]:
        """Every entity with the function that destroys it. A publisher takes its event handlers with it."""
        node = self._node
        for entities, destroy in (
            (node.timers, node.destroy_timer),
            (node.subscriptions, node.destroy_subscription),
            (node.publishers, node.destroy_lifecycle_publisher),
            (node.services, node.destroy_service),
            (node.clients, node.destroy_client),
        ):
            for entity in entities:
                yield entity, destroy
        for waitable in node.waitables:
            if isinstance(waitable, (ActionServer, ActionClient)):
                yield waitable, lambda action: action.destroy()
