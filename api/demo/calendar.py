"""The days of the demo: a clock that is turned by hand, so that months pass in a minute."""

from __future__ import annotations

from datetime import datetime


class Calendar:
    """A clock that shows the moment it was last turned to."""

    def __init__(self, begin: str) -> None:
        self._now = datetime.fromisoformat(begin)

    def __call__(self) -> datetime:
        """Return the moment."""
        return self._now

    def turn(self, to: str) -> None:
        """Turn the clock forward.

        Raises
        ------
        ValueError
            If that moment is past: a life is told forward.
        """
        later = datetime.fromisoformat(to)
        if later < self._now:
            raise ValueError(f"{to} is before {self._now}")
        self._now = later
