"""A SQLite file in a backup, and back in its place."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from api.backup.errors import BackupRefused
from api.backup.manifest import TableState, states_of
from api.places import Target

DIALECT = "sqlite"

Restored = tuple[dict[str, TableState], Callable[[], None]]
"""The tables that came back, and what puts them in place."""


def copy(target: Target, place: Path) -> dict[str, TableState]:
    """Write one state of a database file into another file; return its tables."""
    if not Path(target).is_file():
        raise BackupRefused("backup_no_database", path=target)
    try:
        with closing(
            sqlite3.connect(f"file:{Path(target).absolute()}?mode=ro", uri=True)
        ) as source:
            source.execute("VACUUM INTO ?", (str(place),))
    except sqlite3.DatabaseError as error:
        raise BackupRefused("backup_damaged", path=target, error=error) from error
    _assert_whole(place)
    return _states(place)


def rows(target: Target) -> int:
    """Return how many rows of an office a file holds; a damaged one counts as one."""
    place = Path(target)
    if not place.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{place.absolute()}?mode=ro", uri=True)) as connection:
            names = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'"
            ).fetchall()
            counts = (connection.execute(f'SELECT count(*) FROM "{name}"') for (name,) in names)
            return sum(count.fetchone()[0] for count in counts)
    except sqlite3.DatabaseError:
        return 1


@contextmanager
def restored(copy: Path, target: Target) -> Iterator[Restored]:
    """Lay a copy beside its future place and check it; it is taken over or goes away."""
    place = Path(target)
    place.parent.mkdir(parents=True, exist_ok=True)
    new = place.with_name(f"{place.name}.restoring")
    remove(new)
    try:
        shutil.copyfile(copy, new)
        _assert_whole(new)
        tables = _states(new)
        yield tables, lambda: _take_over(new, place)
    finally:
        for leftover in (new, *(new.with_name(new.name + end) for end in ("-wal", "-shm"))):
            remove(leftover)


def swap(new: Path, place: Path) -> None:
    """Put a new file or folder in place; what was there is kept as `….replaced`."""
    old = place.with_name(f"{place.name}.replaced")
    if place.exists():
        remove(old)
        if place.is_dir():
            place.rename(old)
        else:
            os.link(place, old)  # at no moment is there no file
    new.replace(place)
    _sync(place.parent)


def keep(folder: Path) -> None:
    """Wait until everything in a folder has reached the disk."""
    for path in sorted(folder.rglob("*")):
        _sync(path)
    _sync(folder)


def remove(path: Path) -> None:
    """Delete a file or a folder, if there is one."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _take_over(new: Path, place: Path) -> None:
    """Swap the database file once nobody has the old one open."""
    _sync(new)
    if place.exists():
        _fold_log(place)
    swap(new, place)
    for end in ("-wal", "-shm"):  # of a file too damaged to fold its log
        remove(place.with_name(place.name + end))


def _fold_log(place: Path) -> None:
    """Bring everything into the one file; that needs to be the only one who has it open."""
    try:
        with closing(sqlite3.connect(place, timeout=1, isolation_level=None)) as connection:
            (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.OperationalError as error:
        raise BackupRefused("restore_in_use", path=place) from error
    except sqlite3.DatabaseError:
        return  # a damaged file: that is why it is being replaced
    if mode != "delete":
        raise BackupRefused("restore_in_use", path=place)


def _states(file: Path) -> dict[str, TableState]:
    """Return the tables of a copy and leave nothing beside it."""
    tables = states_of(file)
    _fold_log(file)
    return tables


def _assert_whole(file: Path) -> None:
    """Refuse a copy that SQLite itself finds damaged, or in which a row has lost its parent."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            said = [row[0] for row in connection.execute("PRAGMA integrity_check")]
            orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as error:
        raise BackupRefused("backup_damaged", path=file, error=error) from error
    if said != ["ok"] or orphans:
        why = said[0] if said != ["ok"] else f"{orphans[0][0]}: {len(orphans)}"
        raise BackupRefused("backup_damaged", path=file, error=why)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
