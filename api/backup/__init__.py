"""Copies of everything an office cannot make again, and the way back.

A backup is a folder: the database in one consistent state, the key that seals identity numbers, the
data files of the province, and `manifest.json` with the digest of every file and of every table. It
holds the key, so it must be kept as safe as the database itself (a key that comes from the
environment, `XUANKE_ID_KEY`, is the administrator's to keep). The checkpoints of jobs are left out: a
solve that was under way begins anew and ends in the same result.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from api.backup import files, server
from api.backup.errors import BackupRefused
from api.backup.manifest import Manifest, TableState, digest_of, states_of
from api.migrations import revision_of
from api.places import Target, beside, is_url, shown

__all__ = ["BackupRefused", "BackupReport", "backup", "drill", "restore"]

DATABASE = "database"
BESIDE = ("key", "province")
"""What lies beside a database and belongs to it."""


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds, or what was brought back from it."""

    folder: Path
    made_at: str
    revision: str
    tables: dict[str, TableState]
    files: int

    @property
    def rows(self) -> int:
        """Return how many rows there are in all tables."""
        return sum(table.rows for table in self.tables.values())


def backup(target: Target, out: Path, now: datetime) -> BackupReport:
    """Write a backup of a database into a new folder, while others go on working.

    Parameters
    ----------
    target
        A file, or the URL of a PostgreSQL database (then `pg_dump` must be installed here).
    out
        The folder; it appears when everything in it is complete.
    now
        The moment to write on it (aware).

    Raises
    ------
    BackupRefused
        If the folder is taken, the database is damaged, or `pg_dump` is missing or fails.
    """
    if out.exists():
        raise BackupRefused("backup_there", path=out)
    place = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=_made(out.parent)))
    try:
        kind = server if is_url(target) else files
        tables = kind.copy(target, place / DATABASE)
        for suffix in BESIDE:
            _copy_beside(beside(target, suffix), place / suffix)
        revision = revision_of(target) or ""
        manifest = Manifest.of(place, kind.DIALECT, revision, now, tables)
        manifest.write(place)
        files.keep(place)
        place.rename(out)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return _report(out, manifest)


def restore(folder: Path, target: Target, *, force: bool = False) -> BackupReport:
    """Bring a backup back; nothing is touched before every digest was found right.

    The tables are restored in a temporary place and compared with the backup row by row; only then do
    they take the place of what was there. A file that was replaced is kept as `….replaced`.

    Parameters
    ----------
    folder
        The backup.
    target
        The file or the database of the same kind; nobody else may be working with it.
    force
        Replace a database that holds rows.

    Raises
    ------
    BackupRefused
        If the backup is damaged or of another kind, the database is in use or holds rows.
    """
    manifest = _checked(folder)
    _restore_database(folder, manifest, target, force)
    for suffix in BESIDE:
        _bring_back(folder / suffix, beside(target, suffix))
    return _report(folder, manifest)


def drill(folder: Path, near: Target | None = None) -> BackupReport:
    """Show that a backup can be restored: do it in a temporary place and compare every table.

    Parameters
    ----------
    folder
        The backup.
    near
        For PostgreSQL: the URL of a database whose server may make a temporary one.

    Raises
    ------
    BackupRefused
        If the backup is damaged, or comes back as something else.
    """
    manifest = _checked(folder)
    with _temporary(manifest.dialect, near) as target:
        _restore_database(folder, manifest, target, force=False)
        _compare(folder, manifest.tables, states_of(target))
    return _report(folder, manifest)


def _restore_database(folder: Path, manifest: Manifest, target: Target, force: bool) -> None:
    """Restore the tables alone, in a temporary place first."""
    kind = server if is_url(target) else files
    if manifest.dialect != kind.DIALECT:
        raise BackupRefused("backup_other_kind", path=folder, kind=manifest.dialect)
    if (rows := kind.rows(target)) and not force:
        raise BackupRefused("restore_not_empty", path=shown(target), rows=rows)
    with kind.restored(folder / DATABASE, target) as (tables, take_over):
        _compare(folder, manifest.tables, tables)
        take_over()


@contextmanager
def _temporary(dialect: str, near: Target | None) -> Iterator[Target]:
    """Give a database that is gone afterwards."""
    if dialect == files.DIALECT:
        with tempfile.TemporaryDirectory() as place:
            yield Path(place) / "drill.db"
    elif near is None:
        raise BackupRefused("drill_needs_server")
    else:
        with server.temporary(near) as url:
            yield url


def _checked(folder: Path) -> Manifest:
    """Read a backup and compare the digest of every file, before anything is touched."""
    manifest = Manifest.read(folder)
    present = {path.relative_to(folder).as_posix(): path for path in manifest.files_in(folder)}
    for name in sorted(present.keys() | manifest.files.keys()):
        if name not in present or digest_of(present[name]) != manifest.files.get(name):
            raise BackupRefused("backup_spoilt", path=folder, name=name)
    return manifest


def _compare(folder: Path, told: dict[str, TableState], found: dict[str, TableState]) -> None:
    for name in sorted(told.keys() | found.keys()):
        if told.get(name) != found.get(name):
            raise BackupRefused("backup_spoilt", path=folder, name=name)


def _copy_beside(source: Path, copy: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, copy)
    elif source.exists():
        shutil.copy2(source, copy)


def _bring_back(copy: Path, place: Path) -> None:
    """Put a file or folder back; what was there is kept beside it."""
    if not copy.exists():
        return
    _made(place.parent)
    new = place.with_name(f"{place.name}.restoring")
    files.remove(new)
    _copy_beside(copy, new)
    files.swap(new, place)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _report(folder: Path, manifest: Manifest) -> BackupReport:
    version = manifest.revision
    return BackupReport(folder, manifest.made_at, version, manifest.tables, len(manifest.files))
