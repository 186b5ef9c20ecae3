"""Acknowledged commands a second: many to a commit, against a commit for each.

`python -m benchmarks.writer` measures a SQLite file; `python -m benchmarks.writer URL` an empty
PostgreSQL database. Every command makes one row, one event, one answer under a key and one message.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

NAME = "writer, SQLite, many to a commit against one each"
NAME_SERVER = "writer, PostgreSQL, 16 threads against one"
IN_FLIGHT = 400
TOGETHER, ALONE = 6_000, 600


def run(url: str = "") -> dict[str, float]:
    """Return acknowledged commands a second both ways, their ratio, and the CPU of one command."""
    from api.unit_of_work import Done, Office

    with _database(url) as engine:
        with Office(engine, serving=True) as office:
            waiting: deque[Future[Done]] = deque()
            started, cpu = time.perf_counter(), time.process_time()
            for number in range(TOGETHER):
                waiting.append(office.submit(*_request(number)))
                if len(waiting) >= IN_FLIGHT:
                    waiting.popleft().result()
            for future in waiting:
                future.result()
            together = TOGETHER / (time.perf_counter() - started)
            cpu_ms = 1000 * (time.process_time() - cpu) / TOGETHER
        office = Office(engine)
        started = time.perf_counter()
        for number in range(TOGETHER, TOGETHER + ALONE):
            office.do(*_request(number))
        alone = ALONE / (time.perf_counter() - started)
    return {
        "together_per_second": together,
        "alone_per_second": alone,
        "ratio": together / alone,
        "cpu_ms_per_command": cpu_ms,
        "load_of_the_machine": os.getloadavg()[0],
    }


def _request(number: int):
    """Return call, command and key of one request."""
    from api.unit_of_work import Key
    from catalog.tables import UnitRow
    from matching.rounds.life.calls import Call, Scope
    from matching.rounds.life.events import Happened, Notice, rows

    call = Call(f"T{number}", Scope("teacher", f"T{number}"), datetime(2026, 3, 2, tzinfo=UTC))

    def command(session) -> Happened:
        row = UnitRow(id=f"U{number}", name="a name of the usual length", kind="county")
        session.add(row)
        notice = Notice(f"T{number}", "ballot_changed", f"R:{number}", {"version": 1})
        return Happened("made", "R", {"rows": rows(row)}, {"version": 1}, (notice,))

    return call, command, Key(f"T{number}", f"k{number}", "d" * 64)


@contextmanager
def _database(url: str) -> Iterator:
    from api.database import open_database
    from api.migrations import tables

    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(url or Path(folder) / "bench.db")
        with engine.begin() as connection:
            tables().create_all(connection)
        yield engine
        engine.dispose()


if __name__ == "__main__":
    from benchmarks import rows

    place = "".join(sys.argv[1:])
    rows.add(NAME_SERVER if place else NAME, run(place))
