"""Moments as stored: UTC, microseconds, always the same width, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime

_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"


def stamp(moment: datetime) -> str:
    """Return a moment as stored.

    Raises
    ------
    ValueError
        If the moment has no time zone: a deadline without one means another hour elsewhere.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC).strftime(_FORM)


def moment(stored: str) -> datetime:
    """Return the moment that was stored."""
    return datetime.strptime(stored, _FORM).replace(tzinfo=UTC)
