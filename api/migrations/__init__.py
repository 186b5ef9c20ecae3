"""Bringing a database to the tables of this release, and back.

All steps run in one transaction, so a migration that fails leaves the database as it was. Before an
existing file is changed a copy is laid beside it. The copy of a PostgreSQL database is its
administrator's: `xuanke backup`, or the `pg_dump` that runs every night anyway.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from api.places import Target, is_url

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection, MetaData

__all__ = ["downgrade", "head", "is_current", "is_new", "revision_of", "tables", "upgrade", "write"]

FOLDER = Path(__file__).parent


def tables() -> MetaData:
    """Return every table of every room, with the naming convention that the catalog sets."""
    from sqlmodel import SQLModel

    import api.tables  # noqa: F401  (it imports those of the other rooms)

    return SQLModel.metadata


def upgrade(target: Target, revision: str = "head") -> Path | None:
    """Bring a database up to a revision.

    Returns
    -------
    Path or None
        The copy made before; None when the file was new or already there, and for a server.
    """
    from alembic import command

    if revision == "head" and is_current(target):
        return None
    copy = _copy(target)
    _run(target, lambda config: command.upgrade(config, revision))
    return copy


def downgrade(target: Target, revision: str) -> Path | None:
    """Take a database back to an earlier revision; a copy of a file is made before."""
    from alembic import command

    copy = _copy(target)
    _run(target, lambda config: command.downgrade(config, revision))
    return copy


def write(target: Target, revision: str, title: str) -> None:
    """Write the migration from a database that is current to the tables in the code.

    What it writes is a draft: read it, above all what moves rows and what has a default.
    """
    from alembic import command

    _run(target, lambda config: command.revision(config, title, autogenerate=True, rev_id=revision))


def is_current(target: Target) -> bool:
    """Return whether a database has the tables of this release."""
    return revision_of(target) == head()


@cache
def head() -> str | None:
    """Return the revision of the tables of this release."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config(None)).get_current_head()


def is_new(target: Target) -> bool:
    """Return whether a database has no tables of ours yet."""
    return revision_of(target) is None


def revision_of(target: Target) -> str | None:
    """Return the revision of a database as it says itself; None for a new one."""
    if is_url(target):
        return _revision_of_server(target)
    if not Path(target).exists():
        return None
    with closing(sqlite3.connect(target)) as connection:
        known = connection.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
        ).fetchone()
        row = known and connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None


def _revision_of_server(url: Target) -> str | None:
    from alembic.runtime.migration import MigrationContext

    from api.database import open_database

    engine = open_database(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def _copy(target: Target) -> Path | None:
    """Lay a copy beside the file, named after the revision it has; None for a new file."""
    revision = None if is_url(target) else revision_of(target)
    if revision is None:
        return None
    path = Path(target)
    copy = path.with_name(f"{path.name}.{revision}.backup")
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    return copy


def _config(connection: Connection | None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _run(target: Target, step: Callable[[Config], object]) -> None:
    """Run a step in one transaction; on SQLite foreign keys rest, for tables are rebuilt."""
    from api.database import open_database

    engine = open_database(target, foreign_keys=False)
    try:
        with engine.begin() as connection:
            step(_config(connection))
    finally:
        engine.dispose()
