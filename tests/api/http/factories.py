"""Two counties behind an API: who may ask, a clock to turn, and a client for each of them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Event

from sqlmodel import Session, select
from starlette.testclient import TestClient

from api import auth
from api.app import create_app
from api.database import open_database
from api.tables import EventRow
from api.unit_of_work import Office
from catalog.prepared import connection_of
from catalog.tables import UnitRow
from diagnostics.framework import framework
from diagnostics.tables import LedgerApprovalRow, LedgerEntryRow, RatingRow
from matching.rounds.life import drafting, moves, sealing
from matching.rounds.life.calls import Call, Scope
from tests.databases import fresh
from tests.matching.rounds.factories import (
    COUNTY,
    EXAMPLE,
    add,
    course,
    days,
    institution,
    programme,
    school,
    settings,
    teacher,
    units,
)

START = datetime(2026, 6, 1, 8, tzinfo=UTC)
NEXT_COUNTY = "441227"
ROUND = "r1"
SECRET = "0123456789abcdef" * 4
_KEYS = count(1)

PEOPLE = {
    "teacher": ("teacher", "T1", "T1"),
    "other_teacher": ("teacher", "T2", "T2"),
    "school": ("school", "P1", "headmaster"),
    "other_school": ("school", "P2", "other headmaster"),
    "institution": ("institution", "I1", "centre"),
    "other_institution": ("institution", "I2", "other centre"),
    "county": ("county", COUNTY, "officer"),
    "second": ("county", COUNTY, "second officer"),
    "other_county": ("county", NEXT_COUNTY, "neighbour"),
    "auditor": ("auditor", COUNTY, "auditor"),
}
"""Name in a story -> role, scope, holder; T1 is at P1, T2 at P2, C1 and C2 are I1's, C3 is I2's."""


@dataclass
class Clock:
    """A clock that a story turns."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


class Person:
    """Somebody with a token; every change gets a new idempotency key unless the story gives one."""

    def __init__(self, client: TestClient, token: str) -> None:
        self._client = client
        self.token = token

    def headers(self, more: dict[str, str] | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **(more or {})}

    def get(self, path: str, lang: str = "zh", **more):
        sent = {"Accept-Language": lang, **more.pop("headers", {})}
        return self._client.get(f"/api/v1{path}", headers=self.headers(sent), **more)

    def send(self, method: str, path: str, body=None, *, match=None, key=None, lang="zh"):
        sent = {"Idempotency-Key": key or f"key-{next(_KEYS):08d}", "Accept-Language": lang}
        if match is not None:
            sent["If-Match"] = f'"{match}"'
        url = f"/api/v1{path}"
        return self._client.request(method, url, json=body, headers=self.headers(sent))

    def post(self, path: str, body=None, **more):
        return self.send("POST", path, {} if body is None else body, **more)

    def put(self, path: str, body, **more):
        return self.send("PUT", path, body, **more)


@dataclass
class County:
    """Everything a story needs."""

    office: Office
    engine: object
    clock: Clock
    app: object
    client: TestClient
    people: dict[str, Person] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Person:
        if name not in self.people:
            self.people[name] = Person(self.client, self.token(*PEOPLE[name]))
        return self.people[name]

    @contextmanager
    def busy_writer(self):
        """Keep the writer busy inside the block until the function that is given is called."""
        free, began = Event(), Event()

        def work(session):
            began.set()
            assert free.wait(30)
            return ()

        held = self.office.submit(self.call("county"), work)
        assert began.wait(30)
        try:
            yield free.set
        finally:
            free.set()
            held.result(30)

    def trace_writer(self, said: Callable[[str], None]) -> None:
        """Tell every statement that the writer runs from now on, on SQLite."""

        def work(session):
            connection_of(session).connection.driver_connection.set_trace_callback(said)
            return ()

        self.office.do(self.call("county"), work)

    def at_once(self, jobs):
        """Start every job in a thread of its own; what is returned waits for their answers."""
        pool = ThreadPoolExecutor(len(jobs))
        self.started = [pool.submit(job) for job in jobs]

        def answers() -> list:
            found = [job.result(60) for job in self.started]
            pool.shutdown()
            return found

        return answers

    def wait_for_line(self, count: int) -> None:
        """Wait until so many commands stand in the writer's line."""
        self._until(lambda: len(self.office._writer._line) >= count)

    def wait_for_answers(self, count: int) -> None:
        """Wait until so many of the jobs started last have their answers."""
        self._until(lambda: sum(job.done() for job in self.started) >= count)

    def _until(self, true) -> None:
        end = time.monotonic() + 30
        while not true():
            assert time.monotonic() < end
            time.sleep(0.005)

    def call(self, name: str) -> Call:
        role, scope, holder = PEOPLE[name]
        return Call(holder, Scope(role, scope), self.clock(), reason="理由", second="第二人")

    def quiet(self) -> TestClient:
        """Return a client that is answered 500 instead of seeing the error."""
        return TestClient(self.app, raise_server_exceptions=False)

    def nobody(self) -> Person:
        return Person(self.client, "xk_nobody")

    def token(self, role: str, scope: str, holder: str, days: int = 300) -> str:
        call = Call("engine", Scope("engine", "xuanke"), self.clock())
        with Session(self.engine) as session, session.begin():
            return auth.issue(session, call, holder, role, scope, days)

    def do(self, verb, *arguments, name: str = "county", **more) -> None:
        """Let somebody do something past the API."""
        call = self.call(name)
        self.office.do(call, lambda session: verb(session, call, *arguments, **more))

    def open_round(self, **changes) -> None:
        """Draft, announce and open a round that closes in ten days."""
        self.do(drafting.draft, settings(id=ROUND, title="小县选学", seed="", **changes), SECRET)
        end = self.clock() + timedelta(days=10)
        self.do(moves.announce, ROUND, self.clock(), end)
        self.do(moves.open_, ROUND)

    def seal_round(self) -> None:
        """Close, seal and show the seed."""
        self.clock.turn(days=11)
        self.do(moves.close, ROUND)
        self.do(sealing.seal, ROUND)
        self.do(sealing.reveal, ROUND)

    def person(self, role: str, scope: str, holder: str) -> Person:
        return Person(self.client, self.token(role, scope, holder))

    def log(self, kind: str) -> list[EventRow]:
        with Session(self.engine) as session:
            return list(session.exec(select(EventRow).where(EventRow.kind == kind)))

    def toml(self, id: str, title: str) -> str:
        """Return the text of a settings file for these counties."""
        text = EXAMPLE.read_text(encoding="utf-8")
        for name, value in {"id": f'"{id}"', "title": f'"{title}"', "programmes": "[]"}.items():
            text = re.sub(rf"^{name} = .*$", f"{name} = {value}", text, count=1, flags=re.M)
        return text

    def add(self, *rows) -> None:
        with Session(self.engine) as session, session.begin():
            add(session, *rows)


def rows() -> list[object]:
    """Return two counties with nine teachers, two institutions and three courses."""
    frame = framework()
    return [
        *units(),
        UnitRow(id=NEXT_COUNTY, name="邻县", kind="county", parent_id="441200"),
        school("P1"),
        school("P2"),
        school("P3", unit_id=NEXT_COUNTY),
        institution("I1"),
        institution("I2"),
        programme(),
        *course("C1", days("2026-08-03", 2), title="课堂观察", capacity=2),
        *course("C2", days("2026-08-10", 1), title="作业设计", capacity=3),
        *course("C3", days("2026-08-17", 2), title="心理辅导", capacity=3, institution_id="I2"),
        teacher("T1"),
        *(teacher(f"T1{n}") for n in range(6)),
        teacher("T2", "P2"),
        teacher("T3", "P3"),
        *(
            RatingRow(teacher_id=id_, dimension=d.code, source="self", rater=id_, level=2)
            for id_ in ("T1", "T10", "T11", "T12", "T13")
            for d in frame.dimensions
        ),
        RatingRow(teacher_id="T2", dimension="XK1", source="self", rater="T2", level=2),
        *ledger("T1", 3),
    ]


def ledger(teacher_id: str, lines: int) -> Iterator[object]:
    for n in range(1, lines + 1):
        yield LedgerEntryRow(
            id=f"{teacher_id}-{n}",
            teacher_id=teacher_id,
            year=2026,
            category="zhuanye",
            minutes=240,
            source="省平台",
            evidence=f"E{n}",
            number=1,
        )
        for step, who in enumerate(("甲", "乙"), 1):
            yield LedgerApprovalRow(entry_id=f"{teacher_id}-{n}", step=step, approver=who)


@contextmanager
def county(*more, most_waiting: int = 5_000, **options) -> Iterator[County]:
    """Open the two counties behind an API, with some more rows."""
    clock = Clock()
    with fresh() as target:
        engine = open_database(target)
        with Session(engine) as session, session.begin():
            add(session, *rows(), *more)
        with Office(engine, clock, serving=True, most_waiting=most_waiting) as office:
            app = create_app(office, **options)
            with TestClient(app) as client:
                yield County(office, engine, clock, app, client)
        engine.dispose()
