"""Moments as stored: UTC, microseconds, always the same width, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from catalog.messages import Language

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
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def moment(stored: str) -> datetime:
    """Return the moment that was stored."""
    return datetime.strptime(stored, _FORM).replace(tzinfo=UTC)


BEIJING = timezone(timedelta(hours=8))
"""The legal time of all of China; it has no summer time."""


def beijing(stored: str, lang: Language = "zh") -> str:
    """Return a stored moment as people read it, in Beijing time; empty stays empty."""
    if not stored:
        return ""
    local = moment(stored).astimezone(BEIJING)
    if lang == "zh":
        return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}（北京时间）"
    return f"{local:%Y-%m-%d %H:%M} (Beijing time)"
