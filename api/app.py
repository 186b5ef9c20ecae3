"""The API: one small application that answers in JSON, in Chinese or English, and never with input.

Every request is stamped with the moment it arrived before it waits for anything; what comes in is
bounded in size and in number; every error has the same form. `create_app` puts it together.
"""

from __future__ import annotations

import logging
import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from api.auth import Uses
from api.clock import system_clock
from api.errors import ApiError
from api.http_errors import answer_to, invalid, plain, respond
from api.readiness import Finding, readiness
from api.routes import ROUTERS
from api.routes.door import language_of
from api.routes.openapi import describe
from api.schemas import LONGEST_BODY, Outward
from catalog.errors import CatalogError
from diagnostics.errors import DiagnosticsError
from matching.errors import MatchingError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.datastructures import State
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.unit_of_work import Office

_LOG = logging.getLogger(__name__)

PREFIX = "/api/v1"
ROOTS = (ApiError, CatalogError, DiagnosticsError, MatchingError)
"""The root of the errors of each room."""

THREADS = 40
"""Requests worked on at once; as many as connections to the database."""

MOST_AT_ONCE = 6_000
"""Requests taken in at once; further ones are told to come again (503)."""


class Health(Outward):
    """Whether the service is alive, or ready."""

    status: str


class Ready(Outward):
    """Whether what is sent now would be kept, and what was found, part by part."""

    status: Literal["ok", "degraded", "failing"]
    checks: dict[str, Finding]


def create_app(
    office: Office | None, most_at_once: int = MOST_AT_ONCE, threads: int = THREADS
) -> FastAPI:
    """Return the application over an office.

    Parameters
    ----------
    office
        Where every change goes through, and every question; None while it is being opened: then
        set `app.state.office` when it is, and until then the service is alive and not ready.
    most_at_once
        How many requests may be inside before further ones are turned away.
    threads
        How many are worked on at the same time.
    """
    app = FastAPI(
        title="Xuanke 选课",
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(threads),
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.office = office
    app.state.worker = None
    app.state.uses = Uses()
    app.state.oldest = lambda: None
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    _add_health(app)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for kind in (*ROOTS, OperationalError):
        app.add_exception_handler(kind, _other)
    app.add_middleware(Gate, state=app.state, most_at_once=most_at_once)
    describe(app, PREFIX)
    return app


def _lifespan(threads: int) -> Any:
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = threads
        yield

    return lifespan


def _add_health(app: FastAPI) -> None:
    unready: dict[int | str, dict[str, Any]] = {
        503: {"model": Ready, "description": "What is sent now would not be kept. 暂不能保存"},
    }

    @app.get("/healthz", tags=["health"], response_model=Health)
    async def healthz() -> Response:
        """Tell that the process is alive · 存活检查."""
        return JSONResponse({"status": "ok"})

    @app.get("/readyz", tags=["health"], response_model=Ready, responses=unready)
    async def readyz(request: Request) -> Response:
        """Tell whether what is sent now would be kept · 就绪检查."""
        state = request.app.state
        found = await readiness(state.office, state.worker)
        told = Ready(status=found.status, checks=found.checks)
        return JSONResponse(told.model_dump(), 503 if found.status == "failing" else 200)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    lang = language_of(request.headers.get("accept-language"))
    return respond(*invalid(error.errors(), lang))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    lang = language_of(request.headers.get("accept-language"))
    answer = respond(error.status_code, plain(error.status_code, lang))
    if error.status_code == 405 and error.headers:
        answer.headers["Allow"] = error.headers.get("Allow", "")
    return answer


async def _other(request: Request, error: Exception) -> Response:
    return _answer(request.scope, error)


def _answer(scope: Scope, error: Exception) -> Response:
    """Return the answer to an error; a defect of ours is written to the log with all there is."""
    answer = answer_to(error, language_of(_header(scope, b"accept-language")))
    if answer.status_code == 500:
        _LOG.error("%s %s failed", scope["method"], scope["path"], exc_info=error)
    return answer


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
        state = scope.setdefault("state", {})
        office = self._state.office
        state["arrived"] = (office.clock if office else system_clock)()
        state["request_id"] = secrets.token_hex(8)
        unready = office is None and scope["path"].startswith(PREFIX)
        if unready or len(self._inside) >= self._most:
            return await self._turn_away(503, scope, receive, send)
        if _length(scope) > LONGEST_BODY:
            return await self._turn_away(413, scope, receive, send)
        self._inside[state["request_id"]] = state["arrived"]
        try:
            return await self._within(scope, receive, send)
        finally:
            del self._inside[state["request_id"]]

    async def _within(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, with the headers every answer has."""
        counted = _Counted(receive)
        began = False

        async def sending(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                if counted.too_long:
                    return
                began = True
                message["headers"] = [*message["headers"], *HEADERS, _named(scope)]
            if began:
                await send(message)

        try:
            await self._app(scope, counted, sending)
        except Exception as error:
            if began:
                raise
            await _answer(scope, error)(scope, receive, sending)
        if not began and counted.too_long:
            await self._turn_away(413, scope, receive, send)

    async def _turn_away(self, status: int, scope: Scope, receive: Receive, send: Send) -> None:
        answer = respond(status, plain(status, language_of(_header(scope, b"accept-language"))))
        answer.raw_headers.extend([*HEADERS, _named(scope)])
        await answer(scope, receive, send)


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


HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
]


def _named(scope: Scope) -> tuple[bytes, bytes]:
    return b"x-request-id", scope["state"]["request_id"].encode()


def _header(scope: Scope, name: bytes) -> str:
    """Return a header of a request, empty if it has none of this name."""
    return next((value for key, value in scope["headers"] if key == name), b"").decode("latin-1")


def _length(scope: Scope) -> int:
    """Return how long a request says it is."""
    said = _header(scope, b"content-length")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else 0
