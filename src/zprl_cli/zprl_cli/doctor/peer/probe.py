"""Measures round trip, loss, clock and rate to a machine that runs `zprl doctor --listen`."""

import contextlib
import socket
import time
from dataclasses import dataclass

from zprl_cli.doctor.peer.datagram import LONGEST, Echo, echo, question
from zprl_cli.doctor.peer.responder import COUNT

SMALL = 1400  # bytes: one Ethernet frame
ASKED, EVERY_S = 200, 0.01
LARGE, LARGE_ASKED = 60_000, 20  # bytes of a datagram in many frames
WAIT_S = 1.0  # for the last answers
SEND_S = 2.0


@dataclass(frozen=True)
class Link:
    """The network between two machines."""

    small: tuple[Echo, ...]
    small_asked: int
    large: tuple[Echo, ...]
    large_asked: int
    bytes_per_s: float


def measure(host: str, port: int, send_s: float = SEND_S) -> Link:
    """Measure the link. Raises OSError when the machine cannot be reached or refuses."""
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(socket.create_connection((host, port), timeout=5.0))
        rate = _rate(connection, send_s)
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        datagrams = stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
        datagrams.connect(address)
        small = _ask(datagrams, ASKED, SMALL)
        large = _ask(datagrams, LARGE_ASKED, LARGE)
    return Link(small, ASKED, large, LARGE_ASKED, rate)


def _ask(datagrams: socket.socket, count: int, size: int) -> tuple[Echo, ...]:
    """Ask at a steady rate, and collect the answers."""
    answers: dict[int, Echo] = {}
    begin_s = time.monotonic()
    for number in range(count):
        datagrams.send(question(number, time.time_ns(), size))
        _collect(datagrams, answers, begin_s + EVERY_S * (number + 1), count)
    _collect(datagrams, answers, time.monotonic() + WAIT_S, count)
    return tuple(answers.values())


def _collect(datagrams: socket.socket, answers: dict[int, Echo], end_s: float, count: int) -> None:
    """Collect answers until a time, or until there are `count`."""
    while (left_s := end_s - time.monotonic()) > 0 and len(answers) < count:
        datagrams.settimeout(left_s)
        try:
            found = echo(datagrams.recv(LONGEST), time.time_ns())
        except TimeoutError:
            return
        if found is not None:
            answers.setdefault(found.number, found)


def _rate(connection: socket.socket, send_s: float) -> float:
    """Send for a while. Returns bytes that arrived per second."""
    block, begin_s = bytes(1 << 16), time.monotonic()
    while time.monotonic() - begin_s < send_s:
        connection.sendall(block)
    connection.shutdown(socket.SHUT_WR)
    (received,) = COUNT.unpack(_exactly(connection, COUNT.size))
    return float(received / (time.monotonic() - begin_s))


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise ConnectionError("it closed the connection")
        data += more
    return data
