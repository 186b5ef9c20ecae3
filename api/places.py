"""Where a database is, and where the files that belong to it lie.

A database is a SQLite file or the URL of a PostgreSQL database. The key that seals identity numbers
and the data files of a province lie beside a SQLite file (`xuanke.db.key`, `xuanke.db.province`).
For a URL they lie in the folder `XUANKE_HOME`, or else in the working folder, under the name of the
database: `postgresql://db.example/county` has `county.key` and `county.province`.
"""

from __future__ import annotations

import os
from pathlib import Path

Target = str | Path
"""A file, or a URL that begins with `postgresql://`."""

SCHEMES = ("postgresql://", "postgresql+psycopg://", "postgres://")


def target(words: str) -> Target:
    """Return the database that somebody named on the command line."""
    return words if is_url(words) else Path(words)


def is_url(target: Target) -> bool:
    """Tell a URL of a PostgreSQL database from a file."""
    return isinstance(target, str) and target.startswith(SCHEMES)


def shown(target: Target) -> str:
    """Return the name of a database as it may be shown: without a password."""
    if not is_url(target):
        return str(target)
    from sqlalchemy import make_url

    return make_url(str(target)).render_as_string(hide_password=True)


def beside(target: Target, suffix: str) -> Path:
    """Return the file or folder of this suffix that belongs to a database."""
    if not is_url(target):
        path = Path(target)
        return path.with_name(f"{path.name}.{suffix}")
    from sqlalchemy import make_url

    name = make_url(str(target)).database or "xuanke"
    return Path(os.environ.get("XUANKE_HOME", ".")) / f"{name}.{suffix}"
