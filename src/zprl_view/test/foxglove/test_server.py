"""Channels and viewers of the server of the foxglove-sdk."""

import struct
from collections.abc import Iterator

import pytest

from foxglove_client import FoxgloveClient
from zprl_view.foxglove.server import FoxgloveServer

KIND, TEXT = "std_msgs/msg/String", "string data\n"
HELLO = b"\x00\x01\x00\x00" + struct.pack("<I", 6) + b"hello\x00"


@pytest.fixture
def server() -> Iterator[FoxgloveServer]:
    server = FoxgloveServer("127.0.0.1", 0, 64, lambda url: None)
    yield server
    server.stop()


@pytest.fixture
def viewer(server: FoxgloveServer) -> Iterator[FoxgloveClient]:
    viewer = FoxgloveClient(server.address)
    yield viewer
    viewer.close()


def test_a_viewer_decodes_a_message_by_the_definition(server: FoxgloveServer, viewer: FoxgloveClient) -> None:
    server.advertise("/hello", KIND, TEXT)
    viewer.until(lambda: "/hello" in viewer.channels)
    viewer.subscribe(["/hello"])
    viewer.until(server.newcomers)
    server.send("/hello", HELLO)
    viewer.until(lambda: viewer.heard["/hello"])
    assert viewer.decoded("/hello", viewer.heard["/hello"][0]).data == "hello"


def test_newcomers_are_reported_once_and_viewers_counted(server: FoxgloveServer, viewer: FoxgloveClient) -> None:
    for topic in ("/a", "/b"):
        server.advertise(topic, KIND, TEXT)
    other = FoxgloveClient(server.address)
    for client in (viewer, other):
        client.until(lambda client=client: len(client.channels) == 2)  # type: ignore[misc]
        client.subscribe(["/a"])
        client.until(lambda: server.newcomers() == {"/a"})
    assert server.newcomers() == set() and server.watched == {"/a"} and server.viewers == 2
    other.close()
    viewer.until(lambda: server.newcomers() or server.viewers == 1)
    assert server.watched == {"/a"}
    viewer.unsubscribe("/a")
    viewer.until(lambda: server.newcomers() or not server.watched)


def test_a_port_in_use_is_an_error_with_a_remedy(server: FoxgloveServer) -> None:
    port = int(server.address.rpartition(":")[2])
    with pytest.raises(OSError, match=rf"cannot listen on 127.0.0.1 port {port}: .*; choose another host or port"):
        FoxgloveServer("127.0.0.1", port, 64, lambda url: None)


def test_a_port_is_free_again_after_stop(server: FoxgloveServer) -> None:
    port = int(server.address.rpartition(":")[2])
    server.stop()
    again = FoxgloveServer("127.0.0.1", port, 64, lambda url: None)
    again.stop()
