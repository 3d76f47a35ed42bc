"""Decides which HTTP requests and WebSockets the console admits. No server, no ROS.

A page of another site in the same browser is kept out by two headers that it cannot forge. `Host`: the site's own
name, when its address was changed to that of the console (DNS rebinding). `Origin`: the site that sends the request. An
address in numbers needs no name server, so that every address is admitted as a host.
"""

import hashlib
import hmac
import secrets
import socket
from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
SHORTEST_TOKEN = 16
LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


class Verdict(Enum):
    """The answer to a request."""

    ADMIT = 200
    SIGN_IN = 303  # the address has the right token: set the cookie, and lead to the address without it
    NO_TOKEN = 401
    FORBIDDEN = 403


@dataclass(frozen=True)
class Asked:
    """The parts of a request that decide about it; "" for a header that is not there."""

    host: str
    origin: str = ""
    cookie: str = ""
    query: str = ""
    websocket: bool = False
    reads: bool = True  # GET or HEAD


@dataclass(frozen=True)
class Access:
    """The names by which the console may be addressed, and the token that it demands; "": none."""

    names: frozenset[str]
    token: str = ""
    cookie_name: str = "zprl_console"

    @property
    def cookie(self) -> str:
        """Value of the cookie of a browser that has shown the token; the token cannot be computed from it."""
        return hmac.new(self.token.encode(), b"zprl console", hashlib.sha256).hexdigest()

    def verdict(self, asked: Asked) -> tuple[Verdict, str]:
        """Return the answer, and the reason for a refusal."""
        if not self._is_own(asked.host):
            return Verdict.FORBIDDEN, "this console does not have that name; open it by its address in numbers"
        if not _is_same_site(asked):
            return Verdict.FORBIDDEN, "the request comes from a page of another site"
        if not self.token or self._has_cookie(asked.cookie):
            return Verdict.ADMIT, ""
        if asked.reads and not asked.websocket and self._is_token(asked.query):
            return Verdict.SIGN_IN, ""
        return Verdict.NO_TOKEN, "open the address with ?token=... that zprl console has printed"

    def _is_own(self, host: str) -> bool:
        name = host_name(host)
        return name in self.names or _is_address(name)

    def _has_cookie(self, header: str) -> bool:
        pairs = (part.strip().partition("=") for part in header.split(";"))
        return any(name == self.cookie_name and _same(value, self.cookie) for name, _, value in pairs)

    def _is_token(self, query: str) -> bool:
        try:
            given = parse_qs(query, max_num_fields=20).get("token", [])
        except ValueError:
            return False
        return len(given) == 1 and _same(given[0], self.token)


def access_of(host: str, port: int, token: str) -> Access:
    """Return the access of a console at this host and port. A host that others reach always has a token.

    Raises ValueError for a token that could be guessed or does not fit into an address.
    """
    if token and (len(token) < SHORTEST_TOKEN or not set(token) <= LETTERS):
        raise ValueError(
            f"--token must have at least {SHORTEST_TOKEN} letters, digits, - or _; leave it out, and one is made"
        )
    if not token and host.lower() not in LOCAL:
        token = secrets.token_urlsafe(24)
    own = {socket.gethostname().lower(), f"{socket.gethostname()}.local".lower()}
    return Access(LOCAL | own | {host.lower()}, token, f"zprl_console_{port}")


def host_name(host: str) -> str:
    """Return the name or address in a Host header, without the port; "" for one that is malformed."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises ValueError for one that is no number
        plain = parts.username is None and not (parts.path or parts.query or parts.fragment)
        return (parts.hostname or "") if plain else ""
    except ValueError:
        return ""


def _is_same_site(asked: Asked) -> bool:
    if not asked.origin:
        return not asked.websocket and asked.reads  # browsers name the origin of every WebSocket and every POST
    try:
        origin = urlsplit(asked.origin)
    except ValueError:
        return False
    return origin.scheme in ("http", "https") and origin.netloc.lower() == asked.host.lower()


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
        return True
    except ValueError:
        return False


def _same(given: str, wanted: str) -> bool:
    """Compare in a time that says nothing about how much is right."""
    return hmac.compare_digest(given.encode(), wanted.encode())
