"""Taking hold of a round without moving it: nobody else can change it until the commit."""

from __future__ import annotations

from sqlmodel import Session

from matching.rounds.errors import BadRound
from matching.rounds.life import store
from matching.rounds.life.calls import Call, Role
from matching.rounds.life.phases import word
from matching.rounds.life.reach import require_round
from matching.rounds.tables import RoundRow


def held(session: Session, call: Call, round_id: str, *states: str) -> RoundRow:
    """Return a round that the caller may lead, locked until the commit.

    Raises
    ------
    BadRound
        If there is no such round, it is not for this caller, or in none of these states.
    """
    row = store.round_to_move(session, round_id)
    require_round(session, call.scope, row)
    require_state(row, *states)
    return row


def require_state(row: RoundRow, *states: str) -> None:
    """Refuse what does not belong to the state a round is in.

    Raises
    ------
    BadRound
        With the states in which it could be done.
    """
    if states and row.state not in states:
        before = tuple(word("state", state) for state in states)
        raise BadRound("life_not_now", state=word("state", row.state), before=before)


def require_role(call: Call, *roles: Role) -> None:
    """Refuse what is not for a caller's role.

    Raises
    ------
    BadRound
        With the roles that it is for.
    """
    if call.role not in roles:
        meant = tuple(word("role", role) for role in roles)
        raise BadRound("life_role", role=word("role", call.role), roles=meant)
