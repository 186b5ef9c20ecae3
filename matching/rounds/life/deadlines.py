"""Moments as people name them: with a date, an hour and a time zone, or refused at the door."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from matching.rounds.errors import BadRound
from matching.rounds.life.clock import beijing, stamp
from matching.rounds.tables import RoundRow

CLOSING_SOON = timedelta(days=2)
"""How long before the deadline those who have not handed in are reminded."""

RESUME_NOTICE = timedelta(hours=2)
"""How long before a paused round takes ballots again everybody must be able to know."""

CLOCK_GRACE = timedelta(seconds=10)
"""How long the clock waits to close, so that what arrived in time and queues is still judged."""

Moment = datetime | str
"""A moment with its time zone, as a value or as text such as `2026-09-07T18:00:00+08:00`."""

_DATE = r"\d{4}-\d{2}-\d{2}"
_HOUR = r"\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
_ZONE = r"(Z|[+-]\d{2}:\d{2})"
_FAULTS = (
    (re.compile(_DATE), "life_moment_no_hour"),
    (re.compile(rf"{_DATE}[T ]24:.*"), "life_moment_24"),
    (re.compile(rf"{_DATE}[T ]{_HOUR}"), "life_moment_no_zone"),
)
_WHOLE = re.compile(rf"{_DATE}[T ]{_HOUR}{_ZONE}")


def moment_of(said: Moment) -> datetime:
    """Return the moment somebody names, such as `2026-09-07T18:00:00+08:00`.

    Raises
    ------
    BadRound
        If it lacks its hour or its time zone, says 24:00, or cannot be read.
    """
    text = said.isoformat() if isinstance(said, datetime) else said.strip()
    for form, code in _FAULTS:
        if form.fullmatch(text):
            raise BadRound(code, said=text)
    try:
        if _WHOLE.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise BadRound("life_moment_unreadable", said=text)


def when(stored: str) -> dict[str, str]:
    """Return a stored moment in the words of both languages."""
    return {"zh": beijing(stored, "zh"), "en": beijing(stored, "en")}


def window(row: RoundRow) -> dict[str, str]:
    """Return from when until when a round takes ballots."""
    return {"opens_at": row.opens_at, "closes_at": row.closes_at}


def set_window(
    row: RoundRow, now: datetime, opens_at: Moment | None, closes_at: Moment | None
) -> None:
    """Set the dates that are named; a deadline that was announced moves to a later moment only.

    Raises
    ------
    BadRound
        If the window would be over before it begins, or is over by now.
    """
    if closes_at is not None:
        set_deadline(row, closes_at)
    if opens_at is not None:
        row.opens_at = stamp(moment_of(opens_at))
    if row.closes_at and max(row.opens_at, stamp(now)) >= row.closes_at:
        raise BadRound("life_deadline_past", closes_at=when(row.closes_at))


def set_deadline(row: RoundRow, closes_at: Moment) -> None:
    """Move a deadline to a later moment.

    Raises
    ------
    BadRound
        If it is an earlier one.
    """
    end = stamp(moment_of(closes_at))
    if end < row.closes_at:
        raise BadRound("life_deadline_earlier", closes_at=when(row.closes_at))
    row.closes_at = end


def require_before_deadline(row: RoundRow, now: datetime) -> None:
    """Refuse what would reopen a window that is over.

    Raises
    ------
    BadRound
        If the deadline has passed.
    """
    if stamp(now) >= row.closes_at:
        raise BadRound("life_deadline_past", closes_at=when(row.closes_at))
