"""The doors: what comes in is bounded, what goes out has one form, and routes ask no database."""

import ast
import json
from pathlib import Path

import pytest

from api.app import MOST_AT_ONCE, PREFIX
from api.routes.door import language_of
from api.schemas import LONGEST_BODY
from tests.api.http.factories import ROUND, county

ROUTES = Path(__file__).parents[3] / "api" / "routes"
PATH = f"{PREFIX}/rounds/{ROUND}/ballots/me"
ASKING = {"select", "execute", "scalars", "scalar", "exec", "get_one", "query"}


@pytest.fixture(scope="module")
def open_place():
    with county() as opened:
        opened.open_round()
        yield opened


def questions(text: str) -> set[str]:
    """Return the calls in a text that ask the database."""
    calls = [node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    names = {getattr(call, "id", getattr(call, "attr", "")) for call in calls}
    return names & ASKING


@pytest.mark.parametrize("path", sorted(ROUTES.glob("*.py")), ids=lambda path: path.name)
def test_a_route_asks_no_database(path):
    assert questions(path.read_text(encoding="utf-8")) == set()


def test_a_route_that_asks_is_noticed():
    assert questions("def f(session):\n    return session.scalars(select(T))") == {
        "select",
        "scalars",
    }


def send(place, content: bytes, **headers: str):
    person = place["teacher"]
    sent = {
        "Content-Type": "application/json",
        "Idempotency-Key": "malformed-1",
        "If-Match": '"0"',
        **headers,
    }
    return place.client.put(PATH, content=content, headers=person.headers(sent))


def is_an_error(answer, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"code", "message", "field", "next"}
    assert answer.json()["message"]
    assert answer.json()["next"]
    assert answer.headers["Cache-Control"] == "no-store"


MALFORMED = {
    "not json": b"lines",
    "half": b'{"lines": ["C1"',
    "nothing": b"",
    "null": b"null",
    "list": b"[]",
    "not utf-8": b'{"lines": ["\xff"]}',
    "surrogate": b'{"lines": ["\\ud800"]}',
    "nul": b'{"lines": ["C1\\u0000"]}',
    "direction": '{"lines": ["C1\u202e"]}'.encode(),
    "number for text": b'{"lines": [1]}',
    "nan": b'{"lines": [], "most_sections": NaN}',
    "infinite": b'{"lines": [], "most_sections": Infinity}',
    "huge": b'{"lines": [], "most_sections": 1e400}',
    "beyond 63 bits": b'{"lines": [], "most_sections": 9223372036854775808}',
    "many digits": b'{"lines": [], "most_sections": ' + b"9" * 5000 + b"}",
    "text for number": b'{"lines": [], "most_sections": "2"}',
    "true for number": b'{"lines": [], "most_sections": true}',
    "unknown key": b'{"lines": [], "admin": true}',
    "too many": json.dumps({"lines": ["C1"] * 51}).encode(),
    "too deep": b'{"lines": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_ballot_is_refused_in_the_one_form(open_place, kind):
    answer = send(open_place, MALFORMED[kind])
    is_an_error(answer, answer.status_code)
    assert answer.status_code in (400, 422)
    assert open_place["teacher"].get(f"/rounds/{ROUND}/ballots/me").json()["version"] == 0


def test_what_was_sent_is_never_repeated(open_place):
    marker = "zhongyaoXYZ"
    bodies = [
        {"lines": [marker]},
        {"lines": [marker, marker]},
        {"lines": ["C1"], marker: 1},
        {"lines": {marker: marker}},
        {"lines": [f"{marker}!"], "most_sections": marker},
    ]
    for body in bodies:
        assert marker not in send(open_place, json.dumps(body).encode()).text
    her = open_place["teacher"]
    for path in (
        f"/teachers/{marker}",
        f"/{marker}",
        f"/rounds?cursor={marker}",
        f"/rounds?x={marker}",
    ):
        assert marker not in her.get(path).text
    county_ = open_place["county"]
    for verb, arguments in (("void", {"successor": marker}), (marker, {})):
        sent = {"verb": verb, "arguments": arguments, "reason": "理由"}
        answer = county_.post(f"/rounds/{ROUND}/proposals", sent, match=0)
        assert marker not in answer.json().get("message", "")
        assert answer.status_code < 500


def test_too_large_a_request_is_refused_by_its_length(open_place):
    is_an_error(send(open_place, b" " * (LONGEST_BODY + 1)), 413)


def test_too_large_a_request_is_refused_when_it_does_not_say_its_length(open_place):
    def parts():
        for _ in range(LONGEST_BODY // 1000 + 2):
            yield b" " * 1000

    person = open_place["teacher"]
    sent = person.headers({"Content-Type": "application/json", "If-Match": '"0"'})
    is_an_error(open_place.client.put(PATH, content=parts(), headers=sent), 413)


def test_a_request_of_the_greatest_length_is_read(open_place):
    body = b'{"lines": []}'
    answer = send(open_place, body + b" " * (LONGEST_BODY - len(body)))
    assert answer.status_code in (200, 422)
    assert answer.json()["code" if answer.status_code == 422 else "version"]


def test_an_address_that_does_not_exist(open_place):
    is_an_error(open_place.client.get("/api/v1/nowhere"), 404)
    is_an_error(open_place.client.get("/"), 404)
    is_an_error(open_place.client.get("/docs"), 404)


def test_a_method_that_does_not_fit_names_those_that_do(open_place):
    answer = open_place.client.delete(PATH, headers=open_place["teacher"].headers())
    is_an_error(answer, 405)
    assert "PUT" in answer.headers["Allow"] or "GET" in answer.headers["Allow"]


def test_a_form_is_no_json(open_place):
    is_an_error(send(open_place, b"lines=C1", **{"Content-Type": "text/plain"}), 422)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh"),
        ("", "zh"),
        ("fr", "zh"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh;q=0.2, en;q=0.7", "en"),
        ("en;q=abc, zh", "zh"),
        ("," * 500, "zh"),
    ],
)
def test_the_language_is_read_from_the_header(header, language):
    assert language_of(header) == language


def test_a_defect_of_ours_is_told_without_its_inside():
    with county() as broken:
        token = broken["teacher"]
        broken.app.state.office = Broken(broken.office)
        client = broken.quiet()
        answer = client.get(f"{PREFIX}/me", headers=token.headers())
        is_an_error(answer, 500)
        assert "geheim" not in answer.text


class Broken:
    healthy = True

    def __init__(self, office) -> None:
        self.clock = office.clock

    def read(self):
        raise RuntimeError("geheim")


def test_while_the_office_is_opened_the_service_is_alive_and_not_ready(open_place):
    open_place.app.state.office = None
    try:
        assert open_place.client.get("/healthz").status_code == 200
        assert open_place.client.get("/openapi.json").status_code == 200
        assert open_place.client.get("/readyz").status_code == 503
        is_an_error(open_place.client.get(f"{PREFIX}/me"), 503)
    finally:
        open_place.app.state.office = open_place.office
    assert MOST_AT_ONCE > 1000
