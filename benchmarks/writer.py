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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.unit_of_work import Done, Office

NAME = "writer, SQLite, many to a commit against one each"
NAME_SERVER = "writer, PostgreSQL, where each always commits for itself"
IN_FLIGHT = 400
TOGETHER, ALONE = 4_000, 600


def run(url: str = "") -> dict[str, float]:
    """Return acknowledged commands a second three ways, their ratios, and the CPU of one command."""
    from api.unit_of_work import Office

    with _database(url) as engine:
        with Office(engine, serving=True) as office:
            cpu = time.process_time()
            together = _many(office, range(TOGETHER))
            cpu_ms = 1000 * (time.process_time() - cpu) / TOGETHER
        with Office(engine) as office:
            threads = _many(office, range(TOGETHER, TOGETHER + ALONE))
            alone = _one_by_one(office, range(TOGETHER + ALONE, TOGETHER + 2 * ALONE))
    return {
        "serving_per_second": together,
        "each_commits_16_threads_per_second": threads,
        "each_commits_1_thread_per_second": alone,
        "ratio_to_16_threads": together / threads,
        "ratio_to_1_thread": together / alone,
        "cpu_ms_per_command": cpu_ms,
        "load_of_the_machine": os.getloadavg()[0],
    }


def _many(office: Office, numbers: range) -> float:
    """Return acknowledged commands a second when `IN_FLIGHT` wait at any time."""
    waiting: deque[Future[Done]] = deque()
    started = time.perf_counter()
    for number in numbers:
        waiting.append(office.submit(*_request(number)))
        if len(waiting) >= IN_FLIGHT:
            waiting.popleft().result()
    for future in waiting:
        future.result()
    return len(numbers) / (time.perf_counter() - started)


def _one_by_one(office: Office, numbers: range) -> float:
    """Return acknowledged commands a second when each waits for the one before it."""
    started = time.perf_counter()
    for number in numbers:
        office.do(*_request(number))
    return len(numbers) / (time.perf_counter() - started)


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
