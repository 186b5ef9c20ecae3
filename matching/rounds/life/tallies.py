"""How many ballots and seats of a round are in which state."""

from __future__ import annotations

from sqlalchemy import case, func
from sqlmodel import Session, col, select

from matching.rounds.life.tables import HandInRow, PlaceRow


def ballots_by_state(session: Session, round_id: str) -> dict[str, int]:
    """Return how many ballots are typed only, handed in, or returned by the school."""
    state = case(
        (col(HandInRow.handed_in).is_(False), "typed"),
        (col(HandInRow.school) == "returned", "returned"),
        else_="handed_in",
    )
    counted = session.execute(
        select(state, func.count()).where(HandInRow.round_id == round_id).group_by(state)
    )
    return dict(sorted((str(name), int(count)) for name, count in counted))


def places_by_state(session: Session, round_id: str) -> dict[str, int]:
    """Return how many numbered seats are free, offered or confirmed."""
    counted = session.execute(
        select(PlaceRow.state, func.count())
        .where(PlaceRow.round_id == round_id)
        .group_by(col(PlaceRow.state))
    )
    return dict(sorted((str(name), int(count)) for name, count in counted))
