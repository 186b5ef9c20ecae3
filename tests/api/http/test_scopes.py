"""Who may ask what: every route by every role, of one's own and of another's, as `who_may` says.

Without a token everything is 401. A route without a row there fails.
"""

import pytest

from api.app import PREFIX
from api.tables import OutboxRow
from diagnostics.framework import framework
from diagnostics.tables import DiagnosisRow
from matching.rounds.life.tables import AppealRow, JobRow, ProposalRow
from tests.api.http.factories import ROUND, county
from tests.api.http.who_may import BALLOT, HER, NAMES, ROWS, R


@pytest.fixture(scope="module")
def open_place():
    with county() as opened:
        opened.open_round()
        opened["teacher"].put(HER, BALLOT, match=0)
        opened.add(
            JobRow(
                id=f"{ROUND}.0001",
                round_id=ROUND,
                number=1,
                snapshot_digest="0",
                configuration="0",
                state="failed",
            ),
            OutboxRow(
                id="T1-note",
                event_seq=1,
                round_id=ROUND,
                person="T1",
                kind="offer",
                reference="seat",
                values={"section": "C1"},
            ),
            AppealRow(
                id=f"{ROUND}/T1/1", round_id=ROUND, teacher_id="T1", text="请复核", raised_at=""
            ),
            DiagnosisRow(
                id="Dher",
                teacher_id="T1",
                framework="common",
                version=framework().version,
                seed="1",
                opened_at="2026-06-01T08:00:00Z",
            ),
            ProposalRow(
                id="dropped",
                round_id=ROUND,
                verb="close_early",
                arguments={},
                reason="理由",
                proposed_by="officer",
                proposed_at="",
                state="dropped",
            ),
        )
        yield opened


def routes_of(app) -> set[tuple[str, str]]:
    paths = app.openapi()["paths"]
    return {
        (method.upper(), path.removeprefix(PREFIX))
        for path, operations in paths.items()
        if path.startswith(PREFIX)
        for method in operations
    }


def ask(place, person, method: str, path: str, body) -> int:
    if method == "GET":
        return person.get(path).status_code
    return person.send(method, path, body, match=99).status_code


def test_every_route_has_a_row(open_place):
    assert routes_of(open_place.app) == set(ROWS)


def test_a_route_without_a_row_is_noticed(open_place):
    from fastapi import APIRouter

    from api.app import create_app

    app = create_app(open_place.office)
    extra = APIRouter()
    extra.add_api_route("/secrets", lambda: {}, methods=["GET"])
    app.include_router(extra, prefix=PREFIX)
    app.openapi_schema = None
    assert routes_of(app) - set(ROWS) == {("GET", "/secrets")}


@pytest.mark.parametrize("route", ROWS, ids=lambda route: " ".join(route))
def test_each_role_gets_what_is_its_own(open_place, route):
    path, body, expected = ROWS[route]
    told = [ask(open_place, open_place[name], route[0], path, body) for name in NAMES]
    wanted = [int(status) for status in expected.split()]
    assert dict(zip(NAMES, told, strict=True)) == dict(zip(NAMES, wanted, strict=True))


@pytest.mark.parametrize("route", ROWS, ids=lambda route: " ".join(route))
def test_without_a_token_there_is_nothing(open_place, route):
    path, body, _ = ROWS[route]
    nobody = open_place.nobody()
    assert ask(open_place, nobody, route[0], path, body) == 401


@pytest.mark.parametrize("route", [r for r in ROWS if " 404 " in f" {ROWS[r][2]} "])
def test_anothers_thing_is_answered_like_no_thing(open_place, route):
    """For every role that gets 404: the same bytes for a thing that exists and one that does not."""
    path, body, expected = ROWS[route]
    for name, status in zip(NAMES, expected.split(), strict=True):
        if status != "404":
            continue
        person = open_place[name]
        theirs = person.send(route[0], path, body, match=99)
        missing = person.send(route[0], renamed(path), body, match=99)
        assert (missing.status_code, missing.content) == (theirs.status_code, theirs.content)


def renamed(path: str) -> str:
    """Return the path of a thing that does not exist: the last code in it is another."""
    for code in (
        "T1-note",
        "T1",
        "441226",
        "P1",
        "C1",
        "dropped",
        "Dher",
        f"{ROUND}.0001",
        f"{ROUND}~T1~1",
        ROUND,
    ):
        if f"/{code}" in path:
            return path.replace(f"/{code}", "/X9", 1)
    raise AssertionError(path)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("school", "/teachers?school_id=P2"),
        ("other_county", "/teachers?school_id=P1"),
        ("teacher", "/teachers?school_id=P2"),
        ("institution", "/catalog/sections?institution_id=I2"),
        ("other_school", f"{R}/ballots?school=pending"),
        ("other_teacher", f"{R}/appeals"),
    ],
)
def test_a_filter_reaches_no_further(open_place, name, path):
    assert open_place[name].get(path).json()["items"] == []


def test_a_cursor_reaches_no_further(open_place):
    from api.schemas import cursor_of

    path = f"/teachers?cursor={cursor_of('T0')}"
    assert [row["id"] for row in open_place["other_school"].get(path).json()["items"]] == ["T2"]
