"""Who may ask what: every route by every role, of one's own and of another's.

The round is open and nothing is published, so a request that may be made and does not fit this state is
answered 409, an edit of a version that is gone 412. What is not for a role is 403, what is another's
404, and without a token everything is 401. A route without a row here fails.
"""

import pytest

from api.app import PREFIX
from api.tables import OutboxRow
from matching.rounds.life.tables import AppealRow, JobRow, ProposalRow
from tests.api.http.factories import ROUND, county

NAMES = (
    "teacher",
    "other_teacher",
    "school",
    "other_school",
    "institution",
    "other_institution",
    "county",
    "other_county",
    "auditor",
)
"""The columns below: T t S s I i C c A; capitals are the owners of what is asked for."""

R, HER = f"/rounds/{ROUND}", f"/rounds/{ROUND}/ballots/T1"
BALLOT = {"lines": ["C1"]}
SEAT = f"{R}/seats/T1/C1"

ROWS = {
    #                                                        T   t   S   s   I   i   C   c   A
    ("GET", "/me"): ("/me", None, "200 200 200 200 200 200 200 200 200"),
    ("GET", "/me/accesses"): ("/me/accesses", None, "200 200 403 403 403 403 403 403 403"),
    ("GET", "/accesses"): ("/accesses", None, "403 403 403 403 403 403 403 403 200"),
    ("GET", "/units"): ("/units", None, "200 200 200 200 200 200 200 200 200"),
    ("GET", "/units/{unit_id}"): ("/units/441226", None, "200 200 200 200 404 404 200 404 200"),
    ("GET", "/schools"): ("/schools", None, "200 200 200 200 200 200 200 200 200"),
    ("GET", "/schools/{school_id}"): ("/schools/P1", None, "200 404 200 404 404 404 200 404 200"),
    ("GET", "/catalog/offerings"): ("/catalog/offerings", None, "200 " * 9),
    ("GET", "/catalog/sections"): ("/catalog/sections", None, "200 " * 9),
    ("GET", "/catalog/offerings/{offering_id}"): (
        "/catalog/offerings/C1",
        None,
        "200 200 200 200 200 404 200 200 200",
    ),
    ("GET", "/catalog/sections/{section_id}"): (
        "/catalog/sections/C1",
        None,
        "200 200 200 200 200 404 200 200 200",
    ),
    ("GET", "/teachers"): ("/teachers", None, "200 200 200 200 403 403 200 200 200"),
    ("GET", "/teachers/{teacher_id}"): (
        "/teachers/T1",
        None,
        "200 404 200 404 403 403 200 404 200",
    ),
    ("GET", "/teachers/{teacher_id}/hours"): (
        "/teachers/T1/hours?year=2026",
        None,
        "200 404 200 404 403 403 200 404 200",
    ),
    ("GET", "/teachers/{teacher_id}/ledger"): (
        "/teachers/T1/ledger",
        None,
        "200 404 200 404 403 403 200 404 200",
    ),
    ("GET", "/teachers/me/diagnosis"): (
        "/teachers/me/diagnosis",
        None,
        "200 200 403 403 403 403 403 403 403",
    ),
    ("GET", "/diagnosis/groups"): (
        "/diagnosis/groups",
        None,
        "403 403 200 200 403 403 200 200 200",
    ),
    ("GET", "/rounds"): ("/rounds", None, "200 200 200 200 200 200 200 200 200"),
    ("POST", "/rounds"): ("/rounds", {"settings": "x"}, "403 403 403 403 403 403 422 422 403"),
    ("GET", "/rounds/{round_id}"): (R, None, "200 200 200 200 200 200 200 404 200"),
    ("GET", "/rounds/{round_id}/rules"): (
        f"{R}/rules",
        None,
        "200 200 200 200 200 200 200 404 200",
    ),
    ("POST", "/rounds/{round_id}/moves"): (
        f"{R}/moves",
        {"verb": "pause", "reason": "停电"},
        "403 403 403 403 403 403 412 404 403",
    ),
    ("GET", "/rounds/{round_id}/proposals"): (
        f"{R}/proposals",
        None,
        "403 403 403 403 403 403 200 404 200",
    ),
    ("POST", "/rounds/{round_id}/proposals"): (
        f"{R}/proposals",
        {"verb": "pause", "reason": "停电"},
        "403 403 403 403 403 403 409 404 403",
    ),
    ("POST", "/proposals/{proposal_id}/agree"): (
        "/proposals/dropped/agree",
        None,
        "403 403 403 403 403 403 409 404 403",
    ),
    ("POST", "/proposals/{proposal_id}/drop"): (
        "/proposals/dropped/drop",
        None,
        "403 403 403 403 403 403 409 404 403",
    ),
    ("GET", "/rounds/{round_id}/menu"): (f"{R}/menu", None, "200 200 403 403 403 403 403 403 403"),
    ("GET", "/rounds/{round_id}/menu/search"): (
        f"{R}/menu/search",
        None,
        "200 200 403 403 403 403 403 403 403",
    ),
    ("GET", "/rounds/{round_id}/menu/sections/{section_id}"): (
        f"{R}/menu/sections/C1",
        None,
        "200 200 403 403 403 403 403 403 403",
    ),
    ("GET", "/rounds/{round_id}/ballots"): (
        f"{R}/ballots",
        None,
        "403 403 200 200 403 403 200 404 200",
    ),
    ("GET", "/rounds/{round_id}/ballots/{teacher_id}"): (
        HER,
        None,
        "200 404 200 404 403 403 200 404 200",
    ),
    ("PUT", "/rounds/{round_id}/ballots/{teacher_id}"): (
        HER,
        BALLOT,
        "412 404 412 404 403 403 412 404 403",
    ),
    ("PUT", "/rounds/{round_id}/ballots/{teacher_id}/draft"): (
        f"{HER}/draft",
        BALLOT,
        "412 404 403 403 403 403 403 403 403",
    ),
    ("POST", "/rounds/{round_id}/ballots/{teacher_id}/amend"): (
        f"{HER}/amend",
        BALLOT,
        "412 404 412 404 403 403 412 404 403",
    ),
    ("POST", "/rounds/{round_id}/ballots/{teacher_id}/withdraw"): (
        f"{HER}/withdraw",
        None,
        "412 404 412 404 403 403 412 404 403",
    ),
    ("GET", "/rounds/{round_id}/ballots/{teacher_id}/receipt"): (
        f"{HER}/receipt",
        None,
        "200 404 403 403 403 403 403 403 403",
    ),
    ("POST", "/rounds/{round_id}/ballots/{teacher_id}/review"): (
        f"{HER}/review",
        {"decision": "approve"},
        "403 403 412 404 403 403 403 403 403",
    ),
    ("GET", "/rounds/{round_id}/jobs"): (f"{R}/jobs", None, "403 403 403 403 403 403 200 404 200"),
    ("GET", "/jobs/{job_id}"): (
        f"/jobs/{ROUND}.0001",
        None,
        "403 403 403 403 403 403 200 404 200",
    ),
    ("POST", "/jobs/{job_id}/stop"): (
        f"/jobs/{ROUND}.0001/stop",
        None,
        "403 403 403 403 403 403 409 404 403",
    ),
    ("GET", "/rounds/{round_id}/answers"): (
        f"{R}/answers",
        None,
        "403 403 403 403 403 403 200 404 200",
    ),
    ("GET", "/rounds/{round_id}/result"): (
        f"{R}/result",
        None,
        "409 409 409 409 409 409 409 404 409",
    ),
    ("GET", "/rounds/{round_id}/results"): (
        f"{R}/results",
        None,
        "403 403 409 409 403 403 409 404 409",
    ),
    ("GET", "/rounds/{round_id}/results/{teacher_id}"): (
        f"{R}/results/T1",
        None,
        "409 404 409 404 403 403 409 404 409",
    ),
    ("GET", "/rounds/{round_id}/seats/{teacher_id}"): (
        f"{R}/seats/T1",
        None,
        "200 404 200 404 403 403 200 404 200",
    ),
    ("POST", "/rounds/{round_id}/seats/{teacher_id}/{section_id}/confirm"): (
        f"{SEAT}/confirm",
        None,
        "409 404 409 404 403 403 409 404 403",
    ),
    ("POST", "/rounds/{round_id}/seats/{teacher_id}/{section_id}/decline"): (
        f"{SEAT}/decline",
        {"reason": "family"},
        "409 404 409 404 403 403 409 404 403",
    ),
    ("GET", "/rounds/{round_id}/sections/{section_id}/seats"): (
        f"{R}/sections/C1/seats",
        None,
        "403 403 403 403 200 404 200 404 200",
    ),
    ("GET", "/rounds/{round_id}/sections/{section_id}/marks"): (
        f"{R}/sections/C1/marks",
        None,
        "403 403 403 403 200 404 200 404 200",
    ),
    ("PUT", "/rounds/{round_id}/sections/{section_id}/marks"): (
        f"{R}/sections/C1/marks",
        {"marks": [{"teacher_id": "T1", "day": "2026-08-03", "half": "am", "mark": "present"}]},
        "403 403 403 403 409 404 409 404 403",
    ),
    ("GET", "/rounds/{round_id}/postings"): (
        f"{R}/postings",
        None,
        "403 403 403 403 200 200 200 404 200",
    ),
    ("POST", "/rounds/{round_id}/sections/{section_id}/posting/submit"): (
        f"{R}/sections/C1/posting/submit",
        None,
        "403 403 403 403 409 404 409 404 403",
    ),
    ("POST", "/rounds/{round_id}/sections/{section_id}/posting/approve"): (
        f"{R}/sections/C1/posting/approve",
        None,
        "403 403 403 403 403 403 409 404 403",
    ),
    ("GET", "/rounds/{round_id}/appeals"): (
        f"{R}/appeals",
        None,
        "200 200 200 200 403 403 200 404 200",
    ),
    ("POST", "/rounds/{round_id}/appeals"): (
        f"{R}/appeals",
        {"text": "请复核"},
        "409 409 403 403 403 403 403 403 403",
    ),
    ("POST", "/appeals/{appeal_id}/answer"): (
        f"/appeals/{ROUND}~T1~1/answer",
        {"text": "已复核"},
        "403 403 403 403 403 403 409 404 403",
    ),
    ("GET", "/rounds/{round_id}/notices"): (
        f"{R}/notices",
        None,
        "200 200 403 403 403 403 403 403 403",
    ),
    ("GET", "/rounds/{round_id}/notices/{notice_id}"): (
        f"{R}/notices/T1-note",
        None,
        "200 404 403 403 403 403 403 403 403",
    ),
    ("GET", "/rounds/{round_id}/messages"): (
        f"{R}/messages",
        None,
        "403 403 403 403 403 403 200 404 200",
    ),
    ("GET", "/rounds/{round_id}/messages/tally"): (
        f"{R}/messages/tally",
        None,
        "403 403 403 403 403 403 200 404 200",
    ),
    ("GET", "/rounds/{round_id}/export"): (
        f"{R}/export",
        None,
        "403 403 403 403 403 403 409 404 403",
    ),
}


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
