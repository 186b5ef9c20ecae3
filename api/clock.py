"""The clock of the doors: the one place that asks what time it is; everything inside is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the moment, aware of its zone; tests bring one that they turn themselves."""


def system_clock() -> datetime:
    """Return the moment by the clock of this machine, in UTC."""
    return datetime.now(UTC)
