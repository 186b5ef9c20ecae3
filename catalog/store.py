"""Every query of the catalog; nothing here commits.

`Table` keeps the rows of a sheet that has a table of its own; rooms above use it for their sheets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Table as SqlTable
from sqlalchemy import delete, insert, select, tuple_, update
from sqlmodel import Session, SQLModel, col

from catalog.importing.spec import Key, Row
from catalog.tables import (
    ImportBatchRow,
    ImportChangeRow,
    InstitutionRow,
    OfferingRow,
    ProgrammeRow,
    QuotaRow,
    SchoolRow,
    SectionRow,
    UnitRow,
)

_AT_ONCE = 400
"""Keys in one statement; SQLite takes 999 values at least."""


class Table:
    """Rows of one table in the shape of a sheet: load, save and remove for a `SheetKind`.

    Parameters
    ----------
    model
        The table.
    parent
        The column that points to another row of the same table, if any; parents are saved first
        and removed last.
    """

    def __init__(self, model: type[SQLModel], parent: str | None = None) -> None:
        self._model = model
        self._parent = parent
        self._table: SqlTable = model.__table__  # type: ignore[attr-defined]
        self._columns = tuple(column.key for column in self._table.columns)
        self._key = tuple(column.key for column in self._table.primary_key)

    def load(self, session: Session) -> dict[Key, Row]:
        """Return every stored row by key, in the order of keys."""
        ordered = select(self._table).order_by(*self._table.primary_key)
        rows = session.execute(ordered).mappings()
        return {tuple(str(row[name]) for name in self._key): dict(row) for row in rows}

    def save(self, session: Session, rows: Iterable[Row]) -> None:
        """Insert or update rows."""
        stored = self.load(session)
        new: list[Row] = []
        known: list[Row] = []
        for row in self._parents_first(list(rows)):
            kept = {name: row[name] for name in self._columns if name in row}
            key = tuple(str(kept[name]) for name in self._key)
            (known if key in stored else new).append(kept)
        if new:
            session.execute(insert(self._model), new)
        if known:
            session.execute(update(self._model), known)
        session.expire_all()

    def remove(self, session: Session, keys: Iterable[Key]) -> None:
        """Delete rows by key."""
        stored = self.load(session)
        gone = self._parents_first([stored[key] for key in keys if key in stored])
        columns = [getattr(self._model, name) for name in self._key]
        at_once = 1 if self._parent else _AT_ONCE // len(columns)
        doomed = [tuple(row[name] for name in self._key) for row in reversed(gone)]
        for at in range(0, len(doomed), at_once):
            session.execute(
                delete(self._model).where(tuple_(*columns).in_(doomed[at : at + at_once]))
            )
        session.expire_all()

    def _parents_first(self, rows: list[Row]) -> list[Row]:
        if self._parent is None:
            return rows
        parents = {str(row[self._key[0]]): row[self._parent] for row in rows}
        return sorted(rows, key=lambda row: len(_line(str(row[self._key[0]]), parents)))


def _line(start: str, parents: Mapping[str, str | None]) -> list[str]:
    """Return a row and the rows above it as far as known; a circle ends where it closes."""
    line = [start]
    while (above := parents.get(line[-1])) is not None and above not in line:
        line.append(above)
    return line


units = Table(UnitRow, parent="parent_id")
schools = Table(SchoolRow)
institutions = Table(InstitutionRow)
programmes = Table(ProgrammeRow)
quotas = Table(QuotaRow)
_offerings = Table(OfferingRow)
_sections = Table(SectionRow)


class Courses:
    """Rows of the course sheet: one row is a section together with its offering."""

    def load(self, session: Session) -> dict[Key, Row]:
        """Return every section with the columns of its offering, by section id."""
        offerings = _offerings.load(session)
        rows = {}
        for key, section in _sections.load(session).items():
            offering = offerings[(section["offering_id"],)]
            shared = {name: value for name, value in offering.items() if name != "id"}
            own = {name: value for name, value in section.items() if name != "id"}
            rows[key] = {"section_id": section["id"], **shared, **own}
        return rows

    def save(self, session: Session, rows: Iterable[Row]) -> None:
        """Insert or update sections and their offerings; an offering left without sections goes."""
        listed = list(rows)
        before = _sections.load(session)
        _offerings.save(
            session,
            {row["offering_id"]: {**row, "id": row["offering_id"]} for row in listed}.values(),
        )
        _sections.save(session, [{**row, "id": row["section_id"]} for row in listed])
        left = {
            before[(row["section_id"],)]["offering_id"]
            for row in listed
            if (row["section_id"],) in before
        }
        self._remove_empty(session, left)

    def remove(self, session: Session, keys: Iterable[Key]) -> None:
        """Delete sections, and offerings that have none left."""
        doomed = list(keys)
        before = _sections.load(session)
        _sections.remove(session, doomed)
        self._remove_empty(session, {before[key]["offering_id"] for key in doomed if key in before})

    def _remove_empty(self, session: Session, offering_ids: Iterable[str]) -> None:
        used = {row["offering_id"] for row in _sections.load(session).values()}
        _offerings.remove(session, [(name,) for name in sorted(set(offering_ids) - used)])


courses = Courses()


def record_batch(
    session: Session,
    *,
    sheet: str,
    file_name: str,
    file_digest: str,
    counts: tuple[int, int, int],
    images: Sequence[tuple[list[str], Row | None, Row | None]],
) -> int:
    """Keep what an import changed, as (key, before, after); return the batch's number."""
    added, changed, removed = counts
    batch = ImportBatchRow(
        sheet=sheet,
        file_name=file_name,
        file_digest=file_digest,
        added=added,
        changed=changed,
        removed=removed,
    )
    session.add(batch)
    session.flush()
    assert batch.id is not None
    lines = [
        {"batch_id": batch.id, "number": number, "key": key, "before": before, "after": after}
        for number, (key, before, after) in enumerate(images, start=1)
    ]
    session.execute(insert(ImportChangeRow), lines)
    return batch.id


def last_batch(session: Session) -> ImportBatchRow | None:
    """Return the last import that is not undone."""
    found = select(ImportBatchRow).where(col(ImportBatchRow.undone).is_(False))
    return session.scalars(found.order_by(col(ImportBatchRow.id).desc()).limit(1)).first()


def changes_of(session: Session, batch: ImportBatchRow) -> Sequence[ImportChangeRow]:
    """Return the rows a batch touched, in the order they were stored."""
    found = select(ImportChangeRow).where(col(ImportChangeRow.batch_id) == batch.id)
    return session.scalars(found.order_by(col(ImportChangeRow.number))).all()


def mark_undone(session: Session, batch: ImportBatchRow) -> None:
    """Remember that a batch was taken back."""
    batch.undone = True
    session.add(batch)
    session.flush()
