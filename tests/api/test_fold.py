"""The stored rows are what the log says; a row changed beside it is found, by table and key."""

import pytest
from sqlalchemy import text
from sqlmodel import Session

from api.database import session
from api.fold import differences, fold, forgotten, rebuild
from api.log import forget_body
from api.unit_of_work import Office
from matching.rounds.life.events import REBUILT, Happened, rows
from matching.rounds.life.tables import LimitRow
from matching.rounds.tables import RoundRow
from tests.api.archive.stories import posted
from tests.api.office_stories import call


@pytest.fixture
def office(engine):
    """A round whose two limits were set, used, and one of them lifted again."""
    with session(engine) as opened:
        opened.add(a_round())
    office = Office(engine)
    office.do(call(), set_limits)
    office.do(call(), use_one)
    office.do(call(), lift_budget)
    return office


def a_round():
    said = {"title": "R1", "year": 2026, "unit_id": "PT", "list_length": 3, "seed_commitment": ""}
    return RoundRow(id="R1", settings={}, **said)


def set_limits(opened):
    limits = [LimitRow(round_id="R1", row=row, most=2, used=0) for row in ("quota", "budget")]
    opened.add_all(limits)
    return Happened("limits.set", "R1", {"rows": rows(*limits)})


def use_one(opened):
    limit = opened.get(LimitRow, ("R1", "quota"))
    limit.used += 1
    return Happened("limit.used", "R1", {"rows": rows(limit)})


def lift_budget(opened):
    limit = opened.get(LimitRow, ("R1", "budget"))
    opened.delete(limit)
    return Happened("limit.lifted", "R1", {"rows": rows(deleted=[limit])})


def found_in(office):
    with office.read() as opened:
        return differences(opened)


def test_the_log_tells_the_rows_as_they_are(office):
    assert found_in(office) == ()


@pytest.mark.parametrize(
    ("sql", "logged", "stored"),
    [
        ("UPDATE limit_use SET used = 0", 1, 0),
        ("DELETE FROM limit_use", 1, None),
        ("INSERT INTO limit_use VALUES ('R1', 'late', 1, 1)", None, 1),
    ],
)
def test_a_row_changed_beside_the_log_is_found(office, engine, sql, logged, stored):
    with session(engine) as opened:
        opened.connection().execute(text(sql))
    (one,) = found_in(office)
    assert one.table == "limit_use"
    assert one.key in {("R1", "quota"), ("R1", "late")}
    assert (one.logged and one.logged["used"], one.stored and one.stored["used"]) == (
        logged,
        stored,
    )


def test_an_event_that_does_not_tell_its_rows_is_found(office):
    """The service forgot `rows`: the log can no longer rebuild what it did."""

    def silent(opened):
        opened.get(LimitRow, ("R1", "quota")).used = 2
        return Happened("limit.used", "R1", {})

    office.do(call(), silent)
    (one,) = found_in(office)
    assert one.key == ("R1", "quota")


def test_a_forgotten_body_is_named(office, engine):
    with session(engine) as opened:
        forget_body(opened, 2)
    with office.read() as opened:
        assert forgotten(opened) == [2]


def test_the_life_of_a_round_can_be_rebuilt_from_its_log(engine):
    """Every service on the way from the first ballot to the posted hours tells the rows it changed."""
    office = Office(engine)
    with Session(engine) as opened:
        posted(office, opened)
    assert found_in(office) == ()
    with office.read() as opened:
        told = rebuild(opened)
    full = {name for name in REBUILT if told[name]}
    assert full >= {"hand_in", "override", "place", "waiting", "attendance_mark", "posting"}


def test_nothing_folds_to_empty_tables():
    assert fold([]) == {name: {} for name in REBUILT}
    assert fold([{}, {"rows": []}]) == {name: {} for name in REBUILT}
