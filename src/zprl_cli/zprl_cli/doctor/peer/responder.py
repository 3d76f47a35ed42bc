"""Answers the probe of another machine: `zprl doctor --listen`."""

import contextlib
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from zprl_cli.doctor.peer.datagram import LONGEST, PORT, answer

SILENT_S = 10.0  # after such a silence a connection is closed
COUNT = struct.Struct("!Q")


class _Answer(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        there_ns = time.time_ns()
        data, reply_to = self.request
        reply = answer(data, there_ns, time.time_ns())
        if reply is not None:
            with contextlib.suppress(OSError):  # the other machine has gone
                reply_to.sendto(reply, self.client_address)


class _Sink(socketserver.BaseRequestHandler):
    """Counts what it receives, and says how much it was."""

    def handle(self) -> None:
        connection: socket.socket = self.request
        connection.settimeout(SILENT_S)
        received = 0
        with contextlib.suppress(OSError):
            while data := connection.recv(1 << 16):
                received += len(data)
            connection.sendall(COUNT.pack(received))


class _Datagrams(socketserver.UDPServer):
    max_packet_size = LONGEST
    allow_reuse_address = False


class _Connections(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def responder(port: int = PORT, address: str = "") -> Iterator[int]:
    """Answer until the block ends; yields the port (0: any that is free). Raises OSError when the port is taken."""
    with _Connections((address, port), _Sink) as connections:
        port = connections.server_address[1]
        with _Datagrams((address, port), _Answer) as datagrams:
            threads = [threading.Thread(target=s.serve_forever, daemon=True) for s in (connections, datagrams)]
            for thread in threads:
                thread.start()
            try:
                yield port
            finally:
                for server in (connections, datagrams):
                    server.shutdown()
                for thread in threads:
                    thread.join()
