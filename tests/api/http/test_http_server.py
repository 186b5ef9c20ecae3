"""A request is stamped by its first byte, however slowly the rest of it comes."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import uvicorn
from uvicorn.server import ServerState

from api.clock import system_clock
from api.gate import Gate
from api.http_server import stamping
from tests.api.http.factories import START, Clock

REQUEST = b"PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"


class Wire(asyncio.Transport):
    """One end of a connection that keeps what is written."""

    def __init__(self):
        super().__init__()
        self.written = b""

    def write(self, data):
        self.written += data

    def is_closing(self):
        return False

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass


def arrivals(*pieces: bytes) -> list:
    """Return by which moments an application sees requests that come a piece a second."""
    clock, seen = Clock(), []

    async def app(scope, receive, send):
        seen.append(scope["state"]["arrived"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def talk():
        config = uvicorn.Config(
            Gate(app, SimpleNamespace(office=None), 5), lifespan="off", proxy_headers=False
        )
        config.load()
        line = stamping(clock)(config=config, server_state=ServerState(), app_state={})
        line.connection_made(Wire())
        for piece in pieces:
            line.data_received(piece)
            await answered()
            clock.turn(seconds=1)

    async def answered():
        for _ in range(10):
            await asyncio.sleep(0)

    asyncio.run(talk())
    return seen


def test_a_request_that_comes_in_pieces_arrived_with_the_first():
    assert arrivals(REQUEST[:3], REQUEST[3:30], REQUEST[30:]) == [START]


def test_each_request_of_a_connection_has_its_own_arrival():
    """Negative control: a stamp for the connection would give both the first moment."""
    assert arrivals(REQUEST, REQUEST) == [START, START + timedelta(seconds=1)]


def test_two_requests_at_once_arrived_at_once():
    assert arrivals(REQUEST + REQUEST) == [START, START]


def test_where_no_server_has_stamped_the_gate_does():
    seen = []

    async def app(scope, *_):
        seen.append(scope["state"]["arrived"])

    scope = {"type": "http", "path": "/x", "headers": []}
    before = system_clock()
    asyncio.run(Gate(app, SimpleNamespace(office=None), 5)(scope, None, None))
    assert before <= seen[0] <= system_clock()
