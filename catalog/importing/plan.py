"""What an import would do, before it does anything: added, changed and missing rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from catalog.importing.rows import Parsed
from catalog.importing.spec import Column, Key, NumberedRow, Row, RowError, SheetKind
from catalog.messages import Language, say

if TYPE_CHECKING:
    from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class Change:
    """One row that an import adds (`before` is None), changes, or would remove (`after` is None).

    `number` is the row in the file, 0 where the file lacks it.
    """

    number: int
    key: Key
    before: Row | None
    after: Row | None

    def fields(self, kind: SheetKind) -> Iterator[tuple[Column, Any, Any]]:
        """Yield the columns that differ, with the value before and after."""
        before, after = self.before or {}, self.after or {}
        for column in kind.columns:
            if column.stored and before.get(column.key) != after.get(column.key):
                yield column, before.get(column.key), after.get(column.key)

    def say(self, kind: SheetKind, lang: Language = "zh") -> str:
        """Return the difference in words, column by column."""
        joint, colon = ("；", "：") if lang == "zh" else ("; ", ": ")
        arrow = joint.join(
            f"{column.title(lang)}{colon}{column.show(before) or '—'} → {column.show(after) or '—'}"
            for column, before, after in self.fields(kind)
        )
        return say("plan_change", lang, row=self.number, key=_key_text(self.key), changes=arrow)


def _key_text(key: Key) -> str:
    return "/".join(part for part in key if part)


@dataclass(frozen=True, slots=True)
class Plan:
    """The outcome of comparing a sheet with what is stored.

    `added` and `changed` hold the rows without any error. `errors` is everything wrong in the file;
    `followers` are rows that are right themselves but lean on a wrong one, and are left out with it
    when only good rows are stored. `missing` are stored rows that the sheet does not have.
    """

    kind: SheetKind
    parsed: Parsed
    added: tuple[Change, ...]
    changed: tuple[Change, ...]
    missing: tuple[Change, ...]
    unchanged: int
    errors: tuple[RowError, ...]
    followers: tuple[RowError, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether storing the good rows would change nothing."""
        return not self.added and not self.changed

    def say(self, lang: Language = "zh") -> str:
        """Return the whole comparison in one sentence; a sheet stored before, or empty, says so."""
        return say(
            self._code,
            lang,
            title=self.kind.title(lang),
            file=self.parsed.file_name,
            added=len(self.added),
            changed=len(self.changed),
            unchanged=self.unchanged,
            missing=len(self.missing),
            errors=len({error.row for error in self.errors}),
        )

    @property
    def _code(self) -> str:
        """The code of the sentence."""
        if not self.empty or self.missing or self.errors:
            return "plan_counts"
        return "plan_same" if self.unchanged else "plan_no_rows"


def plan(session: Session, kind: SheetKind, parsed: Parsed) -> Plan:
    """Compare a parsed sheet with what is stored; nothing is written.

    Parameters
    ----------
    session
        The database.
    kind
        The kind of sheet.
    parsed
        What `catalog.importing.rows.read_sheet` gave.
    """
    stored = kind.load(session)
    good, first, followers = _good_rows(session, kind, parsed)
    changes = [_change(kind, row, stored) for row in good]
    named = {kind.key_of(row.row) for row in parsed.rows} | parsed.broken
    return Plan(
        kind,
        parsed,
        added=tuple(change for change in changes if change.before is None),
        changed=tuple(c for c in changes if c.before is not None and c.before != c.after),
        missing=tuple(
            Change(0, key, kind.kept(row), None)
            for key, row in sorted(stored.items())
            if key not in named
        ),
        unchanged=sum(change.before == change.after for change in changes),
        errors=tuple(sorted((*parsed.errors, *first), key=lambda error: error.row)),
        followers=tuple(followers),
    )


def _good_rows(
    session: Session, kind: SheetKind, parsed: Parsed
) -> tuple[list[NumberedRow], list[RowError], list[RowError]]:
    """Return the rows that stand without the wrong ones, the first errors and those that follow.

    A row may lean on a wrong one (a unit under a wrong unit), so what is left is checked again
    until nothing more falls.
    """
    rows = list(parsed.rows)
    first = _checked(session, kind, parsed, rows)
    followers: list[RowError] = []
    fallen = {error.row for error in first}
    while fallen:
        rows = [row for row in rows if row.number not in fallen] if 0 not in fallen else []
        more = _checked(session, kind, parsed, rows) if rows else []
        fallen = {error.row for error in more}
        followers += more
    return rows, first, followers


def _checked(
    session: Session, kind: SheetKind, parsed: Parsed, rows: Iterable[NumberedRow]
) -> list[RowError]:
    return [replace(error, sheet=parsed.sheet) for error in kind.check(list(rows), session)]


def _change(kind: SheetKind, row: NumberedRow, stored: Mapping[Key, Row]) -> Change:
    key = kind.key_of(row.row)
    before = stored.get(key)
    return Change(row.number, key, before and kind.kept(before), kind.kept(row.row))
