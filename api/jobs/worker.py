"""The worker: a process of its own that takes jobs from the queue and solves them.

A solve holds the interpreter while its model is built, so it never shares a process with the pages.
The worker is made to be killed at any moment: what it had is resumed by its next start, or taken over
by another worker.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from api.errors import DatabaseBusy
from api.jobs import queue, slots
from api.jobs.progress import Superseded
from api.jobs.solving import Solver, give_up, live_jobs, solve_job
from api.places import Target, target

if TYPE_CHECKING:
    from sqlalchemy import Engine

TICK_SECONDS = 0.5
TAKE_OVER_SECONDS = 5.0
THREADS = 8
TAKEN_FOR_DEAD = 3
"""The exit code of a worker whose job another has begun."""

_LOG = logging.getLogger("xuanke.jobs")


def run(place: Target, once: bool = False, parent: int = 0, solver: Solver | None = None) -> None:
    """Work until somebody ends this process.

    Parameters
    ----------
    place
        The database.
    once
        Return as soon as no job waits or runs.
    parent
        End when this process is no longer the child of that one; 0 to outlive it.
    solver
        What answers rounds, if not the engine.
    """
    from api.database import open_database

    slot = slots.take_any(place)
    database = open_database(place, threads=THREADS)
    jobs = queue.Queue(place, slot.name, lambda job: _solve(database, job, solver))
    worker = _Worker(place, slot, jobs, database, solver)
    while not parent or os.getppid() == parent:
        if worker.tick() and once:
            break
        time.sleep(TICK_SECONDS)
    else:
        _LOG.warning("the parent of %s is gone", slot.name)
        os._exit(1)
    worker.close()


class _Worker:
    """What one worker does again and again beside the solve, which has a thread of its own."""

    def __init__(
        self,
        place: Target,
        slot: slots.Slot,
        jobs: queue.Queue,
        database: Engine,
        solver: Solver | None,
    ) -> None:
        from api.unit_of_work import Office

        self._place = place
        self._slot = slot
        self._queue = jobs
        self._database = database
        self._office = Office(database)
        self._solver = solver
        self._looked = float("-inf")

    def tick(self) -> bool:
        """Hand over what waits and take over from the dead; tell whether there was nothing at all."""
        from sqlalchemy.exc import DBAPIError

        try:
            self._keep_slot()
            waiting = live_jobs(self._office)
            for job, asked_at in waiting.items():
                self._hand_over(job, asked_at)
            if time.monotonic() - self._looked >= TAKE_OVER_SECONDS:
                self._looked = time.monotonic()
                for name in self._queue.take_over():
                    _LOG.warning("%s takes over %s", self._slot.name, name)
        except (DBAPIError, OSError, DatabaseBusy) as error:  # a solve on its way goes on meanwhile
            _LOG.warning("the database does not answer: %s", error)
            return False
        return not waiting

    def close(self) -> None:
        """Take no more and leave."""
        self._queue.close()
        self._database.dispose()
        self._slot.free()

    def _hand_over(self, job: str, asked_at: str) -> None:
        try:
            self._queue.hand_over(job, asked_at)
        except queue.Stuck:
            with suppress(Superseded):  # it has just ended
                give_up(self._office, job, "job_crashed", self._solver)

    def _keep_slot(self) -> None:
        """Take the slot again after the connection was lost; leave if somebody else has it."""
        if self._slot.is_held():
            return
        again = slots.take(self._place, slots.number_of(self._slot.name) or 0)
        if again is None:
            _LOG.warning("%s was taken for dead", self._slot.name)
            os._exit(TAKEN_FOR_DEAD)
        self._slot = again


def _solve(database: Engine, job_id: str, solver: Solver | None) -> None:
    """Do one job; who was taken for dead ends for good, so that one worker remains."""
    try:
        solve_job(database, job_id, solver)
    except Superseded as late:
        from api.unit_of_work import Office

        if job_id not in live_jobs(Office(database)):
            return
        _LOG.warning("this worker was taken for dead: %s", late)
        os._exit(TAKEN_FOR_DEAD)


def main(words: list[str] | None = None) -> None:
    """Run `python -m api.jobs.worker --db DATABASE`."""
    parser = argparse.ArgumentParser(prog="python -m api.jobs.worker")
    parser.add_argument("--db", default=os.environ.get("XUANKE_DB", "xuanke.db"))
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--parent", type=int, default=0)
    said = parser.parse_args(words)
    logging.basicConfig(format="%(asctime)s %(name)s %(message)s")
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN if said.parent else lambda *_: os._exit(130))
    try:
        run(target(said.db), said.once, said.parent)
    except BaseException:  # the solve has a thread of its own, which would keep the process alive
        _LOG.exception("the worker ends")
        os._exit(1)


if __name__ == "__main__":
    main()
