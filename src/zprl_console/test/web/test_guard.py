"""What stands before the server: refusals, the cookie, and headers of every page."""

import asyncio
from typing import Any

from zprl_console.access import Access
from zprl_console.web.guard import Guard

ACCESS = Access(frozenset({"localhost"}), "0123456789abcdef", "zprl_console_8080")
COOKIE = f"zprl_console_8080={ACCESS.cookie}"


def ask(kind: str = "http", query: str = "", **headers: str) -> tuple[list[dict[str, Any]], bool]:
    """Messages that a client gets, and whether the request reached the server behind."""
    sent: list[Any] = []
    reached = []

    async def behind(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    pairs = [(name.encode(), value.encode()) for name, value in ({"host": "localhost"} | headers).items()]
    scope = {"type": kind, "method": "GET", "headers": pairs, "query_string": query.encode()}
    asyncio.run(Guard(behind, ACCESS)(scope, receive, send))
    return sent, bool(reached)


def test_without_the_token_nothing_behind_is_reached() -> None:
    (start, body), reached = ask()
    assert (start["status"], reached) == (401, False) and b"?token=" in body["body"]
    (start, _), reached = ask(host="evil.example", cookie=COOKIE)
    assert (start["status"], reached) == (403, False)


def test_a_websocket_is_closed_before_it_is_accepted() -> None:
    for headers in ({}, {"origin": "http://localhost"}, {"origin": "http://evil.example", "cookie": COOKIE}):
        sent, reached = ask("websocket", **headers)
        assert ([message["type"] for message in sent], reached) == (["websocket.close"], False)
    assert ask("websocket", origin="http://localhost", cookie=COOKIE)[1]


def test_the_token_becomes_a_cookie_and_leaves_the_address() -> None:
    (start, _), reached = ask(query="token=0123456789abcdef")
    headers = dict(start["headers"])
    assert (start["status"], headers[b"location"], reached) == (303, b"/", False)
    assert headers[b"set-cookie"].decode() == f"{COOKIE}; Path=/; HttpOnly; SameSite=Lax"


def test_every_page_loads_only_from_here_and_is_in_no_frame() -> None:
    for (start, *_), _ in (ask(), ask(cookie=COOKIE)):
        policy = dict(start["headers"])[b"content-security-policy"]
        assert b"default-src 'self'" in policy and b"frame-ancestors 'none'" in policy


def test_two_hosts_are_no_host() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "headers": [(b"host", b"localhost"), (b"host", b"localhost")]}
    asyncio.run(Guard(send, ACCESS)(scope, send, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 403
