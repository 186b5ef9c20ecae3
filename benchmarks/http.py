"""Hand-ins over HTTP, open loop: everybody sends at her own moment, whether others were answered or not.

`python -m benchmarks.http` makes a county of 10,000 teachers, serves it with the real server on a free
port, lets everybody hand in, and measures from the moment each one meant to send. A generator that waits
for answers would hide a queue; this one does not. Two cases: spread over a minute, and half of them in
the last five seconds before the round closes.
"""

from __future__ import annotations

import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.crowd import Crowd, Sent

NAME = "10,000 hand-ins over HTTP in 60 s, SQLite"
NAME_RUSH = "10,000 hand-ins over HTTP in 30 s, half in the last 5 s, SQLite"
TEACHERS = 10_000
SECTIONS = 80
SCHOOLS = 100
LINES = 3
"""Of the ledger, a teacher and year."""

ROUND = "bench"
ROOT = Path(__file__).parents[1]
SERVE = (
    "import sys; from pathlib import Path; from api.console import Desk; from api.serve import serve;"
    "serve(Desk(Path(sys.argv[1]), 'en'), '127.0.0.1', int(sys.argv[2]), worker=False)"
)
STAMPED_WITHIN = 0.2
"""Seconds within which an arrival must be noticed, for a hand-in counts from when it was."""

FIRST_WAIT = 3.0
"""Seconds between starting the generator and the first request."""


def run(seconds: float = 60.0, teachers: int = TEACHERS) -> dict[str, float]:
    """Return what hand-ins spread evenly over some seconds came to."""
    moments = [seconds * n / teachers for n in range(teachers)]
    return _measured(moments, closes_after=seconds + 3600)


def rush(seconds: float = 30.0, last: float = 5.0, teachers: int = TEACHERS) -> dict[str, float]:
    """Return what came of half the hand-ins in the last seconds before closing."""
    half = teachers // 2
    calm = [(seconds - last) * n / half for n in range(half)]
    crowd = [seconds - last + last * n / (teachers - half) for n in range(teachers - half)]
    return _measured([*calm, *crowd], closes_after=seconds)


def _allow_connections() -> None:
    import resource

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _measured(moments: Sequence[float], closes_after: float) -> dict[str, float]:
    _allow_connections()
    with tempfile.TemporaryDirectory() as place, county(Path(place), len(moments)) as made:
        with serving(made.file) as served:
            start = time.time() + FIRST_WAIT
            made.close_at(start + closes_after)
            cpu = served.cpu_seconds()
            own = time.process_time()
            sent = everybody(served.port, made.tokens, [start + m for m in moments])
            own = time.process_time() - own
            cpu = served.cpu_seconds() - cpu
        found = figures(sent, made.handed_in(), start + closes_after)
    each = {"server_cpu_ms_each": cpu, "generator_cpu_ms_each": own}
    found |= {name: 1000 * seconds / len(sent) for name, seconds in each.items()}
    return found | {"load_of_the_machine": os.getloadavg()[0]}


def figures(sent: Sequence[Sent], kept: int, closes: float) -> dict[str, float]:
    """Return the figures of a run; every acknowledged hand-in must be in the database."""
    taken = [one for one in sent if one.status == 200]
    assert kept == len(taken), f"{len(taken)} acknowledged, {kept} kept"
    waits = sorted(one.seconds for one in taken)
    early = [one for one in sent if one.went < closes - STAMPED_WITHIN]
    refused = [one for one in sent if one.status == 409]
    return {
        "sent": len(sent),
        "acknowledged": len(taken),
        "refused_503": sum(one.status == 503 for one in sent),
        "too_late_409": sum(one.status == 409 for one in sent),
        "lost": sum(one.status == 0 for one in sent),
        "sent_in_time_and_not_taken": sum(one.status != 200 for one in early),
        "refused_though_sent_before_closing_ms": 1000
        * max([0.0, *(closes - one.went for one in refused)]),
        "sent_after_closing_and_taken": sum(one.went >= closes for one in taken),
        "p50_ms": 1000 * statistics.median(waits),
        "p99_ms": 1000 * waits[int(0.99 * (len(waits) - 1))],
        "max_ms": 1000 * waits[-1],
        "last_answer_after_closing_s": max(one.answered for one in sent) - closes,
        "generator_late_p99_ms": 1000 * _late(sent),
    }


def _late(sent: Sequence[Sent]) -> float:
    """Return by how many seconds the generator itself was late, at the 99th percentile."""
    return sorted(one.went - one.meant for one in sent)[int(0.99 * (len(sent) - 1))]


@dataclass(frozen=True)
class Made:
    """A county in a file with an open round, and a token for every teacher."""

    file: Path
    tokens: list[str]

    def close_at(self, moment: float) -> None:
        """Let the round close at a moment of the clock."""
        from matching.rounds.life.clock import stamp

        end = stamp(datetime.fromtimestamp(moment, UTC))
        self._sql(f"UPDATE round SET closes_at = '{end}', closing_told = '{end}'")

    def handed_in(self) -> int:
        """Return how many ballots are in the database."""
        return self._sql("SELECT count(*) FROM hand_in WHERE handed_in")

    def changes(self) -> int:
        """Return how many lines of the log tell of a ballot handed in."""
        return self._sql("SELECT count(*) FROM event_log WHERE kind = 'ballot.handed_in'")

    def _sql(self, statement: str) -> int:
        import sqlite3

        with sqlite3.connect(self.file, timeout=15) as connection:
            row = connection.execute(statement).fetchone()
        connection.close()
        return row[0] if row else 0


@contextmanager
def county(folder: Path, teachers: int) -> Iterator[Made]:
    """Make a county with so many teachers and an open round."""
    from sqlmodel import Session

    from api.database import open_database
    from api.migrations import upgrade
    from api.unit_of_work import Office
    from matching.rounds.life import drafting, moves
    from matching.rounds.life.calls import Call, Scope
    from tests.matching.rounds.factories import COUNTY, settings

    file = folder / "bench.db"
    upgrade(file)
    engine = open_database(file)
    with Session(engine) as session, session.begin():
        tokens = _people(session, teachers)
    now = datetime.now(UTC)
    call = Call("bench", Scope("county", COUNTY), now)
    plan = settings(id=ROUND, title="bench", seed="", list_length=6)
    office = Office(engine)
    office.do(call, lambda s: drafting.draft(s, call, plan))
    office.do(call, lambda s: moves.announce(s, call, ROUND, now, now + timedelta(days=1)))
    office.do(call, lambda s: moves.open_(s, call, ROUND))
    engine.dispose()
    yield Made(file, tokens)


def _people(session, teachers: int) -> list[str]:
    """Store schools, sections and teachers; return a token for each teacher."""
    from sqlalchemy import insert

    from api.auth import digest_of
    from api.tables import TokenRow
    from diagnostics.tables import TeacherRow
    from tests.matching.rounds.factories import (
        add,
        course,
        days,
        institution,
        programme,
        school,
        teacher,
        units,
    )

    schools = [school(f"P{n:03d}", staff=200) for n in range(SCHOOLS)]
    add(session, *units(), institution(), programme(), *schools)
    for n in range(SECTIONS):
        add(session, *course(f"C{n:02d}", days(f"2026-08-{3 + n % 20:02d}", 2), capacity=60))
    names = [f"T{n:05d}" for n in range(teachers)]
    people = [teacher(id_, f"P{n % SCHOOLS:03d}").model_dump() for n, id_ in enumerate(names)]
    session.execute(insert(TeacherRow), people)
    _ledger(session, names)
    tokens = [f"xk_bench{n:032d}" for n in range(teachers)]
    kept = [
        TokenRow(
            id=f"b{n:05d}",
            hash=digest_of(token),
            holder=names[n],
            role="teacher",
            scope_id=names[n],
            made_at="",
            ends_at="9",
        ).model_dump()
        for n, token in enumerate(tokens)
    ]
    session.execute(insert(TokenRow), kept)
    return tokens


def _ledger(session, teachers: Sequence[str]) -> None:
    """Give every teacher the approved hours of this year and the last: nobody hands in without a past."""
    from diagnostics.store import add_to_ledger

    lines = [
        {
            "id": f"{who}/{year}/{number}",
            "teacher_id": who,
            "year": year,
            "category": "public" if number % 2 else "subject",
            "minutes": 480,
            "source": "bench",
            "evidence": f"{who}-{year}-{number}",
            "number": 1,
        }
        for who in teachers
        for year in (2025, 2026)
        for number in range(LINES)
    ]
    approvals = [(line["id"], step, f"A{step}") for line in lines for step in (1, 2)]
    add_to_ledger(session, lines, approvals)


@dataclass(frozen=True)
class Served:
    """The server in a process of its own."""

    process: subprocess.Popen[bytes]
    port: int

    def cpu_seconds(self) -> float:
        """Return what the process has used so far, by Linux's account."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(file: Path) -> Iterator[Served]:
    """Serve a database on a free port until the block ends."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    words = [sys.executable, "-c", SERVE, str(file), str(port)]
    process = subprocess.Popen(
        words, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL
    )
    try:
        _wait_until_alive(process, port)
        yield Served(process, port)
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_alive(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended"
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as talk:
                talk.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                if b" 200 " in talk.recv(200):
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server did not come up")


def everybody(port: int, tokens: Sequence[str], moments: Sequence[float]) -> list[Sent]:
    """Send every hand-in at its moment; connections are kept and used again when free."""
    chance = random.Random(7)
    order = list(range(len(tokens)))
    chance.shuffle(order)
    requests = []
    for who in order:
        choices = [f"C{n:02d}" for n in chance.sample(range(SECTIONS), 6)]
        requests.append(_request(tokens[who], f"bench-{who:06d}", choices))
    with Crowd(port, requests, moments) as crowd:
        return crowd.send()


def _request(token: str, key: str, choices: Sequence[str]) -> bytes:
    body = json.dumps({"lines": list(choices), "most_sections": 2}).encode()
    head = (
        f"PUT /api/v1/rounds/{ROUND}/ballots/me HTTP/1.1\r\nHost: x\r\n"
        f'Authorization: Bearer {token}\r\nIdempotency-Key: {key}\r\nIf-Match: "0"\r\n'
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    from benchmarks import rows

    rows.add(NAME, run())
    rows.add(NAME_RUSH, rush())
