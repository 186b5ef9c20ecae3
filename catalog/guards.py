"""Guards inside the database: rows only ever added, rows that rest once sealed, rows that are counted.

A guard is declared in one line after its table and is laid by `create_all` and by every migration, on
SQLite and on PostgreSQL. It is the second wall: a service refuses first and says why; the guard stops
what went past it, a slip in the code as well as a hand at the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Table, event, inspect, text
from sqlmodel import SQLModel

__all__ = ["Kept", "append_only", "counted", "immutable_when", "lay", "statements"]

Sql = tuple[str, ...]

_GUARDS: dict[str, Callable[[str], Sql]] = {}
_NO_CHANGE = (("update", "UPDATE", ""), ("delete", "DELETE", ""))


@dataclass(frozen=True, slots=True)
class Kept:
    """How long a row is kept at least: by the database's own clock, which no program turns.

    Attributes
    ----------
    since
        The column with the moment from which it counts, as text in UTC.
    days
        How many days.
    """

    since: str
    days: int

    def is_young(self, dialect: str) -> str:
        """Return the condition on the row `OLD` that it must be kept."""
        if dialect == "postgresql":
            moment = f"(now() AT TIME ZONE 'UTC') - interval '{self.days} days'"
            return f"OLD.{self.since} >= to_char({moment}, 'YYYY-MM-DD\"T\"HH24:MI:SS')"
        return f"OLD.{self.since} >= strftime('%Y-%m-%dT%H:%M:%S', 'now', '-{self.days} days')"


_REFUSE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation';
END $$
"""
"""What a trigger of PostgreSQL calls; the error is an IntegrityError, as on SQLite."""

_REFUSE_WHEN = """
CREATE OR REPLACE FUNCTION refuse_change_when() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  old_rests boolean := false;
  new_rests boolean := false;
BEGIN
  IF TG_OP <> 'INSERT' THEN EXECUTE 'SELECT ' || TG_ARGV[1] INTO old_rests USING OLD; END IF;
  IF TG_OP <> 'DELETE' THEN EXECUTE 'SELECT ' || TG_ARGV[1] INTO new_rests USING NEW; END IF;
  IF old_rests OR new_rests THEN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$
"""


def append_only(table_name: str, same_row: str, kept: Kept | None = None) -> None:
    """Refuse to change, delete or replace a row of a table from now on.

    Parameters
    ----------
    table_name
        A table that has been declared.
    same_row
        SQL that finds the stored row which `NEW` would replace, such as `"id = NEW.id"`. SQLite
        needs it: `INSERT OR REPLACE` deletes without firing a delete trigger.
    kept
        With it, a row may be deleted once it has been kept for so long.
    """
    message = f"{table_name} is append-only: add a correcting line"

    def write(dialect: str) -> Sql:
        if dialect == "postgresql":
            return (_REFUSE, *_only_added(table_name, message, kept))
        replaced = f"EXISTS (SELECT 1 FROM {table_name} WHERE {same_row})"
        update, delete, *_ = _NO_CHANGE
        if kept is not None:
            delete = ("delete", "DELETE", f"WHEN {kept.is_young(dialect)}")
        return _sqlite(
            table_name, message, update, delete, ("replace", "INSERT", f"WHEN {replaced}")
        )

    _register(table_name, write)


def immutable_when(table_name: str, condition: str, why: str = "sealed") -> None:
    """Refuse to add, change or delete rows of a table for which a condition holds.

    Parameters
    ----------
    table_name
        A table that has been declared.
    condition
        SQL over `{row}`, the row before or after the change: `"EXISTS (SELECT 1 FROM snapshot WHERE
        snapshot.round_id = {row}.round_id)"`.
    why
        The word of the refusal: `hand_in is sealed`.
    """
    message = f"{table_name} is {why}: it takes no change"

    def write(dialect: str) -> Sql:
        if dialect == "postgresql":
            value = "'" + condition.format(row="($1)").replace("'", "''") + "'"
            verbs = "INSERT OR UPDATE OR DELETE"
            when = _postgresql(table_name, verbs, "refuse_change_when", message, value)
            return (_REFUSE, _REFUSE_WHEN, *when)
        old, new = (f"({condition.format(row=row)})" for row in ("OLD", "NEW"))
        no_insert = ("insert", "INSERT", f"WHEN {new}")
        no_update = ("update", "UPDATE", f"WHEN {old} OR {new}")
        no_delete = ("delete", "DELETE", f"WHEN {old}")
        return _sqlite(table_name, message, no_insert, no_update, no_delete)

    _register(table_name, write)


def counted(table_name: str, tally: str, keys: Mapping[str, str]) -> None:
    """Let the database itself keep how many rows of a table there are of each kind.

    Whoever adds, changes or deletes a row, in whatever process, and whatever is rolled back: the
    count is that of the rows there are. It is laid once both tables are there.

    Parameters
    ----------
    table_name
        The table whose rows are counted.
    tally
        The table of counts: the columns of `keys`, which are its primary key, and `total`.
    keys
        Column of the tally -> SQL over `{row}`, the row that is counted: `"{row}.item"`.
    """

    def write(dialect: str) -> Sql:
        more, less = _one_more(tally, keys), _one_less(tally, keys)
        if dialect == "postgresql":
            return _counting_on_a_server(table_name, tally, more, less)
        verbs = (("insert", (more,)), ("delete", (less,)), ("update", (less, more)))
        return tuple(
            sql
            for verb, steps in verbs
            for sql in (
                f"DROP TRIGGER IF EXISTS {table_name}_counted_{verb}",
                f"CREATE TRIGGER {table_name}_counted_{verb} AFTER {verb.upper()} ON {table_name} "
                f"BEGIN {'; '.join(steps)}; END",
            )
        )

    tables = SQLModel.metadata.tables
    tables[table_name].add_is_dependent_on(tables[tally])
    _register(tally, write, on=table_name)


def _one_more(tally: str, keys: Mapping[str, str]) -> str:
    values = ", ".join(sql.format(row="NEW") for sql in keys.values())
    names = ", ".join(keys)
    return (
        f"INSERT INTO {tally} ({names}, total) VALUES ({values}, 1) "
        f"ON CONFLICT ({names}) DO UPDATE SET total = {tally}.total + 1"
    )


def _one_less(tally: str, keys: Mapping[str, str]) -> str:
    same = " AND ".join(f"{name} = {sql.format(row='OLD')}" for name, sql in keys.items())
    return f"UPDATE {tally} SET total = total - 1 WHERE {same}"


def _counting_on_a_server(table: str, tally: str, more: str, less: str) -> Sql:
    """Return PostgreSQL's function and triggers; TRUNCATE fires no trigger of rows."""
    body = (
        f"IF TG_OP = 'TRUNCATE' THEN DELETE FROM {tally}; RETURN NULL; END IF; "
        f"IF TG_OP <> 'INSERT' THEN {less}; END IF; "
        f"IF TG_OP <> 'DELETE' THEN {more}; END IF; RETURN NULL;"
    )
    return (
        f"CREATE OR REPLACE FUNCTION count_{table}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {body} END $$",
        f"CREATE OR REPLACE TRIGGER {table}_counted AFTER INSERT OR UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION count_{table}()",
        f"CREATE OR REPLACE TRIGGER {table}_counted_none AFTER TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION count_{table}()",
    )


def statements(table_name: str, dialect: str) -> Sql:
    """Return the SQL that lays the guard of a table (again); nothing for a table without one."""
    return _GUARDS[table_name](dialect) if table_name in _GUARDS else ()


def lay(connection: Connection) -> None:
    """Lay the guards of all tables that exist; a migration that rebuilt a table has lost them."""
    there = set(inspect(connection).get_table_names())
    for table_name in sorted(there & _GUARDS.keys()):
        _run(connection, table_name)


def _register(table_name: str, write: Callable[[str], Sql], on: str = "") -> None:
    """Lay what guards a table once it, or another one that comes later, is there."""
    assert table_name not in _GUARDS, f"{table_name} has a guard already"
    _GUARDS[table_name] = write

    def after_create(_table: Table, connection: Connection, **_: object) -> None:
        _run(connection, table_name)

    event.listen(SQLModel.metadata.tables[on or table_name], "after_create", after_create)


def _run(connection: Connection, table_name: str) -> None:
    for statement in statements(table_name, connection.dialect.name):
        connection.execute(text(statement.replace(":", "\\:")))


def _sqlite(table: str, message: str, *triggers: tuple[str, str, str]) -> Sql:
    """Return one trigger for each (name, verb, when), each after dropping the one there was."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    return tuple(
        sql
        for name, verb, when in triggers
        for sql in (
            f"DROP TRIGGER IF EXISTS {table}_no_{name}",
            f"CREATE TRIGGER {table}_no_{name} BEFORE {verb} ON {table} {when} {refuse}",
        )
    )


def _only_added(table: str, message: str, kept: Kept | None) -> Sql:
    """Return the triggers of PostgreSQL for a table of which rows are only added."""
    if kept is None:
        return _postgresql(table, "UPDATE OR DELETE", "refuse_change", message)
    young = (
        f"CREATE OR REPLACE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW "
        f"WHEN ({kept.is_young('postgresql')}) EXECUTE FUNCTION refuse_change('{message}')"
    )
    return (*_postgresql(table, "UPDATE", "refuse_change", message), young)


def _postgresql(table: str, verbs: str, function: str, message: str, *more: str) -> Sql:
    """Return the trigger for rows and the one for TRUNCATE, which fires no trigger of rows."""
    arguments = ", ".join((f"'{message}'", *more))
    return (
        f"CREATE OR REPLACE TRIGGER {table}_guard BEFORE {verbs} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}({arguments})",
        f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('{message}')",
    )
