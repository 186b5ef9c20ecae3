"""Statements that run with every hand-in or look, compiled once and run on the driver's own cursor.

Compiling a statement, and wrapping what it returns, costs the toolkit more than SQLite needs to run
it. What is prepared here is still written in the toolkit's terms, so it is the same on both databases,
runs inside the transaction of the connection it is given, and fails with the toolkit's own errors.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Float, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Turn = Callable[[Any], Any]
"""How one value is turned into what the driver takes, or back."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement in the words of one database.

    Attributes
    ----------
    places
        The names of the values in order, where the database counts them; None where it names them.
    fixed
        Values that the statement itself holds, such as a limit.
    sent, read
        What is done to a value on its way in, by name, and on its way out, by column.
    row
        The tuple that names the columns of a query.
    """

    sql: str
    places: tuple[str, ...] | None
    fixed: Mapping[str, Any]
    sent: Mapping[str, Turn]
    read: tuple[tuple[int, Turn], ...]
    row: Any


class Prepared:
    """One statement, ready for every connection.

    Parameters
    ----------
    statement
        A query, an insert or an update; without lists of unknown length.
    """

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._by_dialect: dict[str, _Compiled] = {}

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """Return the first row that a query finds, as a named tuple; None if there is none."""
        compiled = self._compiled(connection.dialect)
        row = _run(connection, compiled, values, _first)
        return None if row is None else _turned(row, compiled)

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Return every row that a query finds, as named tuples."""
        compiled = self._compiled(connection.dialect)
        return [_turned(row, compiled) for row in _run(connection, compiled, values, _all)]

    def write(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Write, and return how many rows were written."""
        return int(_run(connection, self._compiled(connection.dialect), values, _count))

    def _compiled(self, dialect: Dialect) -> _Compiled:
        found = self._by_dialect.get(dialect.name)
        if found is None:
            found = self._by_dialect[dialect.name] = _compile(self._statement, dialect)
        return found


def connection_of(session: Session) -> Connection:
    """Return the connection of a session with everything written that it still held back.

    Where the session was made inside the transaction of a connection, it is that connection, and the
    session need not open anything of its own.
    """
    session.flush()
    bound = session.get_bind()
    return bound if isinstance(bound, Connection) else session.connection()


def _compile(statement: Any, dialect: Dialect) -> _Compiled:
    """Compile a statement with what its types do to values."""
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    in_ = {name: bind.type.dialect_impl(dialect) for name, bind in compiled.binds.items()}
    sent = {name: type_.bind_processor(dialect) for name, type_ in in_.items()}
    columns = statement.selected_columns if isinstance(statement, Select) else ()
    names = statement.selected_columns.keys() if isinstance(statement, Select) else ()
    read = [_reader(column.type.dialect_impl(dialect), dialect) for column in columns]
    return _Compiled(
        compiled.string,
        tuple(compiled.positiontup) if compiled.positiontup is not None else None,
        {name: bind.value for name, bind in compiled.binds.items() if not bind.required},
        {name: turn for name, turn in sent.items() if turn is not None},
        tuple((place, turn) for place, turn in enumerate(read) if turn is not None),
        namedtuple("Found", names, rename=True),
    )


def _reader(type_: TypeEngine[Any], dialect: Dialect) -> Turn | None:
    """Return what is done to a value of a type on its way out; both drivers give floats as they are."""
    return None if isinstance(type_, Float) else type_.result_processor(dialect, None)


def _run(connection: Connection, compiled: _Compiled, values: Mapping[str, Any], then: Turn) -> Any:
    """Run a statement on a cursor of its own, and return what is made of it."""
    told = {**compiled.fixed, **values}
    for name, turn in compiled.sent.items():
        told[name] = turn(told[name])
    arguments = told if compiled.places is None else [told[name] for name in compiled.places]
    cursor = connection.connection.cursor()
    try:
        cursor.execute(compiled.sql, arguments)
        return then(cursor)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_told(connection, compiled.sql, arguments, error) from error
    finally:
        cursor.close()


def _first(cursor: Any) -> Any:
    return cursor.fetchone()


def _all(cursor: Any) -> Any:
    return cursor.fetchall()


def _count(cursor: Any) -> Any:
    return cursor.rowcount


def _turned(row: tuple[Any, ...], compiled: _Compiled) -> Any:
    turned = list(row)
    for place, turn in compiled.read:
        turned[place] = turn(turned[place])
    return compiled.row._make(turned)


def _as_told(connection: Connection, sql: str, arguments: Any, error: Exception) -> BaseException:
    """Return an error of the driver as the toolkit tells it."""
    dialect, hidden = connection.dialect, connection.engine.hide_parameters
    base = dialect.loaded_dbapi.Error
    return DBAPIError.instance(sql, arguments, error, base, hidden, dialect=dialect)
