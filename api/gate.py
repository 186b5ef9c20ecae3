"""The gate of the API: every request is stamped when it arrives, counted, and bounded in size.

`Gate` stands before everything else, `Bounds` around what answers. What is turned away is told so at
once, in the one form of errors, and costs nobody anything.
"""

from __future__ import annotations

import logging
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from api.clock import system_clock
from api.http_errors import answer_to, plain, respond
from api.routes.door import language_of
from api.schemas import LONGEST_BODY

if TYPE_CHECKING:
    from starlette.datastructures import State
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOG = logging.getLogger(__name__)

PREFIX = "/api/v1"

HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
]
"""What every answer bears."""


class Gate:
    """Stamps a request when it arrives, and turns away what is too large or too much.

    Parameters
    ----------
    app
        What lies behind the gate.
    state
        That of the application; the clock of its office stamps.
    most_at_once
        How many requests may be inside.
    """

    def __init__(self, app: ASGIApp, state: State, most_at_once: int) -> None:
        self._app = app
        self._state = state
        self._most = most_at_once
        self._inside: dict[str, datetime] = {}
        state.oldest = self._oldest

    def _oldest(self) -> datetime | None:
        """Return when the request arrived that is inside for the longest; None if there is none."""
        return min(list(self._inside.values()), default=None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one request in, or turn it away."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        office = self._state.office
        state = scope.setdefault("state", {})
        if "arrived" not in state:
            state["arrived"] = (office.clock if office else system_clock)()
        state["request_id"] = id_ = secrets.token_hex(8)
        unready = office is None and scope["path"].startswith(PREFIX)
        if unready or len(self._inside) >= self._most:
            return await turn_away(503, scope, receive, send)
        if _length(scope) > LONGEST_BODY:
            return await turn_away(413, scope, receive, send)
        self._inside[id_] = state["arrived"]
        try:
            return await self._app(scope, receive, send)
        finally:
            del self._inside[id_]


class Bounds:
    """Answers what went wrong behind it, ends what is too long, and gives every answer its headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        counted = _Counted(receive)
        began = False

        async def sending(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                if counted.too_long:
                    return
                began = True
                message["headers"] = [*message["headers"], *HEADERS, named(scope)]
            if began:
                await send(message)

        try:
            await self._app(scope, counted, sending)
        except Exception as error:
            if began:
                raise
            await answer(scope, error)(scope, receive, sending)
        if not began and counted.too_long:
            await turn_away(413, scope, receive, send)


class _Counted:
    """Counts what a request brings, and ends it where it is too long."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._length = 0
        self.too_long = False

    async def __call__(self) -> Message:
        message = await self._receive()
        self._length += len(message.get("body", b""))
        if self._length > LONGEST_BODY:
            self.too_long = True
            return {"type": "http.request", "body": b"", "more_body": False}
        return message


async def turn_away(status: int, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request that is not looked at."""
    told = respond(status, plain(status, language_of(header(scope, b"accept-language"))))
    told.raw_headers.extend([*HEADERS, named(scope)])
    await told(scope, receive, send)


def answer(scope: Scope, error: Exception) -> Response:
    """Return the answer to an error; a defect of ours is written to the log with all there is."""
    told = answer_to(error, language_of(header(scope, b"accept-language")))
    if told.status_code == 500:
        _LOG.error("%s %s failed", scope["method"], scope["path"], exc_info=error)
    return told


def named(scope: Scope) -> tuple[bytes, bytes]:
    """Return the header by which an answer names its request."""
    return b"x-request-id", scope["state"]["request_id"].encode()


def header(scope: Scope, name: bytes) -> str:
    """Return a header of a request, empty if it has none of this name."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""


def _length(scope: Scope) -> int:
    """Return how long a request says it is."""
    said = header(scope, b"content-length")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else 0
