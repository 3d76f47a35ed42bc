"""The address at which the console listens."""

import errno
import os
import socket

EVERY = ("0.0.0.0", "::")  # all addresses of the machine


def check_port(host: str, port: int) -> None:
    """Raises ValueError with the remedy when the console cannot listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ValueError(f"port {port} of {host} is in use by another program; give another --port") from None
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise ValueError(f"--host {host} is no address of this machine; 0.0.0.0 is all of them") from None
        if error.errno == errno.EACCES:
            raise ValueError(f"port {port} is reserved for the administrator; give a --port from 1024 on") from None
        raise ValueError(f"cannot listen on {host}, port {port}: {os.strerror(error.errno or 0)}") from None


def addresses(host: str, port: int, token: str) -> list[str]:
    """Return the addresses to open in a browser, with the token."""
    names = [socket.gethostname(), *_outward()] if host in EVERY else [host]
    query = f"?token={token}" if token else ""
    return [f"http://{f'[{name}]' if ':' in name else name}:{port}/{query}" for name in names]


def _outward() -> list[str]:
    """Return the address of this machine towards others; none without a network. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation; a datagram socket only chooses a route
        except OSError:
            return []
        return [probe.getsockname()[0]]
