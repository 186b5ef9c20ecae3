"""Waiting for a solve, in an office with a worker or without one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from api.jobs import slots
from api.jobs.progress import Superseded, Teller, silent
from api.jobs.solving import Solver, job_of, solve_job
from api.places import Target
from api.unit_of_work import Office
from matching.rounds.life import results
from matching.rounds.life.tables import JobRow
from matching.watch import Progress

if TYPE_CHECKING:
    from sqlalchemy import Engine

LOOK_SECONDS = 0.5


def solve_now(
    target: Target,
    database: Engine,
    job_id: str,
    tell: Teller | None = None,
    solver: Solver | None = None,
) -> JobRow:
    """Wait until a job has ended; see `api.jobs.solve_now`."""
    tell = tell or silent
    office = Office(database)
    while (row := job_of(office, job_id)).state in results.LIVE:
        if slots.somebody_works(target):
            tell(_progress(row), row.seconds)
            time.sleep(LOOK_SECONDS)
            continue
        slot = slots.take_any(target)  # who comes next waits for us
        try:
            return solve_job(database, job_id, solver, tell)
        except Superseded:
            continue
        finally:
            slot.free()
    return row


def _progress(row: JobRow) -> Progress:
    return Progress(row.stage, row.tier, row.tiers, row.seats_filled, row.value, row.bound, row.gap)
