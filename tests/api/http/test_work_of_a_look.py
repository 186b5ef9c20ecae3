"""A diagnosis, a profile and a menu take as much work in a large county as in a small one.

Work is counted as SQLite counts it, in instructions of its machine: seconds would depend on who else
uses the computer.
"""

from collections import Counter

import pytest
from sqlalchemy import event, insert
from sqlmodel import Session

from api.reads import boards
from catalog.prepared import connection_of
from diagnostics import asking, raters
from diagnostics.paper import paper
from diagnostics.tables import DiagnosisRow, ItemAnswerRow, LedgerEntryRow, TeacherRow
from tests.api.http.factories import ROUND, county
from tests.matching.rounds.factories import teacher

MANY = 1_000
EVERY = 5
"""Instructions after which the counter is told."""


@pytest.fixture(scope="module")
def place():
    with county() as opened:
        opened.open_round()
        yield opened


@pytest.fixture(scope="module")
def steps(place):
    """Count the work of every connection."""
    done = Counter()

    def counting(connection, *_):
        connection.set_progress_handler(lambda: done.update(steps=EVERY), EVERY)

    def in_the_writer(session):
        counting(connection_of(session).connection.dbapi_connection)
        return ()

    event.listen(place.engine, "checkout", counting)
    place.office.do(place.call("county"), in_the_writer)
    return done


def grow(place):
    """Add a thousand teachers with hours, bans, and a finished diagnosis each."""
    asked = paper("common", "2")
    items = asked.pool.bank.items[:20]
    names = [f"M{n:04d}" for n in range(MANY)]
    begun = {"framework": "common", "version": asked.questions.framework.version, "seed": "s"}
    ended = {"ended": "stop_longest", "opened_at": "2026", "ended_at": "2026", "answers": 20}
    hours = {"year": 2026, "category": "zhuanye", "minutes": 240, "source": "s", "number": 1}
    with Session(place.engine) as session, session.begin():
        session.execute(insert(TeacherRow), [teacher(name).model_dump() for name in names])
        session.execute(
            insert(DiagnosisRow),
            [{"id": f"D{name}", "teacher_id": name, **begun, **ended} for name in names],
        )
        session.execute(
            insert(ItemAnswerRow),
            [
                {"diagnosis_id": f"D{name}", "number": n, "item": item, "option": 2, "at": ""}
                for name in names
                for n, item in enumerate(items)
            ],
        )
        session.execute(
            insert(LedgerEntryRow),
            [{"id": name, "teacher_id": name, "evidence": name, **hours} for name in names],
        )


def worked(place, steps, name):
    """Let a teacher be diagnosed and look at her menu; return the work of each request."""
    her, found = place[name], {}

    def ask(what, do):
        steps.clear()
        told = do()
        assert told.status_code == 200, told.text
        found[what] = max(found.get(what, 0), steps["steps"])
        return told.json()

    told = ask("begin", lambda: her.post("/diagnoses", {"framework": "common"}))
    path = f"/diagnoses/{told['id']}"
    while told["question"] and told["version"] < 4:
        ask("next", lambda: her.get(path))
        given = {"item": told["question"]["item"], "option": 2}
        send = lambda given=given, at=told["version"]: her.post(f"{path}/answers", given, match=at)  # noqa: E731
        told = ask("answer", send)
    ask("profile", lambda: her.get(f"{path}/profile"))
    her.get(f"/rounds/{ROUND}/menu")  # lays the board out, and writes down what was shown
    ask("menu", lambda: her.get(f"/rounds/{ROUND}/menu"))
    ask("ranked", lambda: her.get(f"/rounds/{ROUND}/menu/ranked"))
    return found


def test_work_does_not_grow_with_the_county(place, steps, monkeypatch):
    before = worked(place, steps, "teacher")
    grow(place)
    after = worked(place, steps, "other_teacher")
    assert set(before) == {"begin", "next", "answer", "profile", "menu", "ranked"}
    assert 0 < min(before.values()) <= max(before.values()) < 2_000
    for what, work in after.items():
        assert work <= before[what] + 300, what

    # Negative control: counting the answers themselves is what grew.
    def grouped(session, _framework):
        statement = "SELECT item, count(*) FROM item_answer GROUP BY item"
        return dict(session.connection().exec_driver_sql(statement).all())

    monkeypatch.setattr(asking, "counts", grouped)
    assert worked(place, steps, "other_teacher")["profile"] > 10 * after["profile"]


def test_nobody_waits_for_a_board_that_is_laid_out(place, monkeypatch):
    """The server lays out open rounds; without that the first teacher does (negative control)."""
    shelf = boards.Shelf()
    monkeypatch.setattr(boards, "shelf", shelf)
    with place.office.read() as session:
        boards.lay_out(session)
    laid, lay = [], boards.lay
    monkeypatch.setattr(boards, "lay", lambda *args: laid.append(args))
    assert place["teacher"].get(f"/rounds/{ROUND}/menu").status_code == 200
    assert not laid
    shelf._kept.clear()
    monkeypatch.setattr(boards, "lay", lambda *args: laid.append(args) or lay(*args))
    assert place["teacher"].get(f"/rounds/{ROUND}/menu").status_code == 200
    assert laid


def test_answers_are_weighed_once_for_profile_and_menu_and_anew_when_there_are_more(
    place, monkeypatch
):
    weighed, weigh = [], raters.severities
    monkeypatch.setattr(raters, "severities", lambda case: weighed.append(case) or weigh(case))
    her = place["teacher"]
    told = her.post("/diagnoses", {"framework": "common"}).json()
    for option, times in ((1, 1), (3, 2)):
        given = {"item": told["question"]["item"], "option": option}
        told = her.post(f"/diagnoses/{told['id']}/answers", given, match=told["version"]).json()
        for _ in range(2):
            assert her.get(f"/diagnoses/{told['id']}/profile").status_code == 200
            assert her.get(f"/rounds/{ROUND}/menu").status_code == 200
        assert len(weighed) == times


def test_an_answer_to_a_question_reads_nothing_of_her_needs(place):
    """The menu does (negative control), in few statements; and nobody is looked up twice."""
    said, her, asking = [], place["teacher"], f"/rounds/{ROUND}/menu/questions"

    def hearing(connection, *_):
        connection.set_trace_callback(said.append)

    def heard(do):
        said.clear()
        told = do()
        assert told.status_code == 200, told.text
        return told.json(), [words for words in said if "FROM rating" in words]

    event.listen(place.engine, "checkout", hearing)
    told, _ = heard(lambda: her.post(asking, {"afresh": True}))
    assert heard(lambda: her.get(f"/rounds/{ROUND}/menu"))[1]
    assert len(said) <= 22
    better, worse = (told["question"][one]["section_id"] for one in ("one", "other"))
    given = {"better": better, "worse": worse}
    _, of_needs = heard(lambda: her.post(f"{asking}/answers", given, match=told["version"]))
    assert not of_needs
    assert sum("FROM api_token" in words for words in said) == 1
    event.remove(place.engine, "checkout", hearing)
