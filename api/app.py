"""The API: one small application that answers in JSON, in Chinese or English, and never with input.

Every request is stamped with the moment it arrived before it waits for anything; what comes in is
bounded in size and in number; every error has the same form. `create_app` puts it together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from api.auth import Uses
from api.errors import ApiError
from api.gate import PREFIX, Bounds, Gate, answer
from api.http_errors import invalid, plain, respond
from api.lane import Lane
from api.readiness import Finding, readiness
from api.routes import ROUTERS
from api.routes.door import language_of
from api.routes.openapi import describe
from api.schemas import Outward
from catalog.errors import CatalogError
from diagnostics.errors import DiagnosticsError
from matching.errors import MatchingError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from api.unit_of_work import Office

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


class Service(FastAPI):
    """The application, with what stands before the framework.

    Attributes
    ----------
    outside
        Where a request comes in; what it does not answer it passes on to `inside`.
    """

    outside: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self.outside(scope, receive, send)

    async def inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request as the framework does."""
        await super().__call__(scope, receive, send)


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
    app = Service(
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
    app.add_middleware(Bounds)
    app.outside = Gate(Lane(app.inside, app.state), app.state, most_at_once)
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
    return answer(request.scope, error)
