"""A WebSocket server of Foxglove: its channels, and which of them a viewer has subscribed to."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

import foxglove
from foxglove.websocket import ChannelView, Client

CDR, ROS2MSG = "cdr", "ros2msg"  # Foxglove's names of the encodings of messages and of their definitions
PATIENCE_S = 1.0  # `stop` of an earlier server returns a moment before its port is free (foxglove-sdk 0.30.3)


@dataclass(frozen=True)
class _Change:
    """A viewer has subscribed to a topic, or no longer has."""

    subscribed: bool
    topic: str
    viewer: int


class _Listener(foxglove.websocket.ServerListener):
    """Queues what the threads of the SDK report."""

    def __init__(self) -> None:
        self.changes: SimpleQueue[_Change] = SimpleQueue()

    def on_subscribe(self, client: Client, channel: ChannelView) -> None:
        self.changes.put(_Change(True, channel.topic, client.id))

    def on_unsubscribe(self, client: Client, channel: ChannelView) -> None:
        """Also called for each subscription of a viewer that disconnects."""
        self.changes.put(_Change(False, channel.topic, client.id))


class FoxgloveServer:
    """Read-only: it offers no services and no parameters, and takes no messages from viewers."""

    def __init__(self, host: str, port: int, backlog: int, asset: Callable[[str], bytes | None]):
        """Listens at once. `asset`: the content of a URL that a viewer asks for, such as a mesh; None: refused.

        Raises OSError when it cannot listen there.
        """
        self._listener, self._context = _Listener(), foxglove.Context()
        self._channels: dict[str, foxglove.Channel] = {}
        self._viewers: dict[str, set[int]] = {}  # by topic
        self._server = _started(
            name="zprl",
            host=host,
            port=port,
            server_listener=self._listener,
            context=self._context,
            message_backlog_size=backlog,
            asset_handler=asset,
        )
        shown = f"[{host}]" if ":" in host else host
        self.address = f"ws://{shown}:{self._server.port}"

    @property
    def topics(self) -> set[str]:
        """The topics that are advertised."""
        return set(self._channels)

    @property
    def watched(self) -> set[str]:
        """The topics that have a viewer, as of the last `newcomers`."""
        return set(self._viewers)

    @property
    def viewers(self) -> int:
        """The number of viewers that have subscribed to a topic."""
        return len(set().union(*self._viewers.values()))

    def advertise(self, topic: str, kind: str, definition: str) -> None:
        """Offers a topic. `kind`: as zprl_msgs/msg/ArmStatus. `definition`: its text, with those of its parts."""
        schema = foxglove.Schema(name=kind, encoding=ROS2MSG, data=definition.encode())
        self._channels[topic] = foxglove.Channel(topic, schema=schema, message_encoding=CDR, context=self._context)

    def send(self, topic: str, data: bytes) -> None:
        """Sends a serialized message to the viewers of a topic, without waiting for them."""
        self._channels[topic].log(data)

    def newcomers(self) -> set[str]:
        """Returns the topics to which a viewer has subscribed since the last call."""
        found: set[str] = set()
        while True:
            try:
                change = self._listener.changes.get_nowait()
            except Empty:
                return found & self.watched
            if change.subscribed:
                self._viewers.setdefault(change.topic, set()).add(change.viewer)
                found.add(change.topic)
            elif viewers := self._viewers.get(change.topic):
                viewers.discard(change.viewer)
                if not viewers:
                    del self._viewers[change.topic]

    def stop(self) -> None:
        """Closes every connection."""
        self._server.stop()


def _started(host: str, port: int, **options: Any) -> foxglove.websocket.WebSocketServer:
    """Starts a server. Raises OSError when it cannot listen there."""
    end_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            return foxglove.start_server(host=host, port=port, **options)
        except RuntimeError as error:
            if "in use" not in str(error) or time.monotonic() > end_s:
                said = f"cannot listen on {host} port {port}: {error}; choose another host or port"
                raise OSError(said) from None
            time.sleep(0.02)
