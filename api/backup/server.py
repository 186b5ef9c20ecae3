"""A PostgreSQL database in a backup, and back in its place, through its own programs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from api.backup.errors import BackupRefused
from api.backup.files import Restored
from api.backup.manifest import TableState, states
from api.places import Target, shown

if TYPE_CHECKING:
    from sqlalchemy import Engine

DIALECT = "postgresql"
ASIDE = "before_restore"
"""The schema that holds the replaced tables until the restored ones were found right."""


def copy(target: Target, place: Path) -> dict[str, TableState]:
    """Dump a database in one state; return its tables in that same state."""
    from api.database import open_database, reading

    engine = open_database(target)
    try:
        with reading(engine) as opened:
            connection = opened.connection()
            snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
            _run(target, "pg_dump", "-Fc", "-n", "public", "--snapshot", snapshot, "-f", place)
            return states(connection)
    finally:
        engine.dispose()


def rows(target: Target) -> int:
    """Return how many rows of an office a database holds."""
    from sqlalchemy import func, inspect, select, table

    from api.database import open_database, reading

    engine = open_database(target)
    try:
        with reading(engine) as opened:
            names = set(inspect(opened.connection()).get_table_names()) - {"alembic_version"}
            counts = (select(func.count()).select_from(table(name)) for name in sorted(names))
            return sum(opened.scalars(count).one() for count in counts)
    finally:
        engine.dispose()


@contextmanager
def restored(copy: Path, target: Target) -> Iterator[Restored]:
    """Restore beside the tables that are there; they are replaced, or come back as they were."""
    from api.database import open_database

    engine = open_database(target)
    try:
        _assert_alone(engine, target)
        _put_back(engine)  # what an interrupted restore has left
        taken: list[bool] = []
        _sql(engine, f"ALTER SCHEMA public RENAME TO {ASIDE}", "CREATE SCHEMA public")
        try:
            options = ("--no-owner", "--no-privileges", "--single-transaction", "-n", "public")
            _run(target, "pg_restore", *options, copy)
            with engine.connect() as connection:
                tables = states(connection)
            yield tables, lambda: taken.append(True)
        finally:
            if taken:
                _sql(engine, f"DROP SCHEMA {ASIDE} CASCADE")
            else:
                _put_back(engine)
    finally:
        engine.dispose()


@contextmanager
def temporary(near: Target) -> Iterator[str]:
    """Give a new database on a server; it is dropped afterwards."""
    from sqlalchemy import make_url

    name = f"xuanke_drill_{os.getpid()}"
    _on_server(near, f"DROP DATABASE IF EXISTS {name}")
    _on_server(near, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
    try:
        yield make_url(str(near)).set(database=name).render_as_string(hide_password=False)
    finally:
        _on_server(near, f"DROP DATABASE {name} WITH (FORCE)")


def _put_back(engine: Engine) -> None:
    """Let the tables that were set aside be those of the database again."""
    from sqlalchemy import inspect

    if ASIDE in inspect(engine).get_schema_names():
        drop = "DROP SCHEMA IF EXISTS public CASCADE"
        _sql(engine, drop, f"ALTER SCHEMA {ASIDE} RENAME TO public")


def _assert_alone(engine: Engine, target: Target) -> None:
    """Refuse while somebody else is connected."""
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    with engine.connect() as connection:
        if connection.exec_driver_sql(others).scalar_one():
            raise BackupRefused("restore_in_use", path=shown(target))


def _sql(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _on_server(near: Target, statement: str) -> None:
    """Run a statement outside of any transaction."""
    from sqlalchemy import create_engine, make_url, pool
    from sqlalchemy.exc import DBAPIError

    url = make_url(str(near)).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=pool.NullPool)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
    except DBAPIError as error:
        raise BackupRefused("backup_failed", path=shown(near), error=error.orig) from error


def _run(target: Target, program: str, *arguments: object) -> None:
    """Run a program of PostgreSQL; the password goes through its environment, where no list shows it."""
    from sqlalchemy import make_url

    if (found := shutil.which(program)) is None:
        raise BackupRefused("backup_no_program", program=program)
    url = make_url(str(target)).set(drivername="postgresql")
    password = {"PGPASSWORD": url.password} if isinstance(url.password, str) else {}
    plain = url._replace(password=None).render_as_string()
    command = [found, "--dbname", plain, *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **password}
    )
    if done.returncode:
        why = (done.stderr.strip().splitlines() or [str(done.returncode)])[-1]
        raise BackupRefused("backup_failed", path=shown(target), error=why)
