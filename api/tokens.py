"""Making and ending tokens as acts of an office: each leaves a line in the log, never the token."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session

from api.auth import PREFIX, digest_of, issue
from api.auth import revoke as end
from api.errors import UserError
from api.reads.reach import columns
from api.tables import TokenRow
from matching.rounds.life.calls import Call
from matching.rounds.life.events import Happened

OF_NO_ROUND = ""
"""What stands for the round in the lines of the log: a token outlives rounds."""

_token = columns(TokenRow)


@dataclass(frozen=True, slots=True)
class Wish:
    """A token as it is asked for: for whom, as what, for how many days, and what it is called."""

    holder: str
    role: str
    scope: str
    days: int
    label: str = ""


def make(session: Session, call: Call, wish: Wish) -> Happened:
    """Make a token; the answer alone holds it, so this command is done without an idempotency key.

    Raises
    ------
    UserError
        If there is no such role or scope, or it would last too long.
    """
    made = issue(session, call, wish.holder, wish.role, wish.scope, wish.days, wish.label)
    row = _found(session, made)
    return Happened("token.made", OF_NO_ROUND, _told(row), {"id": row.id, "token": made})


def revoke(session: Session, call: Call, name: str) -> Happened:
    """End a token from this moment on.

    Parameters
    ----------
    name
        Its number, or the token itself where it was found lying about.

    Raises
    ------
    UserError
        If there is none, or it was ended before.
    """
    row = _found(session, name)
    if row.revoked:
        raise UserError("token_over", id=row.id)
    end(session, row.id)
    return Happened("token.revoked", OF_NO_ROUND, _told(row), {"id": row.id})


def listed(session: Session) -> list[TokenRow]:
    """Return every token there ever was, by holder and the moment it was made."""
    ordered = select(TokenRow).order_by(_token.holder, _token.made_at, _token.id)
    return list(session.scalars(ordered))


def _found(session: Session, name: str) -> TokenRow:
    known = _token.hash == digest_of(name) if name.startswith(PREFIX) else _token.id == name
    row = session.scalars(select(TokenRow).where(known).with_for_update()).one_or_none()
    if row is None:
        raise UserError("token_unknown")
    return row


def _told(row: TokenRow) -> dict[str, object]:
    """Return what the log tells of a token: nothing by which it could be used or guessed."""
    names = ("id", "holder", "role", "scope_id", "label", "ends_at")
    return {name: getattr(row, name) for name in names}
