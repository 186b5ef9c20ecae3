"""Which rounds wait for the clock, and what it is to do there; asked without writing anything."""

from __future__ import annotations

from functools import partial

from sqlalchemy import or_, select
from sqlmodel import Session

from api.reads.reach import columns
from api.unit_of_work import Command
from matching.rounds.life import moves, places
from matching.rounds.life.calls import Call
from matching.rounds.life.clock import stamp
from matching.rounds.life.deadlines import CLOCK_GRACE, CLOSING_SOON
from matching.rounds.life.tables import PlaceRow
from matching.rounds.tables import RoundRow

_round = columns(RoundRow)
_place = columns(PlaceRow)


def due(session: Session, call: Call) -> list[Command]:
    """Return what the clock is to do now: open, remind, close; offers that have run out."""
    now, soon = stamp(call.now), stamp(call.now + CLOSING_SOON)
    opens = (_round.state == "announced") & (_round.opens_at != "") & (_round.opens_at <= now)
    reminds = (_round.closes_at <= soon) & (_round.closing_told != _round.closes_at)
    closes = (_round.state == "open") & (reminds | (_round.closes_at <= now))
    rounds = session.scalars(select(_round.id).where(or_(opens, closes)).order_by(_round.id))
    moved: list[Command] = [partial(moves.tick, call=call, round_id=id_) for id_ in rounds]
    return moved + [partial(places.expire, call=call, round_id=id_) for id_ in _over(session, call)]


def _over(session: Session, call: Call) -> list[str]:
    """Return the rounds in which an offer has run out."""
    until = stamp(call.now - CLOCK_GRACE)
    silent = (_place.state == "offered") & (_place.expires_at <= until)
    waiting = select(_place.round_id).where(silent).distinct()
    mine = select(_round.id).where(_round.state == "confirming", _round.id.in_(waiting))
    return list(session.scalars(mine.order_by(_round.id)))
