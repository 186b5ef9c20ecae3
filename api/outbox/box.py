"""The outbox: which messages wait, which were told, and how a message moves from one to the other.

A message is written in the transaction of the event it tells of, so none leaves before the commit.
It is marked `sending` before it leaves and `sent` after. One that was `sending` when the power went
off may or may not have arrived: it is shown as such and never repeated by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from api.tables import OutboxRow
from matching.rounds.life.clock import stamp

STATES = ("waiting", "sending", "sent", "on_paper", "failed")
MOST_ATTEMPTS = 5


def waiting(session: Session, round_id: str, most: int = 500) -> list[OutboxRow]:
    """Return messages that nobody has been told, oldest event first."""
    wanted = (
        select(OutboxRow)
        .where(OutboxRow.round_id == round_id, OutboxRow.state == "waiting")
        .order_by(col(OutboxRow.event_seq), col(OutboxRow.id))
        .limit(most)
    )
    return list(session.exec(wanted))


def take(session: Session, message_id: str, channel: str) -> bool:
    """Mark a waiting message as leaving; False if another sender was quicker."""
    changed = session.execute(
        update(OutboxRow)
        .where(col(OutboxRow.id) == message_id, col(OutboxRow.state) == "waiting")
        .values(state="sending", channel=channel, attempts=col(OutboxRow.attempts) + 1)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def told(session: Session, message_id: str, now: datetime) -> None:
    """Mark a message as sent."""
    _mark(session, message_id, state="sent", told_at=stamp(now), trouble="")


def failed(session: Session, message_id: str, trouble: str) -> None:
    """Put a message back after a failure; after `MOST_ATTEMPTS` it is given up and shown."""
    row = session.get_one(OutboxRow, message_id)
    again = row.attempts < MOST_ATTEMPTS
    _mark(session, message_id, state="waiting" if again else "failed", trouble=trouble[:300])


def on_paper(session: Session, message_ids: Sequence[str], channel: str, now: datetime) -> None:
    """Mark messages as handed over in a sheet or as slips."""
    for message_id in message_ids:
        _mark(session, message_id, state="on_paper", channel=channel, told_at=stamp(now))


def again(session: Session, round_id: str) -> int:
    """Let messages wait again that failed or may not have arrived; return how many."""
    changed = session.execute(
        update(OutboxRow)
        .where(col(OutboxRow.round_id) == round_id, col(OutboxRow.state).in_(("failed", "sending")))
        .values(state="waiting", attempts=0, trouble="")
    )
    return int(changed.rowcount)  # type: ignore[attr-defined]


def tally(session: Session, round_id: str) -> dict[str, dict[str, int]]:
    """Return kind -> state -> how many messages."""
    counted = session.execute(
        select(OutboxRow.kind, OutboxRow.state, func.count())
        .where(OutboxRow.round_id == round_id)
        .group_by(col(OutboxRow.kind), col(OutboxRow.state))
        .order_by(col(OutboxRow.kind), col(OutboxRow.state))
    )
    found: dict[str, dict[str, int]] = {}
    for kind, state, count in counted:
        found.setdefault(kind, {})[state] = count
    return found


def _mark(session: Session, message_id: str, **values: str) -> None:
    session.execute(update(OutboxRow).where(col(OutboxRow.id) == message_id).values(**values))
