"""When lockstep goes on: at the answer to the newest state, or at a request."""

import select
import socket
import struct

import pytest

pytest.importorskip("franky_sim", reason="franky-sim is not installed")

from zprl_sim.fci.seldom import EVERY, Seldom
from zprl_sim.fci.server import COMMAND_BYTES, FciRobotServer


class Connected(FciRobotServer):
    """A server whose driver is the other end of two pairs of sockets; ten states have been sent, 0 to 9."""

    def __init__(self) -> None:
        self._requests, self._received, self.handled = Seldom(), [], list[int]()
        self.driver, udp = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.requests, tcp = socket.socketpair()
        for each in (udp, tcp):
            each.setblocking(False)
        self._FrankaServer__udp_socket, self._FrankaServer__tcp_socket = udp, tcp
        self._FrankaServer__message_id = 10
        self._FrankaServer__client_udp_port = 1

    def answer(self, number: int) -> None:
        self.driver.send(struct.pack("<Q", number).ljust(COMMAND_BYTES, b"\0"))

    def _handle_udp_command(self, command_data: bytes) -> None:
        self.handled.append(struct.unpack_from("<Q", command_data)[0])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Connected:
    """A server whose driver answers state 9 once it has been waited for a second time."""
    connected, real = Connected(), select.select
    waits: list[int] = []

    def wait(*arguments):
        waits.append(1)
        if len(waits) == 2:
            connected.answer(9)
        return real(*arguments)

    monkeypatch.setattr("zprl_sim.fci.server.select.select", wait)
    return connected


def test_an_answer_to_an_earlier_state_is_not_enough(server: Connected) -> None:
    server.answer(8)
    server.wait_for_command(600.0)
    assert server._process_udp_commands() and server.handled == [8, 9]
    assert not server._process_udp_commands()


def test_a_request_ends_the_wait_and_is_due_at_once(server: Connected) -> None:
    assert server._requests.due() and not server._requests.due()
    server.requests.send(b"x")
    server.wait_for_command(600.0)
    assert server._requests.due() and server.handled == []


def test_a_driver_that_does_not_answer_is_not_waited_for_longer(server: Connected) -> None:
    server.wait_for_command(1e-6)
    assert server.handled == []


def test_without_lockstep_every_command_is_handled(server: Connected) -> None:
    for number in (7, 8):
        server.answer(number)
    assert server._process_udp_commands() and server.handled == [7, 8]


def test_commands_of_a_driver_that_is_gone_are_forgotten(server: Connected) -> None:
    server.answer(9)
    assert server._receive()
    server._FrankaServer__udp_socket = None
    assert not server._process_udp_commands() and not server._newest_answered and server.handled == []


def test_requests_are_looked_for_every_fourth_time() -> None:
    seldom = Seldom()
    assert [seldom.due() for _ in range(2 * EVERY)] == [True, False, False, False] * 2
