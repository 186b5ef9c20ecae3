"""Solves that outlive a crash: a small door, so that the queue behind it can be replaced.

Asking for a solve is a row in our own database (`matching.rounds.life.answers.ask`), written with the
event that tells of it. The worker hands such rows to the queue, so nothing is lost between the two.

`worker.run` is the worker and `supervise.Worker` keeps one alive; `solve_now` needs none.
`solving.ask_stop` asks a solve to end with the best it has; `solving.trouble_of` says why a job failed.
Only `queue` knows what keeps the queue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from api.jobs.progress import Teller
    from api.jobs.solving import Solver
    from api.places import Target
    from matching.rounds.life.tables import JobRow


def solve_now(
    target: Target,
    database: Engine,
    job_id: str,
    tell: Teller | None = None,
    solver: Solver | None = None,
) -> JobRow:
    """Wait until a job has ended, and work on it here if no worker is alive.

    Parameters
    ----------
    tell
        Told each new progress, with the seconds since the attempt began.
    """
    from api.jobs.waiting import solve_now as solve

    return solve(target, database, job_id, tell, solver)
