"""Storing a planned import with before-images, and undoing the last one exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.errors import ImportRefused
from catalog.importing.plan import Change, Plan
from catalog.importing.spec import Key, SheetKind
from catalog.messages import Language, say

if TYPE_CHECKING:
    from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class Batch:
    """One import that was stored, or undone; `number` is None when there was nothing to store."""

    number: int | None
    kind: SheetKind
    file_name: str
    added: int
    changed: int
    removed: int

    def say(self, lang: Language = "zh", code: str = "batch_stored") -> str:
        """Return what happened in a sentence; `batch_undone` is the other code."""
        return say(
            "batch_nothing" if self.number is None else code,
            lang,
            title=self.kind.title(lang),
            file=self.file_name,
            number=self.number,
            added=self.added,
            changed=self.changed,
            removed=self.removed,
        )


def apply(
    session: Session, plan: Plan, *, good_rows_only: bool = False, remove_missing: bool = False
) -> Batch:
    """Store what a plan says, and remember each row as it was; the caller commits.

    Parameters
    ----------
    session
        The database, in a transaction that the caller rolls back when this raises.
    plan
        What `catalog.importing.plan.plan` gave for this database.
    good_rows_only
        Store the good rows although others are wrong.
    remove_missing
        Also delete stored rows that the sheet does not have; never with wrong rows.

    Raises
    ------
    ImportRefused
        If rows are wrong and were not waived, the database changed since the plan was made, or a
        row that should go is still in use.
    """
    _check(session, plan, good_rows_only, remove_missing)
    removed = plan.missing if remove_missing else ()
    changes = (*plan.added, *plan.changed, *removed)
    if not changes:
        return Batch(None, plan.kind, plan.parsed.file_name, 0, 0, 0)
    _put(session, plan.kind, changes, undo=False)
    number = _record(session, plan, changes, len(removed))
    counts = (len(plan.added), len(plan.changed), len(removed))
    return Batch(number, plan.kind, plan.parsed.file_name, *counts)


def undo_last(session: Session, kinds: Iterable[SheetKind]) -> Batch:
    """Put everything back as it was before the last import that is not undone yet.

    Parameters
    ----------
    session
        The database, in a transaction that the caller rolls back when this raises.
    kinds
        Every kind of sheet that may have been imported.

    Raises
    ------
    ImportRefused
        If there is no import to undo, or a row it touched was changed or is used since.
    """
    from catalog import store

    last = store.last_batch(session)
    if last is None:
        raise ImportRefused("undo_nothing")
    kind = next(kind for kind in kinds if kind.slug == last.sheet)
    changes = [
        Change(row.number, tuple(row.key), row.before, row.after)
        for row in store.changes_of(session, last)
    ]
    now = _now(session, kind, changes)
    for change in changes:
        if now[change.key] != change.after:
            raise ImportRefused("undo_changed", file=last.file_name, key="/".join(change.key))
    _put(session, kind, changes, undo=True)
    store.mark_undone(session, last)
    return Batch(last.id, kind, last.file_name, last.added, last.changed, last.removed)


def _check(session: Session, plan: Plan, good_rows_only: bool, remove_missing: bool) -> None:
    errors = len(plan.errors)
    if errors and not good_rows_only:
        raise ImportRefused("apply_errors", errors=errors)
    if any(error.row == 0 for error in (*plan.errors, *plan.followers)):
        raise ImportRefused("apply_errors", errors=errors)
    if errors and remove_missing:
        raise ImportRefused("apply_missing_with_errors", errors=errors)
    changes = (*plan.added, *plan.changed, *plan.missing)
    now = _now(session, plan.kind, changes)
    if any(now[change.key] != change.before for change in changes):
        raise ImportRefused("apply_stale")


def _now(
    session: Session, kind: SheetKind, changes: Sequence[Change]
) -> dict[Key, dict[str, object] | None]:
    """Return the rows that changes are about, as they are stored now."""
    stored = kind.load(session)
    rows = {change.key: stored.get(change.key) for change in changes}
    return {key: row and kind.kept(row) for key, row in rows.items()}


def _put(session: Session, kind: SheetKind, changes: Sequence[Change], undo: bool) -> None:
    """Save the rows as they shall be, then remove those that shall not be."""
    from sqlalchemy.exc import IntegrityError

    target = {change.key: change.before if undo else change.after for change in changes}
    try:
        kind.save(session, [row for row in target.values() if row is not None])
        kind.remove(session, [key for key, row in target.items() if row is None])
        session.flush()
    except IntegrityError as error:
        raise ImportRefused("row_in_use", title={"zh": kind.zh, "en": kind.en}) from error


def _record(session: Session, plan: Plan, changes: Sequence[Change], removed: int) -> int:
    from catalog import store

    return store.record_batch(
        session,
        sheet=plan.kind.slug,
        file_name=plan.parsed.file_name,
        file_digest=plan.parsed.digest,
        counts=(len(plan.added), len(plan.changed), removed),
        images=[(list(change.key), change.before, change.after) for change in changes],
    )
