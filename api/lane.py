"""The quick lane: a ballot that is handed in as the API describes it, without the framework.

Five thousand hand in during the last five seconds. For a request whose form is in order the framework
finds out at length what can be seen at a glance, and a reader's transaction looks up her token. Here
the form is checked by the same shapes, and the token is looked up by the writer, in the transaction
that keeps the ballot. Whatever is not plainly in order (another content type, a header that is missing,
a ballot that does not fit) is left to the route, which says what is wrong with it.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from api.auth import Uses, bearer
from api.gate import HEADERS, PREFIX, answer, named
from api.http_errors import Refused
from api.routes.ballots import ENTERING, BallotIn, BallotOut
from api.routes.door import ETAG, KEY, herself, plain_id
from api.schemas import LONGEST_BODY
from api.unit_of_work import Done, Key, Opened
from api.writer import LONGEST_SECONDS, too_late
from matching.rounds.life import handing
from matching.rounds.life.calls import Call

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel import Session
    from starlette.datastructures import State
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from matching.rounds.life.events import Happened

CODE = r"[A-Za-z0-9][A-Za-z0-9_.:+~\-]{0,63}"
PATH = re.compile(f"{PREFIX}/rounds/({CODE})/ballots/({CODE})")
WANTED = (b"authorization", b"content-type", b"idempotency-key", b"if-match")


@dataclass(frozen=True, slots=True)
class HandIn:
    """A request in order: everything that it says."""

    arrived: datetime
    request_id: str
    token: str
    key: str
    match: str
    path: str
    round_id: str
    teacher_id: str
    ballot: BallotIn

    def opened(self, session: Session, uses: Uses) -> Opened:
        """Return who asks, what she asks, and her key.

        Raises
        ------
        Refused
            If the token is not good, or not for this.
        """
        who = bearer(session, self.token, self.arrived)
        if who is None:
            raise Refused(401)
        uses.saw(who.token_id, self.arrived)
        if who.scope.role not in ENTERING:
            raise Refused(403)
        call = Call(who.holder, who.scope, self.arrived, request_id=self.request_id)
        her, version = herself(self.teacher_id, who.scope), int(self.match.strip('"'))
        return call, partial(self._hand_in, call, her, version), self._key(who.holder)

    def _hand_in(self, call: Call, her: str, version: int, session: Session) -> Happened:
        ballot = (self.ballot.lines, self.ballot.most_sections)
        return handing.hand_in(session, call, plain_id(self.round_id), her, *ballot, version)

    def _key(self, actor: str) -> Key:
        asked = "\n".join(("PUT", self.path, self.match, self.ballot.model_dump_json()))
        return Key(actor, self.key, sha256(asked.encode()).hexdigest())


class Lane:
    """Hands ballots to the office, and leaves everything else to the application behind it.

    Parameters
    ----------
    app
        What answers everything else.
    state
        That of the application: its office, and when tokens were used.
    """

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state
        self._landing: Landing | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a hand-in that is in order; pass on anything else."""
        if (look := _look(scope)) is None:
            return await self._app(scope, receive, send)
        messages, body = await _whole(receive)
        if body is None or (ballot := _ballot(body)) is None:
            return await self._app(scope, _again(messages, receive), send)
        try:
            done = await self._done(HandIn(**look, ballot=ballot))
            told = BallotOut.model_validate(done.body).model_dump_json().encode()
        except Exception as error:
            refusal = answer(scope, error)
            refusal.raw_headers.extend([*HEADERS, named(scope)])
            return await refusal(scope, receive, send)
        headers = _headers(done, told, scope)
        await send({"type": "http.response.start", "status": done.status, "headers": headers})
        return await send({"type": "http.response.body", "body": told})

    async def _done(self, asked: HandIn) -> Done:
        """Return what came of it, after the commit."""
        opened = partial(asked.opened, uses=self._state.uses)
        future: Future[Done] = self._state.office.submit_opened(opened)
        loop = asyncio.get_running_loop()
        if self._landing is None or self._landing.loop is not loop:
            self._landing = Landing(loop)
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                return await self._landing.wait_for(future)
        except TimeoutError:
            raise too_late(future) from None


class Landing:
    """Where the writer's outcomes land: a whole batch wakes the loop once.

    Parameters
    ----------
    loop
        That of the requests that wait.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._landed: deque[tuple[asyncio.Future[Any], Future[Any]]] = deque()
        self._is_called = False

    def wait_for(self, future: Future[Done]) -> asyncio.Future[Done]:
        """Return what can be awaited in place of a future of another thread."""
        waiter: asyncio.Future[Done] = self.loop.create_future()
        future.add_done_callback(partial(self._land, waiter))
        return waiter

    def _land(self, waiter: asyncio.Future[Done], future: Future[Done]) -> None:
        """Take an outcome in, in the thread it comes from."""
        self._landed.append((waiter, future))
        if not self._is_called:
            self._is_called = True
            self.loop.call_soon_threadsafe(self._hand_out)

    def _hand_out(self) -> None:
        """Wake those whose outcome is there, in the thread of the loop."""
        self._is_called = False  # before looking: what lands from now on calls again
        while self._landed:
            waiter, future = self._landed.popleft()
            if waiter.done():
                continue
            if (error := future.exception()) is not None:
                waiter.set_exception(error)
            else:
                waiter.set_result(future.result())


def _look(scope: Scope) -> dict[str, Any] | None:
    """Return what the head of a request says; None if it is no hand-in whose head is in order."""
    if scope["type"] != "http" or scope["method"] != "PUT":
        return None
    if (found := PATH.fullmatch(scope["path"])) is None:
        return None
    said: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in WANTED:
            said.setdefault(name, value)
    if len(said) < len(WANTED) or said[b"content-type"] != b"application/json":
        return None
    words = said[b"authorization"].decode("latin-1").split()
    key, match = said[b"idempotency-key"].decode("latin-1"), said[b"if-match"].decode("latin-1")
    if len(words) != 2 or words[0].lower() != "bearer":
        return None
    if not KEY.fullmatch(key) or not ETAG.fullmatch(match):
        return None
    state = scope["state"]
    return {
        "arrived": state["arrived"],
        "request_id": state["request_id"],
        "token": words[1],
        "key": key,
        "match": match,
        "path": scope["path"],
        "round_id": found[1],
        "teacher_id": found[2],
    }


async def _whole(receive: Receive) -> tuple[list[Message], bytes | None]:
    """Return what a request brings, and its body if that is whole and not too long."""
    messages: list[Message] = []
    body = b""
    while True:
        message = await receive()
        messages.append(message)
        if message["type"] != "http.request":
            return messages, None
        body += message.get("body", b"")
        if len(body) > LONGEST_BODY:
            return messages, None
        if not message.get("more_body", False):
            return messages, body


def _again(messages: list[Message], receive: Receive) -> Receive:
    """Return what gives the same messages once more, and then what comes after them."""
    left = deque(messages)

    async def again() -> Message:
        return left.popleft() if left else await receive()

    return again


def _ballot(body: bytes) -> BallotIn | None:
    """Return the ballot in a body; None if it is none."""
    try:
        return BallotIn.model_validate_json(body)
    except ValidationError:
        return None


def _headers(done: Done, told: bytes, scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer, as the route gives them."""
    replayed = [(b"idempotency-replayed", b"true")] if done.replayed else []
    return [
        (b"content-length", b"%d" % len(told)),
        (b"content-type", b"application/json"),
        (b"etag", b'"%d"' % done.body["version"]),
        *replayed,
        *HEADERS,
        named(scope),
    ]
