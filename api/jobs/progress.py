"""How a solve on its way is shown, and how it hears that it shall stop.

What is written here is for the eye: it decides nothing. A write that the database refuses is left out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from api.database import retrying
from api.errors import DatabaseBusy
from matching.rounds.life.tables import JobRow
from matching.watch import Progress, Watch

if TYPE_CHECKING:
    from sqlalchemy import Engine

EVERY = 0.5
"""Seconds between two rows of progress."""

Teller = Callable[[Progress, float], None]
"""Told what is written, and the seconds since the attempt began."""


def silent(progress: Progress, seconds: float) -> None:
    """Tell nobody."""


def share(progress: Progress) -> float | None:
    """Return the gap as a share of the bound; None for a goal that counts in other units."""
    return None if progress.gap is None or progress.gap > 1 else progress.gap


class Superseded(Exception):
    """Another attempt has begun, or the job has ended: what this one does counts no more."""


def fence(session: Session, job_id: str, attempt: int) -> JobRow:
    """Return the row of a job, locked, if this attempt is the one that may write.

    Raises
    ------
    Superseded
        If it is not.
    """
    row = session.get(JobRow, job_id, with_for_update=True, populate_existing=True)
    if row is None or row.state != "running" or row.attempt != attempt:
        raise Superseded(f"{job_id}: attempt {attempt} counts no more")
    return row


class JobWatch(Watch):
    """Writes what it hears into the row of the job, at most twice a second, and reads the stop.

    Raises
    ------
    Superseded
        From `tell`, as soon as another attempt is seen: the solve ends there.
    """

    def __init__(self, database: Engine, job_id: str, attempt: int, tell: Teller = silent) -> None:
        self._database = database
        self._job = job_id
        self._attempt = attempt
        self._tell = tell
        self._began = time.monotonic()
        self._written = float("-inf")
        self._latest: Progress | None = None
        self._stop = False

    def tell(self, progress: Progress) -> None:
        """Keep the step, and write it if the last row is old enough."""
        self._latest = progress
        if time.monotonic() - self._written >= EVERY:
            self.write()

    def stopped(self) -> bool:
        """Tell whether somebody asked for a stop."""
        return self._stop

    def write(self) -> None:
        """Write the latest step now."""
        seconds = round(time.monotonic() - self._began, 3)
        try:
            self._stop = retrying(
                self._database, lambda session: self._row(session, seconds), attempts=1
            )
        except (DatabaseBusy, DBAPIError):
            return
        self._written = time.monotonic()
        if self._latest:
            self._tell(self._latest, seconds)

    def _row(self, session: Session, seconds: float) -> bool:
        row = fence(session, self._job, self._attempt)
        row.seconds = seconds
        if self._latest:
            for column in ("stage", "tier", "tiers", "seats_filled", "value", "bound"):
                setattr(row, column, getattr(self._latest, column))
            row.gap = share(self._latest)
        session.add(row)
        return row.stop_wanted
