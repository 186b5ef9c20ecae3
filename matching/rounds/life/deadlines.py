"""Moments as people name them: with a date, an hour and a time zone, or refused at the door."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from matching.rounds.errors import BadRound
from matching.rounds.life.clock import beijing

CLOSING_SOON = timedelta(days=2)
"""How long before the deadline those who have not handed in are reminded."""

RESUME_NOTICE = timedelta(hours=2)
"""How long before a paused round takes ballots again everybody must be able to know."""

CLOCK_GRACE = timedelta(seconds=10)
"""How long the clock waits to close, so that what arrived in time and queues is still judged."""

_DATE = r"\d{4}-\d{2}-\d{2}"
_HOUR = r"\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
_ZONE = r"(Z|[+-]\d{2}:\d{2})"
_FAULTS = (
    (re.compile(_DATE), "life_moment_no_hour"),
    (re.compile(rf"{_DATE}[T ]24:.*"), "life_moment_24"),
    (re.compile(rf"{_DATE}[T ]{_HOUR}"), "life_moment_no_zone"),
)
_WHOLE = re.compile(rf"{_DATE}[T ]{_HOUR}{_ZONE}")


def moment_of(said: datetime | str) -> datetime:
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
