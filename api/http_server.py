"""The server that speaks HTTP: as many connections as the system allows, and an early stamp.

A request is stamped when its first byte is read, before it waits for anything else: a ballot is judged
by that moment.
"""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.clock import Clock, system_clock

if TYPE_CHECKING:
    from fastapi import FastAPI

KEEP_ALIVE = 75
"""Seconds a quiet connection stays open: longer than a teacher thinks, so no request meets a closing."""

BACKLOG = 4096
"""Connections that may wait to be taken."""


def http_server(app: FastAPI, host: str, port: int, clock: Clock = system_clock) -> uvicorn.Server:
    """Return the server of an application.

    Parameters
    ----------
    clock
        What stamps.
    """
    _allow_connections()
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=stamping(clock),
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        backlog=BACKLOG,
    )
    return uvicorn.Server(config)


def stamping(clock: Clock) -> type[HttpToolsProtocol]:
    """Return the protocol of a connection, which stamps a request when it begins."""

    class Stamping(HttpToolsProtocol):
        def on_message_begin(self) -> None:
            super().on_message_begin()
            self.scope["state"]["arrived"] = clock()

    return Stamping


def _allow_connections() -> None:
    """Let this process hold as many connections as the system allows it: a crowd is thousands."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
