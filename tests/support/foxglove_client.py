"""A viewer of the foxglove-sdk's WebSocket server: it decodes messages by the schemas that it is given."""

import json
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from mcap.records import Schema
from mcap_ros2.decoder import DecoderFactory
from websockets.sync.client import connect

SUBPROTOCOL = "foxglove.sdk.v1"
MESSAGE, ASSET = 1, 4  # opcodes of binary messages
# The answer to a subscription that came sooner after the channel was offered than the server had noted that it offers
# it (foxglove-sdk 0.30.3): it is lost, and the viewer must ask again.
UNKNOWN = "Unknown channel ID: "


@dataclass(frozen=True)
class Channel:
    """A topic as the server advertises it."""

    id: int
    topic: str
    encoding: str
    schemaName: str  # noqa: N815, as in the protocol
    schemaEncoding: str  # noqa: N815
    schema: str


class FoxgloveClient:
    """Keeps the channels, and the serialized messages of those that it subscribed to, by topic."""

    def __init__(self, address: str) -> None:
        self._socket = connect(address, subprotocols=[SUBPROTOCOL], max_size=None, legacy=True)  # type: ignore[list-item]
        self.info: dict[str, Any] = {}
        self.channels: dict[str, Channel] = {}
        self.heard: dict[str, list[bytes]] = {}
        self.assets: dict[int, bytes | None] = {}
        self._subscribed: dict[int, str] = {}
        self._decoders: dict[str, Callable[[bytes], Any]] = {}

    def subscribe(self, topics: Iterable[str]) -> None:
        """Asks for the messages of topics that are advertised."""
        numbers = []
        for topic in topics:
            numbers.append(len(self._subscribed) + 1)
            self._subscribed[numbers[-1]] = topic
            self.heard.setdefault(topic, [])
        self._ask(numbers)

    def unsubscribe(self, topic: str) -> None:
        """Asks for no more messages of a topic."""
        numbers = [number for number, name in self._subscribed.items() if name == topic]
        self._socket.send(json.dumps({"op": "unsubscribe", "subscriptionIds": numbers}))

    def fetch(self, url: str) -> bytes | None:
        """The content of a URL; None when the server refuses it."""
        number = len(self.assets) + 1
        self._socket.send(json.dumps({"op": "fetchAsset", "uri": url, "requestId": number}))
        self.until(lambda: number in self.assets)
        return self.assets[number]

    def decoded(self, topic: str, message: bytes) -> Any:
        """A message, decoded by the definition that the server advertised."""
        if topic not in self._decoders:
            c = self.channels[topic]
            schema = Schema(id=c.id, name=c.schemaName, encoding=c.schemaEncoding, data=c.schema.encode())
            decoder = DecoderFactory().decoder_for(c.encoding, schema)
            assert decoder is not None, c
            self._decoders[topic] = decoder
        return self._decoders[topic](message)

    def until(self, condition: Callable[[], Any], timeout_s: float = 600.0) -> None:
        end = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < end, (
                f"waited {timeout_s} s; offered {sorted(self.channels)}, heard {self.counts()}"
            )
            self.listen(0.05)

    def listen(self, seconds: float) -> None:
        """Takes one message of the server, if there is one within this time."""
        try:
            message = self._socket.recv(timeout=seconds)
        except TimeoutError:
            return
        if isinstance(message, str):
            self._on_text(json.loads(message))
        else:
            self._on_binary(message)

    def counts(self) -> dict[str, int]:
        return {topic: len(messages) for topic, messages in self.heard.items()}

    def close(self) -> None:
        self._socket.close()

    def _ask(self, numbers: Iterable[int]) -> None:
        asked = [{"id": number, "channelId": self.channels[self._subscribed[number]].id} for number in numbers]
        self._socket.send(json.dumps({"op": "subscribe", "subscriptions": asked}))

    def _on_text(self, message: dict[str, Any]) -> None:
        if message["op"] == "serverInfo":
            self.info = message
        elif message["op"] == "advertise":
            for channel in message["channels"]:
                self.channels[channel["topic"]] = Channel(**channel)
        elif message["op"] == "status" and message["message"].startswith(UNKNOWN):
            channel = int(message["message"].removeprefix(UNKNOWN))
            self._ask(n for n, topic in self._subscribed.items() if self.channels[topic].id == channel)

    def _on_binary(self, message: bytes) -> None:
        if message[0] == MESSAGE:
            number, _ = struct.unpack_from("<IQ", message, 1)
            self.heard[self._subscribed[number]].append(message[13:])
        elif message[0] == ASSET:
            number, failed, _ = struct.unpack_from("<IBI", message, 1)
            self.assets[number] = None if failed else message[10:]
