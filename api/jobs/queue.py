"""The queue of solves, kept by DBOS; the only file that knows it.

What is stored there is the name of a job and whether it runs: ballots and answers stay in our own
database. DBOS is a library here: no server, no account, nothing outside is contacted.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from api.jobs import slots
from api.places import Target, beside, is_url

if TYPE_CHECKING:
    from dbos import WorkflowStatus

QUEUE = "solves"
SCHEMA = "xuanke_jobs"
"""Where DBOS keeps its tables in a PostgreSQL database."""

VERSION = "1"
"""Raised when a job that waits could not be run by newer code; until then upgrades resume jobs."""

ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
POLL_SECONDS = 0.5
MOST_RUNS = 5
"""How often a job that DBOS calls ended, but we do not, is handed over again."""


class Stuck(Exception):
    """A job was handed over again and again and never came to an end."""


class Queue:
    """The queue, in the process of one worker.

    Parameters
    ----------
    target
        Our database; the queue lies beside it.
    name
        The slot of this worker.
    solve
        Does a job, given its name; may be called again for a job that was interrupted.
    """

    def __init__(self, target: Target, name: str, solve: Callable[[str], None]) -> None:
        _be_alone()
        from dbos import DBOS

        self._dbos = DBOS
        self._target = target
        self._name = name
        self._suspects: set[str] = set()
        self._workflow = DBOS.workflow(name="solve_round", max_recovery_attempts=None)(
            _workflow(solve)
        )
        DBOS(config=_settings(target, name))
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=1, polling_interval_sec=POLL_SECONDS)

    def hand_over(self, job_id: str, asked_at: str) -> None:
        """Put a job in the queue, unless it is there.

        The moment belongs to its name there: the queue may be older or newer than a database that
        was restored or made anew.

        Raises
        ------
        Stuck
            If it has been there too often.
        """
        from dbos import SetWorkflowID

        runs = self._dbos.list_workflows(
            workflow_id_prefix=f"{job_id}@{asked_at}#", load_input=False, load_output=False
        )
        if any(run.status not in ENDED for run in runs):
            return
        if len(runs) >= MOST_RUNS:
            raise Stuck(job_id)
        with SetWorkflowID(f"{job_id}@{asked_at}#{len(runs) + 1}"):
            self._dbos.enqueue_workflow(QUEUE, self._workflow, job_id)

    def take_over(self) -> tuple[str, ...]:
        """Put back into the queue what dead workers had; return its names.

        A worker is dead when its slot is free at two calls in a row, so that one that lost its
        connection for a moment comes back first. The slot is held meanwhile, so that nobody comes to
        life in it.
        """
        taken: list[str] = []
        before, self._suspects = self._suspects, set()
        for name in sorted({str(run.executor_id) for run in self._running()} - {self._name}):
            number = slots.number_of(name)
            slot = slots.take(self._target, number) if number else None
            if slot is None:
                continue
            if name in before:
                taken += self._resume(name)
            else:
                self._suspects.add(name)
            slot.free()
        return tuple(taken)

    def _resume(self, name: str) -> list[str]:
        runs = [str(run.workflow_id) for run in self._running(name)]
        for run in runs:
            self._dbos.resume_workflow(run, queue_name=QUEUE)
        return runs

    def close(self) -> None:
        """Take no more jobs."""
        self._dbos.destroy()

    def _running(self, name: str | None = None) -> list[WorkflowStatus]:
        return self._dbos.list_workflows(
            status="PENDING", executor_id=name, load_input=False, load_output=False
        )


def _workflow(solve: Callable[[str], None]) -> Callable[[str], None]:
    def solve_round(job_id: str) -> None:
        from dbos import DBOS

        DBOS.run_step({"name": "solve"}, solve, job_id)

    return solve_round


def _be_alone() -> None:
    """Forget what could connect DBOS to a service outside or let it act for somebody else."""
    for name in [name for name in os.environ if name.startswith("DBOS")]:
        del os.environ[name]


def _settings(target: Target, name: str) -> Any:
    settings: dict[str, Any] = {
        "name": "xuanke",
        "executor_id": name,
        "application_version": VERSION,
        "enable_otlp": False,
        "use_listen_notify": False,
        "log_level": "ERROR",
        "console_log_level": "ERROR",
        "notification_listener_polling_interval_sec": 1.0,
    }
    if not is_url(target):
        return settings | {"system_database_url": f"sqlite:///{beside(target, 'jobs')}"}
    return settings | {
        "system_database_url": str(target),
        "system_database_engine": _server(str(target)),
        "dbos_system_schema": SCHEMA,
    }


def _server(url: str) -> Any:
    """Return an engine of our own, so that DBOS makes no database and asks for none."""
    from sqlalchemy import create_engine, make_url

    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=5,
        connect_args={"application_name": "xuanke jobs", "connect_timeout": 10},
    )
