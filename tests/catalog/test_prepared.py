"""Prepared statements say what the toolkit's own would, inside the same transaction."""

import pytest
from sqlalchemy import Float, bindparam, literal, select
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlmodel import Session

from catalog.prepared import Prepared, connection_of
from catalog.tables import UnitRow
from diagnostics.tables import TeacherRow
from tests.matching.rounds.factories import add, county, teacher

UNITS = UnitRow.__table__
TEACHERS = TeacherRow.__table__
FIND = Prepared(select(UNITS).where(UNITS.c.id == bindparam("unit")).limit(1))
ADD = Prepared(UNITS.insert())
HER = select(TEACHERS).where(TEACHERS.c.id == bindparam("id"))


@pytest.fixture
def session(engine):
    with Session(engine) as opened:
        add(opened, *county(teacher("T1", roles=["班主任"])))
        yield opened
        opened.rollback()


def unit(id: str, **more):
    row = UnitRow(**{"id": id, "name": f"unit {id}", "kind": "county", **more})
    return {column.name: getattr(row, column.name) for column in UNITS.c}


def test_a_row_is_read_as_the_toolkit_reads_it(session):
    """Lists and truth values come back as such, on both databases."""
    connection = connection_of(session)
    expected = connection.execute(HER, {"id": "T1"}).one()
    assert Prepared(HER).first(connection, {"id": "T1"}) == tuple(expected)
    assert any(isinstance(value, list) for value in expected)


def test_floats_are_read_and_rows_name_their_columns(session):
    values = Prepared(select(literal(0.5).label("half"), literal(1, Float).label("one")))
    found = values.first(connection_of(session), {})
    assert (found.half, found.one) == (0.5, 1.0)


def test_what_is_written_belongs_to_the_transaction(session):
    connection = connection_of(session)
    assert ADD.write(connection, unit("U1")) == 1
    assert session.get(UnitRow, "U1").name == "unit U1"
    session.rollback()
    assert FIND.first(connection_of(session), {"unit": "U1"}) is None


def test_what_a_session_held_back_is_seen(session):
    session.add(UnitRow(id="U2", name="two", kind="county"))
    assert FIND.first(connection_of(session), {"unit": "U2"}) is not None


def test_a_failure_is_told_as_the_toolkit_tells_it(session):
    connection = connection_of(session)
    ADD.write(connection, unit("U1"))
    with pytest.raises(IntegrityError) as told:
        ADD.write(connection, unit("U1"))
    assert told.value.orig is not None


def test_a_value_that_is_missing_is_noticed_and_not_stored_as_nothing(session):
    half = {name: value for name, value in unit("U1").items() if name != "kind"}
    with pytest.raises((KeyError, ProgrammingError)):
        ADD.write(connection_of(session), half)


def test_inside_a_connection_nothing_more_is_opened(engine):
    inside = {"join_transaction_mode": "create_savepoint"}
    with engine.begin() as connection, Session(connection, **inside) as session:
        assert connection_of(session) is connection
        assert not session.in_transaction()
