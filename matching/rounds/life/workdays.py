"""Working days: weekends and the closed days of the round's calendar do not count."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from matching.rounds.life.clock import BEIJING


def end_of_working_day(now: datetime, days: int, closed: Iterable[tuple[str, str]]) -> datetime:
    """Return the end of the `days`-th working day after today, at midnight in Beijing.

    Parameters
    ----------
    closed
        First and last days, such as holidays, on which nobody is expected to answer.
    """
    periods = [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in closed]
    day, left = now.astimezone(BEIJING).date(), days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5 and not any(first <= day <= last for first, last in periods)
    return datetime.combine(day + timedelta(days=1), time(), BEIJING)
