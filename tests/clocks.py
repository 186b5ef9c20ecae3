"""A clock for tests that stands still until it is turned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class FakeClock:
    """Always the same moment, by default a Monday morning before any deadline."""

    def __init__(self, moment: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **delta: float) -> datetime:
        """Turn the clock: `clock.advance(minutes=5)`."""
        self.moment += timedelta(**delta)
        return self.moment
