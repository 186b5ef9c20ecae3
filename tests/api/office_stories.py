"""Small commands for stories about the office: a clerk founds units, one row and one event each."""

from __future__ import annotations

from sqlalchemy import func, select

from api.unit_of_work import Key
from catalog.tables import UnitRow
from matching.rounds.errors import BadRound
from matching.rounds.life.calls import Call, Scope
from matching.rounds.life.events import Happened, Notice
from tests.clocks import FakeClock

ROUND = "2026-spring"


def call(actor="clerk", **fields):
    return Call(actor, Scope("county", "PT"), FakeClock()(), **fields)


def key(name, actor="clerk", digest="d1"):
    return Key(actor, name, digest)


def found(unit_id, *told):
    """Return a command that adds a unit and tells some teachers of it."""

    def command(session):
        session.add(UnitRow(id=unit_id, name=f"unit {unit_id}", kind="county"))
        notices = tuple(Notice(person, "opening", ROUND, {"unit": unit_id}) for person in told)
        body = {"unit": unit_id}
        return Happened("unit.founded", ROUND, body, {"unit": unit_id, "version": 1}, notices)

    return command


def refuse(unit_id):
    """Return a command that adds a unit and then says no."""

    def command(session):
        session.add(UnitRow(id=unit_id, name="no", kind="county"))
        session.flush()
        raise BadRound("scope_empty", role="county")

    return command


def units(office):
    with office.read() as session:
        return sorted(session.execute(select(UnitRow.id)).scalars())


def rows_of(office, table):
    """Return all rows of a table as dictionaries."""
    with office.read() as session:
        return [dict(row) for row in session.execute(select(table)).mappings()]


def how_many(office, table):
    with office.read() as session:
        return session.execute(select(func.count()).select_from(table)).scalar_one()
