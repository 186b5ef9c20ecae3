"""The page that says what a backup holds: digests of files, rows and digests of tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.backup.errors import BackupRefused
from api.places import Target

if TYPE_CHECKING:
    from sqlalchemy import Connection

NAME = "manifest.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class TableState:
    """How many rows a table has, and the digest over all of them in the order of the key."""

    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds."""

    dialect: str
    revision: str
    made_at: str
    files: dict[str, str]
    tables: dict[str, TableState]
    format: int = FORMAT

    @classmethod
    def of(
        cls,
        folder: Path,
        dialect: str,
        revision: str,
        now: datetime,
        tables: dict[str, TableState],
    ) -> Manifest:
        """Describe a folder in which everything else lies already."""
        made_at = now.astimezone(UTC).isoformat(timespec="seconds")
        found = cls.files_in(folder)
        digests = {path.relative_to(folder).as_posix(): digest_of(path) for path in found}
        return cls(dialect, revision, made_at, digests, tables)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a backup.

        Raises
        ------
        BackupRefused
            If there is none, or a single byte of it is not as it was written.
        """
        try:
            written = (folder / NAME).read_bytes()
        except OSError as error:
            raise BackupRefused("backup_none", path=folder) from error
        try:
            content = json.loads(written)
            digest = content.pop("digest")
            tables = {name: TableState(**state) for name, state in content.pop("tables").items()}
            manifest = cls(tables=tables, **content)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise BackupRefused("backup_spoilt", path=folder, name=NAME) from error
        if manifest._text() != written or manifest._digest() != digest:
            raise BackupRefused("backup_spoilt", path=folder, name=NAME)
        if manifest.format != FORMAT:
            raise BackupRefused("backup_newer", path=folder)
        return manifest

    def write(self, folder: Path) -> None:
        """Write the manifest into the folder of its backup."""
        (folder / NAME).write_bytes(self._text())

    @staticmethod
    def files_in(folder: Path) -> list[Path]:
        """Return every file of a backup but the manifest."""
        files = (path for path in folder.rglob("*") if path.is_file())
        return sorted(path for path in files if path != folder / NAME)

    def _text(self) -> bytes:
        content = {**asdict(self), "digest": self._digest()}
        return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()

    def _digest(self) -> str:
        return hashlib.sha256(_canonical(asdict(self))).hexdigest()


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def states_of(target: Target) -> dict[str, TableState]:
    """Return the state of every table of a database."""
    from api.database import open_database, reading

    engine = open_database(target)
    try:
        with reading(engine) as opened:
            return states(opened.connection())
    finally:
        engine.dispose()


def states(connection: Connection) -> dict[str, TableState]:
    """Return the state of every table; the same rows have the same digest on both databases."""
    from sqlalchemy import inspect

    seen = inspect(connection)
    columns, keys = seen.get_multi_columns(), seen.get_multi_pk_constraint()
    named = {str(place[1]): place for place in columns}
    return {
        name: _state(_lines(connection, name, columns[place], keys[place]["constrained_columns"]))
        for name, place in sorted(named.items())
    }


def _state(lines: Iterable[bytes]) -> TableState:
    rows, digest = 0, hashlib.sha256()
    for line in lines:
        rows += 1
        digest.update(line + b"\n")
    return TableState(rows, digest.hexdigest())


def _lines(
    connection: Connection, name: str, columns: Sequence[Any], key: Sequence[str]
) -> Iterable[bytes]:
    """Return the rows as canonical text, by key; a table without a key by its text."""
    from sqlalchemy import column, select, table

    asked = [column(c["name"], c["type"]) for c in sorted(columns, key=lambda c: str(c["name"]))]
    here = table(name, *asked)
    query = select(*here.c).order_by(*(here.c[part] for part in key))
    found = connection.execute(query, execution_options={"yield_per": 1000})
    lines = (_canonical(list(row)) for row in found)
    return lines if key else sorted(lines)


def _canonical(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")
