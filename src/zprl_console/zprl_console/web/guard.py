"""Stands before the whole server: what `access` does not admit reaches nothing behind it."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from zprl_console.access import Access, Asked, Verdict

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# The page loads nothing from elsewhere, and is shown inside no other page. Vue compiles templates: unsafe-eval.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Guard:
    """ASGI middleware."""

    def __init__(self, app: App, access: Access):
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        verdict, reason = self._access.verdict(_asked(scope))
        if verdict is Verdict.ADMIT:
            await self._app(scope, receive, send if scope["type"] == "websocket" else _with_headers(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": reason})
        else:
            await _refuse(verdict, reason, scope, self._access, send)


def _asked(scope: Scope) -> Asked:
    headers: dict[bytes, list[bytes]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.lower(), []).append(value)

    def header(name: bytes, between: bytes = b", ") -> str:  # one that is repeated has no valid value
        return between.join(headers.get(name, [])).decode("latin-1")

    return Asked(
        host=header(b"host"),
        origin=header(b"origin"),
        cookie=header(b"cookie", b"; "),
        query=scope.get("query_string", b"").decode("latin-1"),
        websocket=scope["type"] == "websocket",
        reads=scope.get("method", "GET") in ("GET", "HEAD"),
    )


def _with_headers(send: Send) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *HEADERS]
        await send(message)

    return sender


async def _refuse(verdict: Verdict, reason: str, scope: Scope, access: Access, send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"), *HEADERS]
    if verdict is Verdict.SIGN_IN:
        cookie = f"{access.cookie_name}={access.cookie}; Path=/; HttpOnly; SameSite=Lax"
        headers += [(b"set-cookie", cookie.encode()), (b"location", b"/")]
    await send({"type": "http.response.start", "status": verdict.value, "headers": headers})
    await send({"type": "http.response.body", "body": f"zprl console: {reason}\n".encode() if reason else b""})
