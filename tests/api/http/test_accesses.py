"""Who was shown whose data: each answer that shows somebody else leaves exactly one line."""

import ast
import re
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from api import accesses
from api.messages import say
from api.serve import forget_accesses
from api.tables import AccessRow, AccessSubjectRow
from matching.rounds.life.tables import MarkRow, PlaceRow, ProposalRow
from tests.api.http.factories import ROUND, START, county
from tests.api.http.test_whole_life import move, move_by_two
from tests.api.http.who_may import NAMES, ROWS

R, HER = f"/rounds/{ROUND}", f"/rounds/{ROUND}/ballots/T1"
ROUTES = Path(accesses.__file__).parent / "routes"
MARK = {"round_id": ROUND, "section_id": "C1", "day": "2026-08-03", "half": "am", "marked_at": ""}
HELD = {"teacher_id": "T1", "origin": "chosen", "rank": 1}
OWN = {"teacher": "T1", "other_teacher": "T2"}
READS = [route for route in ROWS if route[0] == "GET"]
ID = re.compile(r'"(T[0-9]{1,2})"')


def lines(place) -> list[tuple]:
    """Return every line as (id, actor, what, round, teachers)."""
    with Session(place.engine) as session:
        shown: dict[str, set[str]] = {}
        for row in session.exec(select(AccessSubjectRow)):
            shown.setdefault(row.access_id, set()).add(row.teacher_id)
        rows = session.exec(select(AccessRow).order_by(AccessRow.at, AccessRow.id))
        assert all(row.count == len(shown[row.id]) for row in rows)
        rows = session.exec(select(AccessRow).order_by(AccessRow.at, AccessRow.id))
        return [(row.id, row.actor, row.what, row.round_id, shown[row.id]) for row in rows]


def new_lines(place, before: list[tuple]) -> list[tuple]:
    known = {line[0] for line in before}
    return [line for line in lines(place) if line[0] not in known]


def expected(name: str, path: str, answer) -> set[str]:
    """Return the teachers that an answer shows somebody who is not herself, from its very words."""
    if answer.status_code != 200:
        return set()
    in_path = {part for part in re.split("[/?]", path) if re.fullmatch("T[0-9]{1,2}", part)}
    return (in_path | set(ID.findall(answer.text))) - {OWN.get(name)}


@pytest.fixture(scope="module")
def open_place():
    with county() as opened:
        opened.open_round()
        opened["teacher"].put(HER, {"lines": ["C1"]}, match=0)
        yield opened


@pytest.fixture(scope="module")
def published():
    """A round whose result is public; T1 and T2 have seats."""
    from api.jobs.solving import solve_job

    with county() as opened:
        opened.open_round(hours_strict=False)
        for name in OWN:
            opened[name].put(f"/rounds/{ROUND}/ballots/me", {"lines": ["C1"]}, match=0)
        opened.seal_round()
        asked = move(opened, "solve", effort="quick")
        solve_job(opened.engine, asked["told"]["job"]["id"])
        move(opened, "accept")
        move_by_two(opened, "publish", notice_days=7)
        opened["teacher"].post(f"{R}/appeals", {"text": "请复核"})
        sent = {"teacher_id": "T2", "section_id": "C2", "kind": "lock"}
        proposal = {"id": "lock", "round_id": ROUND, "verb": "override", "arguments": sent}
        opened.add(
            MarkRow(**MARK, teacher_id="T1", mark="present", marked_by="centre"),
            ProposalRow(**proposal, reason="理由", proposed_by="officer", proposed_at=""),
        )
        opened.add(PlaceRow(round_id=ROUND, section_id="C1", number=9, state="confirmed", **HELD))
        yield opened


def check_all(place, path: str) -> int:
    """Let everybody ask, and hold the lines that are new against what the answers show."""
    kept = 0
    for name in NAMES:
        before = lines(place)
        answer = place[name].get(path)
        shown = expected(name, path, answer)
        found = new_lines(place, before)
        assert [line[4] for line in found] == ([shown] if shown else []), (name, path)
        kept += len(found)
    return kept


@pytest.mark.parametrize("route", READS, ids=lambda route: route[1])
def test_each_answer_that_shows_somebody_else_leaves_one_line(open_place, route):
    check_all(open_place, ROWS[route][0])


LISTS = "results results/T1 seats/T1 messages ballots appeals proposals sections/C1/seats"


@pytest.mark.parametrize("path", [*LISTS.split(), "sections/C1/marks"])
def test_the_lists_of_a_published_result_leave_lines(published, path):
    assert check_all(published, f"{R}/{path}") >= 2


def test_a_download_names_everybody_in_it(published):
    before = lines(published)
    assert published["county"].get(f"{R}/export").status_code == 200
    ((_, actor, what, round_id, shown),) = new_lines(published, before)
    assert (actor, what, round_id) == ("officer", "get_export", ROUND)
    assert shown == {"T1", "T2", *(f"T1{n}" for n in range(6))}


def test_a_route_that_keeps_no_line_is_noticed(open_place, monkeypatch):
    """Negative control: the same look at the same answers, with nothing written down."""
    monkeypatch.setattr(accesses, "keep", lambda *_: ())
    with pytest.raises(AssertionError):
        check_all(open_place, "/teachers/T1")


def operations_that_show() -> set[str]:
    """Return the names of the operations that write down whom they show."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in ROUTES.glob("*.py")]
    functions = [one for tree in trees for one in tree.body if isinstance(one, ast.FunctionDef)]
    return {one.name for one in functions if "visit.show(" in ast.unparse(one)}


def test_every_operation_that_shows_somebody_has_words_for_it():
    found = operations_that_show()
    assert len(found) >= 16
    for what in found:
        assert say(f"access_{what}", "zh") != say(f"access_{what}", "en")


@pytest.fixture
def own(dialect):
    with county() as opened:
        opened.open_round()
        opened["teacher"].put(HER, {"lines": ["C1"]}, match=0)
        yield opened


def test_a_teacher_sees_who_was_shown_her_data_the_latest_first(own):
    own["school"].get("/teachers/T1")
    own.clock.turn(minutes=1)
    own["county"].get("/teachers", lang="en")
    own["county"].get("/teachers/T2")
    first, second = own["teacher"].get("/me/accesses").json()["items"]
    assert (first["actor"], first["what"], first["others"]) == ("officer", "list_teachers", 7)
    assert (second["actor"], second["role"]["zh"], second["scope_id"]) == (
        "headmaster",
        "学校",
        "P1",
    )
    assert (second["title"]["zh"], second["others"]) == ("查看教师基本信息", 0)
    assert second["at"] == "2026-06-01T08:00:00.000000Z"
    listed = own["other_teacher"].get("/me/accesses").json()["items"]
    assert {each["what"] for each in listed} == {"list_teachers", "get_teacher"}


def test_the_record_comes_in_parts_that_make_the_whole(own):
    for minute in range(5):
        own.clock.turn(minutes=minute % 2)
        own["school"].get("/teachers/T1")
    found, cursor = [], ""
    while cursor is not None:
        part = own["teacher"].get(f"/me/accesses?limit=2&cursor={cursor}").json()
        found += [each["at"] for each in part["items"]]
        cursor = part["next"]
    assert found == sorted(found, reverse=True)
    assert len(found) == 5


def test_an_auditor_asks_who_saw_a_teacher_and_what_somebody_saw(own):
    own["school"].get("/teachers/T1")
    own["county"].get("/teachers")
    own["other_county"].get("/teachers")
    asks = own["auditor"].get
    about = asks("/accesses?teacher_id=T1").json()["items"]
    assert {each["actor"] for each in about} == {"headmaster", "officer"}
    (by,) = asks("/accesses?actor=headmaster").json()["items"]
    assert (by["count"], by["teacher_ids"]) == (1, ["T1"])
    everything = asks("/accesses").json()["items"]
    assert {each["actor"] for each in everything} == {"headmaster", "officer", "auditor"}
    assert "neighbour" not in {each["actor"] for each in everything}


def test_looking_at_the_record_is_recorded_too(own):
    own["school"].get("/teachers/T1")
    own["auditor"].get("/accesses?teacher_id=T1")
    latest = own["teacher"].get("/me/accesses").json()["items"]
    assert {each["what"] for each in latest} == {"get_teacher", "list_accesses"}


def test_what_cannot_be_written_down_is_not_shown(own, monkeypatch):
    def full(*_):
        from api.errors import Unconfirmed

        raise Unconfirmed("unconfirmed", error="disk full")

    monkeypatch.setattr(accesses, "keep", full)
    answer = own["county"].get("/teachers/T1")
    assert answer.status_code == 503
    assert "T1" not in answer.text


TOUCHES = (
    "UPDATE access_log SET actor = 'nobody'",
    "DELETE FROM access_log",
    "UPDATE access_subject SET teacher_id = 'T2'",
    "DELETE FROM access_subject",
)


def run(place, statement: str) -> None:
    with Session(place.engine) as session, session.begin():
        session.execute(text(statement))


@pytest.mark.parametrize("touch", TOUCHES)
def test_the_database_refuses_to_change_a_line_or_to_forget_it_early(own, touch):
    later = "2200-01-01T00:00:00.000000Z"  # young by whatever clock the database has
    own.add(
        AccessRow(id="a", at=later, actor="x", role="county", scope_id="c", what="w", count=1),
        AccessSubjectRow(teacher_id="T1", at=later, access_id="a"),
    )
    with pytest.raises(IntegrityError, match="append-only"):
        run(own, touch)


def test_what_was_kept_long_enough_is_forgotten_and_the_log_says_so(own):
    for id_, at in (("old", "2024-01-01"), ("young", "2026-05-01")):
        moment = f"{at}T00:00:00.000000Z"
        own.add(
            AccessRow(id=id_, at=moment, actor="x", role="county", scope_id="c", what="w", count=1),
            AccessSubjectRow(teacher_id="T1", at=moment, access_id=id_),
        )
    forget_accesses(own.office)
    assert [line[0] for line in lines(own)] == ["young"]
    (told,) = own.log("accesses.forgotten")
    assert told.actor == "clock"
    forget_accesses(own.office)
    assert len(own.log("accesses.forgotten")) == 1
    assert own.clock() == START


def test_handing_in_and_reading_of_oneself_write_no_line(own):
    """Counted, not timed: no statement touches these tables, and reading commits nothing."""
    said, commits, before = [], [], lines(own)
    event.listen(own.engine, "before_cursor_execute", lambda *a: said.append(a[2]))
    her = own["teacher"]
    assert her.put(HER, {"lines": ["C2"]}, match=1).status_code == 200
    event.listen(own.engine, "commit", commits.append)
    for path in ("/teachers/T1", "/teachers/me/hours?year=2026", HER, "/teachers"):
        assert her.get(path).status_code == 200
    assert len(said) >= 7
    assert not [sql for sql in said if "access_" in sql]
    assert lines(own) == before  # what is prepared runs past the listener
    assert commits == []


def test_many_who_look_at_once_share_commits():
    with county() as place:
        people = [place[name] for name in ("school", "county", "auditor", "second")] * 3
        assert all(person.get("/teachers/T1").status_code == 200 for person in people[:4])
        commits = []
        with place.busy_writer() as let_go:
            answers = place.at_once([lambda p=p: p.get("/teachers/T1") for p in people])
            place.wait_for_line(len(people))
            event.listen(place.engine, "commit", commits.append)
            let_go()
            assert {answer.status_code for answer in answers()} == {200}
        assert len(commits) <= 2  # the one that was busy, and all the others
        assert len(lines(place)) == 4 + len(people)
