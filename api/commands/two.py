"""Two people at one terminal: each shows a token of her own, so that neither name is taken on trust."""

from __future__ import annotations

import getpass
import os
import sys
from functools import cache
from typing import TYPE_CHECKING

from api.errors import UserError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel import Session

    from api.auth import Bearer
    from api.commands.life import Who
    from api.unit_of_work import Office
    from matching.rounds.life.calls import Call
    from matching.rounds.tables import RoundRow

FIRST, SECOND = "XUANKE_TOKEN", "XUANKE_SECOND_TOKEN"
"""Where a token may stand instead of being typed; a command line can be read by others."""


def calls_of_two(office: Office, who: Who, row: RoundRow) -> tuple[Call, Call]:
    """Return the request of each of two people, to which the other agrees.

    Raises
    ------
    UserError
        If one of them shows no good token of an administrator, or somebody else's.
    BadRound
        If the round is not theirs to lead.
    """
    from matching.rounds.life.calls import Call

    tokens = _token(who.by, FIRST), _token(who.second, SECOND)
    now = office.clock()
    with office.read() as session:
        first = _known(session, row, tokens[0], who.by, now)
        second = _known(session, row, tokens[1], who.second, now)
    return (
        Call(first.holder, first.scope, now, reason=who.reason, second=second.holder),
        Call(second.holder, second.scope, now, reason=who.reason, second=first.holder),
    )


def _known(session: Session, row: RoundRow, token: str, name: str, now: datetime) -> Bearer:
    """Return who shows a token, if she leads the round and has the name she was called by."""
    from api.auth import bearer
    from matching.rounds.life.reach import require_round

    found = bearer(session, token, now)
    if found is None or found.scope.role != "county":
        raise UserError("two_token_bad", name=name or "–")
    if name and found.holder != name:
        raise UserError("two_token_other", name=name)
    require_round(session, found.scope, row)
    return found


def _token(name: str, variable: str) -> str:
    """Return the token of a person, from the environment or as she types it unseen."""
    if found := os.environ.get(variable, ""):
        return found
    if not sys.stdin.isatty():
        raise UserError("two_token_missing", name=name or "–", variable=variable)
    return _typed(name)


@cache
def _typed(name: str) -> str:
    """Let a person type her token, once a command."""
    return getpass.getpass(f"{name} 的令牌 (token): ", sys.stderr).strip()
