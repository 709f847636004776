"""What every request has to pass: it is meant for this server, and not too large; and what every answer says.

A page of somebody else's in the same browser could otherwise reach this machine under another name.
"""

import ipaddress
from collections.abc import Sequence

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Most bytes of a request's body, but for those of the page's own channel, which has a limit of its own.
MOST_BYTES = 16_384
_CHANNEL = "/_nicegui"

#: The page may only reach this server; its own scripts and styles stand in it.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri "
    "'self'; form-action 'self'"
)
_HEADERS = {
    b"content-security-policy": _POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
}


class Guard:
    """ASGI middleware.

    Parameters
    ----------
    app : what it guards.
    names : host names under which the server is reached; addresses in numbers are allowed if ``numbers``.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str], numbers: bool) -> None:
        self._app, self._names, self._numbers = app, frozenset(names), numbers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if not self._is_for_us(headers.get(b"host", b"").decode("latin-1")):
            await self._refuse(scope, receive, send, "this server is not known by that name", 421)
            return
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        limited = not scope["path"].startswith(_CHANNEL)
        length = headers.get(b"content-length", b"0")
        if limited and (not length.isdigit() or int(length) > MOST_BYTES):
            await self._refuse(scope, receive, send, f"a request has at most {MOST_BYTES:,} bytes", 413)
            return
        taken = 0

        async def received() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if limited and taken > MOST_BYTES:
                return {"type": "http.disconnect"}
            return message

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *_HEADERS.items()]}
            await send(message)

        await self._app(scope, received, sent)

    def _is_for_us(self, host: str) -> bool:
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        name = name.strip("[]").lower()
        if name in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return self._numbers

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, why: str, status: int) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        await PlainTextResponse(f"{why}\n", status_code=status)(scope, receive, send)
