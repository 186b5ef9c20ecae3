"""The quick lane says what the route would say, and costs what it may cost: counts, never seconds."""

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlmodel import Session, select

from api import auth, lane
from api.serve import write_uses
from api.tables import TokenRow
from benchmarks import http
from catalog.prepared import connection_of
from matching.rounds.life import entries, shared
from tests.api.http.factories import ROUND, county
from tests.matching.rounds.factories import teacher

MINE = f"/api/v1/rounds/{ROUND}/ballots/me"
BALLOT = {"lines": ["C1", "C2+C3"], "most_sections": 2}
TOGETHER = 20
STATEMENTS = 13
"""Of one hand-in: two for its savepoint, five questions, four rows, and the guards of two of them."""

SHARED = 20
"""For a whole batch: the transaction, the sections, the units, and what keeps the writer busy."""

ROOT = Path(__file__).parents[3]


@pytest.fixture
def place(dialect):
    with county() as opened:
        opened.open_round()
        yield opened


@pytest.fixture
def quick():
    """A county whose crowd hands in at once."""
    crowd = [f"L{n:03d}" for n in range(TOGETHER)]
    with county(*(teacher(id_) for id_ in crowd)) as opened:
        opened.open_round()
        opened.crowd = [opened.person("teacher", id_, id_) for id_ in crowd]
        yield opened


@contextmanager
def no_lane(monkeypatch):
    """Let every request take the long way."""
    with monkeypatch.context() as patch:
        patch.setattr(lane, "_look", lambda _: None)
        yield


@contextmanager
def no_route(place, monkeypatch):
    """Fail where a request reaches the framework."""

    async def inside(*_):
        pytest.fail("it reached the framework")

    with monkeypatch.context() as patch:
        patch.setattr(place.app.outside._app, "_app", inside)
        yield


def headers(place, name="teacher", **changes):
    sent = {
        "Authorization": f"Bearer {place[name].token}",
        "Idempotency-Key": "lane-0001",
        "If-Match": '"0"',
        "Content-Type": "application/json",
    }
    sent |= {name.replace("_", "-"): value for name, value in changes.items()}
    return {name: value for name, value in sent.items() if value is not None}


def put(place, body=BALLOT, path=MINE, **changes):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return place.client.put(path, content=content, headers=headers(place, **changes))


def told(answer):
    """Return everything an answer says but the number of the request."""
    said = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    assert len(answer.headers["x-request-id"]) == 16
    return answer.status_code, answer.json(), said


def test_a_ballot_in_order_never_reaches_the_framework(place, monkeypatch):
    with no_route(place, monkeypatch):
        answer = put(place)
    assert (answer.status_code, answer.json()["lines"]) == (200, BALLOT["lines"])
    assert place["teacher"].get(f"/rounds/{ROUND}/ballots/me").json()["version"] == 1


@pytest.mark.parametrize("first", ["lane", "route"])
def test_both_ways_know_a_request_that_was_answered(place, monkeypatch, first):
    """She repeats it, and it takes the other way: the same answer, done once."""
    if first == "lane":
        done = put(place)
        with no_lane(monkeypatch):
            again = put(place)
    else:
        with no_lane(monkeypatch):
            done = put(place)
        again = put(place)
    assert again.headers["Idempotency-Replayed"] == "true"
    status, body, said = told(again)
    said.pop("idempotency-replayed")
    assert (status, body, said) == told(done)


REFUSED = {
    "an unknown token": ({"Authorization": "Bearer xk_nobody"}, {}),
    "a token that is none": ({"Authorization": "Bearer nonsense"}, {}),
    "an institution": ({"name": "institution"}, {}),
    "a neighbour": ({"name": "other_school"}, {"path": MINE.replace("me", "T1")}),
    "a stale version": ({"If_Match": '"7"'}, {}),
    "a ballot that is wrong": ({}, {"body": {"lines": ["C1", "C1", "none", "C9"]}}),
    "a round that is not there": ({}, {"path": MINE.replace(ROUND, "r9")}),
    "another language": ({"If_Match": '"7"', "Accept_Language": "en"}, {}),
}
LEFT_TO_THE_ROUTE = {
    "no token": ({"Authorization": None}, {}),
    "no key": ({"Idempotency_Key": None}, {}),
    "a short key": ({"Idempotency_Key": "short"}, {}),
    "no version": ({"If_Match": None}, {}),
    "a version of another form": ({"If_Match": "W/0"}, {}),
    "another content type": ({"Content_Type": "text/plain"}, {}),
    "no content type": ({"Content_Type": None}, {}),
    "no JSON": ({}, {"body": b"{"}),
    "another encoding": ({}, {"body": b'{"lines": ["\xff"]}'}),
    "a key that is not known": ({}, {"body": {**BALLOT, "first": True}}),
    "a number as text": ({}, {"body": {**BALLOT, "most_sections": "2"}}),
    "too many lines": ({}, {"body": {"lines": ["C1"] * 51}}),
    "an id that cannot be": ({}, {"path": MINE.replace("/me", "/-me")}),
}


@pytest.mark.parametrize("case", [*REFUSED.values(), *LEFT_TO_THE_ROUTE.values()])
def test_what_is_refused_is_refused_alike(place, monkeypatch, case):
    changes, sent = case
    quick = put(place, **sent, **changes)
    with no_lane(monkeypatch):
        assert told(put(place, **sent, **changes)) == told(quick)
    assert quick.status_code in (400, 401, 403, 404, 412, 422, 428)


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_a_request_in_order_is_refused_without_the_framework(place, monkeypatch, case):
    changes, sent = case
    place[changes.get("name", "teacher")]  # has her token
    with no_route(place, monkeypatch):
        assert put(place, **sent, **changes).status_code >= 400


def test_other_content_that_the_route_takes_is_taken(place):
    """What the lane does not look at is not lost: the route gets every byte of it."""
    answer = put(place, Content_Type="application/json; charset=utf-8")
    assert (answer.status_code, answer.json()["lines"]) == (200, BALLOT["lines"])


def test_after_revoking_nothing_is_taken(place):
    assert put(place).status_code == 200
    with Session(place.engine) as session, session.begin():
        (token,) = session.exec(select(TokenRow).where(TokenRow.scope_id == "T1"))
        auth.revoke(session, token.id)
    again = put(place, Idempotency_Key="lane-0002", If_Match='"1"')
    assert (again.status_code, again.json()["code"]) == (401, "http_no_token")


def test_after_closing_nothing_is_taken(place):
    headers(place)  # she has her token
    place.clock.turn(days=10)
    late = put(place)
    assert (late.status_code, late.json()["code"]) == (409, "life_deadline_past")


def test_her_use_of_the_token_is_remembered(place):
    put(place)
    with Session(place.engine) as session, session.begin():
        assert place.app.state.uses.write(session) == 1


def statements(quick) -> int:
    """Return how many statements a crowd in one batch needs."""
    said = []
    quick.trace_writer(said.append)
    with quick.busy_writer() as let_go:
        jobs = [
            lambda p=p, n=n: p.put(MINE[7:], BALLOT, match=0, key=f"crowd-{n:03d}")
            for n, p in enumerate(quick.crowd)
        ]
        answers = quick.at_once(jobs)
        quick.wait_for_line(TOGETHER)
        let_go()
        assert [answer.status_code for answer in answers()] == [200] * TOGETHER
    return sum(not line.startswith("--") for line in said)


def test_a_hand_in_needs_few_statements(quick):
    """Sections, units and the transaction itself are shared by the batch."""
    assert statements(quick) <= STATEMENTS * TOGETHER + SHARED


def test_the_statements_are_counted(quick, monkeypatch):
    """Negative control: where every hand-in asks for its sections itself, there are too many."""
    read = entries.courses

    def forgetful(session, sections):
        if sections:
            shared.forget(connection_of(session))
        return read(session, sections)

    monkeypatch.setattr(entries, "courses", forgetful)
    assert statements(quick) > STATEMENTS * TOGETHER + SHARED


def test_uses_are_written_a_few_at_a_time(place, monkeypatch):
    """Ten thousand in one go would hold the write lock for seconds, and everybody behind it."""
    uses = place.app.state.uses
    for n in range(2 * auth.MOST_USES + 1):
        uses.saw(f"token-{n}", place.clock())
    pieces, do = [], place.office.do
    monkeypatch.setattr(place.office, "do", lambda *said: pieces.append(do(*said)))
    write_uses(place.office, uses)
    assert len(pieces) == 3
    with Session(place.engine) as session, session.begin():
        assert uses.write(session) == 0


FIRST = """
import asyncio, sys
from pathlib import Path
import api.http_server, uvloop
from api.app import create_app
from api.console import Desk
from api.unit_of_work import Office
from benchmarks.http import ROUND

async def put(app, token):
    body, told = b'{"lines": ["C01+C02", "C03"], "most_sections": 2}', []
    names = ("authorization", "idempotency-key", "if-match", "content-type")
    said = (f"Bearer {token}", "first-0001", '"0"', "application/json")
    scope = {"type": "http", "method": "PUT", "path": f"/api/v1/rounds/{ROUND}/ballots/me",
             "headers": [(n.encode(), v.encode()) for n, v in zip(names, said)]}
    async def receive():
        return {"type": "http.request", "body": body}
    async def send(message):
        told.append(message)
    await app(scope, receive, send)
    return told[0]["status"]

with Desk(Path(sys.argv[1]), "en").database() as engine, Office(engine, serving=True) as office:
    app = create_app(office)
    before = set(sys.modules)
    status = asyncio.run(put(app, sys.argv[2]))
    print(status, *sorted(set(sys.modules) - before))
"""


def test_the_first_hand_in_loads_nothing(tmp_path):
    with http.county(tmp_path, 1) as made:
        words = [sys.executable, "-c", FIRST, str(made.file), made.tokens[0]]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["200"], done.stdout + done.stderr
