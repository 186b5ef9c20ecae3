"""What every route begins and ends with: who is asking, when she arrived, and the form of answers.

A route opens one session of its own, inside itself, and closes it before it answers. Nothing here
holds a transaction while an answer is written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import Depends, Header, Path, Query, Request
from fastapi.responses import Response
from fastapi.security import HTTPBearer
from pydantic import BaseModel, StringConstraints
from sqlalchemy import RowMapping

from api import accesses
from api.auth import Bearer, bearer
from api.http_errors import Refused
from api.messages import Language
from api.reads import catalog as reads
from api.schemas import MOST_AT_ONCE, Page, cursor_of, key_of
from api.unit_of_work import Done, Key, Office
from matching.rounds.life.calls import Call, Role, Scope

if TYPE_CHECKING:
    from sqlmodel import Session

    from matching.rounds.life.events import Happened

Shape = TypeVar("Shape", bound=BaseModel)
Command = Callable[["Session"], "Happened | tuple[Happened, ...]"]

STAFF: tuple[Role, ...] = ("county", "auditor")
ALL: tuple[Role, ...] = ("teacher", "school", "institution", "county", "auditor")

CONFLICTS = {"x-conflicts": True}
VERSIONED = {"x-versioned": True}
"""What `openapi.describe` is told of an operation: it may answer 409, or 304."""

scheme = HTTPBearer(
    auto_error=False, description="A token `xk_…`; `xuanke token make` makes one. 访问令牌"
)

ETAG = re.compile(r'"(0|[1-9][0-9]{0,17})"')


def language_of(header: str | None) -> Language:
    """Return zh or en as `Accept-Language` asks; zh when it asks for neither."""
    wanted: list[tuple[float, int, Language]] = []
    for place, part in enumerate((header or "").split(",")[:20]):
        tag, _, rest = part.strip().partition(";")
        main = tag.split("-")[0].lower()
        if main in ("zh", "en"):
            weight = re.fullmatch(r"\s*(?:q=([01](?:\.[0-9]{0,3})?))?\s*", rest)
            if weight:
                wanted.append((-float(weight[1] or 1), place, "zh" if main == "zh" else "en"))
    return min(wanted)[2] if wanted else "zh"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: what it carries, and the office it is brought to."""

    request: Request
    office: Office
    arrived: datetime
    lang: Language

    @contextmanager
    def reading(self, *roles: Role) -> Iterator[tuple[Session, Scope]]:
        """Give a session for reading and what the caller may see, if her role may ask at all."""
        with self.office.read() as session:
            yield session, self._known(session, roles).scope

    @property
    def bearer(self) -> Bearer:
        """Who is asking, once `reading` or `person` has found out."""
        found: Bearer = self.request.state.bearer
        return found

    def person(self, *roles: Role) -> Bearer:
        """Return who is asking, if her role may ask at all."""
        with self.office.read() as session:
            return self._known(session, roles)

    def _known(self, session: Session, roles: tuple[Role, ...]) -> Bearer:
        words = self.request.headers.get("authorization", "").split()
        token = words[1] if len(words) == 2 and words[0].lower() == "bearer" else ""
        found = bearer(session, token, self.arrived)
        if found is None:
            raise Refused(401)
        self.request.app.state.uses.saw(found.token_id, self.arrived)
        self.request.state.bearer = found
        if found.scope.role not in roles:
            raise Refused(403)
        return found

    def call(self, who: Bearer, reason: str = "", second: str = "", actor: str = "") -> Call:
        """Return the call she makes, stamped with the moment it arrived."""
        request_id = self.request.state.request_id
        return Call(actor or who.holder, who.scope, self.arrived, reason, second, request_id)

    def act(
        self,
        call: Call,
        command: Command,
        sent: BaseModel | None = None,
        *,
        status: int = 200,
        sender: str = "",
    ) -> Done:
        """Do what she asks, once: the same key gets the same answer again.

        Parameters
        ----------
        status
            What a new answer counts as.
        sender
            Whose key it is, where she acts for somebody else.

        Raises
        ------
        Refused
            If the request has no idempotency key.
        """
        key = self.request.headers.get("idempotency-key", "")
        if not KEY.fullmatch(key):
            raise Refused(400, "http_needs_key", field="Idempotency-Key")
        known = Key(sender or call.actor, key, self._digest(sent))
        return self.office.do(call, command, known, status=status)

    def _digest(self, sent: BaseModel | None) -> str:
        """Return the digest of what is asked, so that a key cannot stand for two requests."""
        match = self.request.headers.get("if-match", "")
        body = sent.model_dump_json() if sent is not None else ""
        parts = (self.request.method, self.request.url.path, match, body)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def show(self, teachers: Iterable[str], round_id: str = "") -> None:
        """Write down whom the caller is about to be shown; that she sees herself needs no line.

        Where it cannot be written down, nothing is shown.
        """
        who = self.bearer
        others = frozenset(teachers) - {who.scope.id if who.scope.role == "teacher" else ""}
        if others:
            call = self.call(who)
            shown = accesses.Shown(self.request.scope["route"].name, round_id, others)
            self.office.do(call, lambda session: accesses.keep(session, call, shown))

    def version(self) -> int:
        """Return the version that an edit was made from.

        Raises
        ------
        Refused
            If the request does not name one (428), or not in the form we give (422).
        """
        match = self.request.headers.get("if-match")
        if match is None:
            raise Refused(428, field="If-Match")
        if not (found := ETAG.fullmatch(match.strip())):
            raise Refused(422, "http_bad_match", field="If-Match")
        return int(found[1])

    def answer(
        self, body: BaseModel, version: int | None = None, status: int = 200, **headers: str
    ) -> Response:
        """Return an answer; with a version it bears an ETag, and 304 where she has it already."""
        if version is None:
            return Response(body.model_dump_json(), status, headers, JSON)
        tag = f'"{version}"'
        if self.request.method == "GET" and self.request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return Response(body.model_dump_json(), status, {"ETag": tag, **headers}, JSON)

    def done(
        self, done: Done, shape: type[BaseModel], body: Any, version: int | None = None
    ) -> Response:
        """Return the answer of an act: what came of it, and whether it had been done before."""
        headers = {"Idempotency-Replayed": "true"} if done.replayed else {}
        return self.answer(shape.model_validate(body), version, done.status, **headers)


def picked(row: Mapping[Any, Any], shape: type[Shape]) -> Shape:
    """Return those columns of a row that an answer has, and no other."""
    return shape(**{name: row[name] for name in shape.model_fields})


def page_of(found: reads.Part, told: Callable[[RowMapping], Shape], key: str = "id") -> Page[Shape]:
    """Return a part of a list with the cursor of the part after it."""
    after = cursor_of(found.rows[-1][key]) if found.more else None
    return Page[Shape](items=[told(row) for row in found.rows], next=after)


JSON = "application/json"
KEY = re.compile(r"[A-Za-z0-9._:\-]{8,80}")


async def visit(request: Request) -> Visit:
    """Return the visit that a request is."""
    lang = language_of(request.headers.get("accept-language"))
    state = request.app.state
    return Visit(request, state.office, request.state.arrived, lang)


Visiting = Annotated[Visit, Depends(visit)]


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is asked for."""

    limit: int
    cursor: str

    def after(self, parts: int = 1) -> tuple[str, ...]:
        """Return the key after which the part begins; empty at the beginning.

        Raises
        ------
        Refused
            If the cursor was not made here.
        """
        if not self.cursor:
            return ()
        if (key := key_of(self.cursor, parts)) is None:
            raise Refused(422, "http_bad_cursor", field="query.cursor")
        return key


async def paging(
    limit: Annotated[
        int, Query(ge=1, le=MOST_AT_ONCE, description="At most so many. 每页条数")
    ] = 50,
    cursor: Annotated[
        str,
        Query(max_length=400, pattern="^[A-Za-z0-9_-]*$", description="`next` of a part. 游标"),
    ] = "",
) -> Paging:
    """Return which part of a list is asked for."""
    return Paging(limit, cursor)


Part = Annotated[Paging, Depends(paging)]

PathCode = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:+~\-]*$", max_length=64, min_length=1),
]


def _path(what: str) -> Any:
    return Path(description=f"{what} A `/` in a code is written `~`. 代码中的 / 写作 ~")


RoundId = Annotated[
    PathCode,
    _path("Code of a round."),
]
TeacherId = Annotated[PathCode, _path("Code of a teacher; `me` is the caller.")]
SectionId = Annotated[PathCode, _path("Code of a section.")]
AnyId = Annotated[PathCode, _path("Code of the thing.")]

NeedsKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="New for each act, the same for a retry. 每次操作一个新值，重试时不变",
        json_schema_extra={"pattern": f"^{KEY.pattern}$"},
    ),
]
"""Documents the key; `Visit.act` reads it."""

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag the edit was made from. 所依据的版本",
        json_schema_extra={"pattern": f"^{ETAG.pattern}$"},
    ),
]
"""Documents the version; `Visit.version` reads it."""


def plain_id(code: str) -> str:
    """Return a code as it is stored, from how it is written in a path."""
    return code.replace("~", "/")


def herself(teacher_id: str, scope: Scope) -> str:
    """Return the teacher that a path means: `me` is the caller, if she is a teacher."""
    return scope.id if teacher_id == "me" and scope.role == "teacher" else plain_id(teacher_id)
