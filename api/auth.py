"""Keys to the API: random, shown once, stored as a hash, for one role and scope, with an end.

A key travels in the `Authorization` header and nowhere else. When it was last used is kept to the
minute, and written down by whoever keeps the clock, so that reading costs no write.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import cast

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from api.errors import UserError
from api.tables import TokenRow
from catalog.prepared import Prepared, connection_of
from catalog.tables import InstitutionRow, SchoolRow, UnitRow
from diagnostics.tables import TeacherRow
from matching.rounds.life.calls import Call, Role, Scope
from matching.rounds.life.clock import stamp
from matching.rounds.life.phases import word

PREFIX = "xk_"
BYTES = 24
"""192 bits; guessing is hopeless, and a plain hash is enough to store."""

LONGEST_DAYS = 400
HOLDERS: dict[str, type] = {
    "teacher": TeacherRow,
    "school": SchoolRow,
    "institution": InstitutionRow,
    "county": UnitRow,
    "auditor": UnitRow,
}
"""Role of a token -> what its scope is the code of."""

_c = TokenRow.__table__.c  # type: ignore[attr-defined]
_BY_HASH = Prepared(
    select(_c.id, _c.holder, _c.role, _c.scope_id, _c.ends_at, _c.revoked).where(
        _c.hash == bindparam("hash")
    )
)

_USED = Prepared(
    update(TokenRow).where(_c.id == bindparam("token")).values(last_used=bindparam("at"))
)
MOST_USES = 500
"""Tokens whose use is written down at once, so that whoever hands in meanwhile waits for few."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who sends a request, as her token says."""

    token_id: str
    holder: str
    scope: Scope


def issue(
    session: Session, call: Call, holder: str, role: str, scope_id: str, days: int, label: str = ""
) -> str:
    """Make a token and return it; only its hash is stored, so it is shown this once.

    Parameters
    ----------
    call
        Who makes it, and when.
    holder
        The person who will use it; two tokens of one holder are one person.
    role, scope_id
        What it is for: a teacher, school, institution or unit by its code.
    days
        How long it lasts.

    Raises
    ------
    UserError
        If there is no such role or scope, or it would last too long.
    """
    if role not in HOLDERS:
        raise UserError("token_role", role=role, known=", ".join(HOLDERS))
    if not 1 <= days <= LONGEST_DAYS:
        raise UserError("token_days", most=LONGEST_DAYS)
    if not scope_id or session.get(HOLDERS[role], scope_id) is None:
        raise UserError("token_no_scope", id=scope_id, role=word("role", role)["zh"])
    token = PREFIX + secrets.token_urlsafe(BYTES)
    session.add(
        TokenRow(
            id=secrets.token_hex(8),
            hash=digest_of(token),
            holder=holder,
            role=role,
            scope_id=scope_id,
            label=label,
            made_at=stamp(call.now),
            ends_at=stamp(call.now + timedelta(days=days)),
        )
    )
    session.flush()
    return token


def revoke(session: Session, token_id: str) -> bool:
    """End a token now; False if there is none of this id."""
    ended = update(TokenRow).where(_c.id == token_id).values(revoked=True)
    return bool(session.execute(ended).rowcount)  # type: ignore[attr-defined]


def bearer(session: Session, token: str, now: datetime) -> Bearer | None:
    """Return who holds a token; None if it is unknown, over or revoked."""
    if not token.startswith(PREFIX) or len(token) > 80:
        return None
    row = _BY_HASH.first(connection_of(session), {"hash": digest_of(token)})
    if row is None:
        return None
    id_, holder, role, scope_id, ends_at, revoked = row
    if revoked or stamp(now) >= ends_at:
        return None
    return Bearer(id_, holder, Scope(cast(Role, role), scope_id))


def digest_of(token: str) -> str:
    """Return the hash by which a token is stored."""
    return sha256(token.encode()).hexdigest()


class Uses:
    """When tokens were last used, until somebody writes it down."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: dict[str, str] = {}
        self._new: dict[str, str] = {}

    def saw(self, token_id: str, now: datetime) -> None:
        """Remember that a token was used in this minute."""
        minute = stamp(now.replace(second=0, microsecond=0))
        if self._seen.get(token_id) != minute:
            with self._lock:
                latest = max(minute, self._seen.get(token_id, ""))
                self._seen[token_id] = self._new[token_id] = latest

    def write(self, session: Session, most: int = MOST_USES) -> int:
        """Write down what is new, of so many tokens at most, and return of how many."""
        with self._lock:
            new = [self._new.popitem() for _ in range(min(most, len(self._new)))]
        connection = connection_of(session)
        for token_id, at in new:
            _USED.write(connection, {"token": token_id, "at": at})
        return len(new)
