"""Bringing a database file to the tables of this release, and back.

Before an existing file is changed a copy is laid beside it; all steps run in one transaction, so a
migration that fails leaves the file as it was.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection, MetaData

__all__ = ["downgrade", "is_current", "tables", "upgrade"]

FOLDER = Path(__file__).parent


def tables() -> MetaData:
    """Return every table of every room, with the naming convention that the catalog sets."""
    from sqlmodel import SQLModel

    import matching.rounds.tables  # noqa: F401  (it imports those of the other rooms)

    return SQLModel.metadata


def upgrade(path: Path, revision: str = "head") -> Path | None:
    """Bring the database file at `path` up to a revision.

    Returns
    -------
    Path or None
        The copy made before, None when the file was new or already there.
    """
    from alembic import command

    if revision == "head" and is_current(path):
        return None
    copy = _copy(path)
    _run(path, lambda config: command.upgrade(config, revision))
    return copy


def downgrade(path: Path, revision: str) -> Path | None:
    """Take the database file back to an earlier revision; a copy is made before."""
    from alembic import command

    copy = _copy(path)
    _run(path, lambda config: command.downgrade(config, revision))
    return copy


def is_current(path: Path) -> bool:
    """Return whether the file has the tables of this release."""
    from alembic.script import ScriptDirectory

    return _revision(path) == ScriptDirectory.from_config(_config(None)).get_current_head()


def _revision(path: Path) -> str | None:
    """Return the revision of a file as it says itself; None for a new one."""
    if not path.exists():
        return None
    with closing(sqlite3.connect(path)) as connection:
        known = connection.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
        ).fetchone()
        row = known and connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None


def _copy(path: Path) -> Path | None:
    """Lay a copy beside the file, named after the revision it has; None for a new file."""
    revision = _revision(path)
    if revision is None:
        return None
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


def _run(path: Path, step: Callable[[Config], None]) -> None:
    """Run a step in one transaction; foreign keys rest, for tables are rebuilt on the way."""
    from api.database import open_database

    engine = open_database(path, foreign_keys=False)
    try:
        with engine.begin() as connection:
            step(_config(connection))
    finally:
        engine.dispose()
