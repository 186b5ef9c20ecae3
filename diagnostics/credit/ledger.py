"""The credit ledger: lines are added, never changed; a balance is a sum.

A line counts once two different people have approved it. A correction is a negative line that names
the line it corrects and why; it counts, like any other, after two approvals. There is no function
that changes or deletes a line, and the database refuses the statement (`catalog.guards`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diagnostics.errors import RefusedEntry
from diagnostics.tables import LedgerEntryRow

if TYPE_CHECKING:
    from sqlmodel import Session

APPROVALS = 2

WorkKey = tuple[str, str, str, str, str]
"""Teacher, year, category, source and evidence: what one piece of work is known by."""


@dataclass(frozen=True, slots=True)
class Posting:
    """Hours that somebody enters; `origin` says how they came (sheet, section, required)."""

    teacher_id: str
    year: int
    category: str
    minutes: int
    source: str
    evidence: str
    origin: str = "section"
    offering_id: str | None = None
    level: str = ""
    mode: str = ""
    topics: tuple[str, ...] = ()
    posted_on: str = ""

    @property
    def key(self) -> WorkKey:
        """What this piece of work is known by."""
        return (self.teacher_id, str(self.year), self.category, self.source, self.evidence)

    def attributes(self) -> Mapping[str, tuple[str, ...]]:
        """Return what hour rules ask of a line."""
        return {
            "category": (self.category,),
            "level": (self.level,),
            "mode": (self.mode,),
            "topic": self.topics,
            "offering": (self.offering_id,) if self.offering_id else (),
        }


@dataclass(frozen=True, slots=True)
class LedgerLine(Posting):
    """A posting as it stands in the ledger; negative minutes correct the line it names."""

    id: str = ""
    number: int = 0
    corrects: str | None = None
    reason: str = ""
    approvers: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether two different people have approved the line."""
        return len(set(self.approvers)) >= APPROVALS


def counting(lines: Iterable[LedgerLine]) -> tuple[LedgerLine, ...]:
    """Return the lines that count."""
    return tuple(line for line in lines if line.counts)


def balance(
    lines: Iterable[LedgerLine], category: str | None = None, year: int | None = None
) -> int:
    """Return the account minutes that count, of one category or year if asked."""
    return sum(
        line.minutes
        for line in counting(lines)
        if category in (None, line.category) and year in (None, line.year)
    )


def post(
    session: Session, postings: Iterable[Posting], approvers: Sequence[str] = ()
) -> tuple[LedgerLine, ...]:
    """Add lines, with the approvals already given.

    Raises
    ------
    RefusedEntry
        If minutes are not positive, or one person approves twice.
    """
    wanted = tuple(postings)
    for posting in wanted:
        if posting.minutes <= 0:
            raise RefusedEntry(
                f"{'/'.join(posting.key)}: {posting.minutes} minutes; fewer hours are a correction"
            )
    return _append(session, [(posting, None, "") for posting in wanted], approvers)


def correct(
    session: Session,
    line_id: str,
    minutes: int,
    reason: str,
    approvers: Sequence[str] = (),
    posted_on: str = "",
) -> LedgerLine:
    """Take `minutes` back from a line by a negative line that names it and says why.

    Raises
    ------
    RefusedEntry
        If there is no reason, the line is itself a correction, or less than that is left of it.
    """
    from diagnostics import store

    lines = store.ledger_family(session, line_id)
    line = next((line for line in lines if line.id == line_id), None)
    left = sum(line.minutes for line in lines)
    if line is None or line.corrects is not None:
        raise RefusedEntry(f"{line_id} is no line that can be corrected")
    if not reason.strip():
        raise RefusedEntry(f"a correction of {line_id} needs a reason")
    if not 0 < minutes <= left:
        raise RefusedEntry(f"{minutes} minutes cannot be taken from {line_id}, {left} are left")
    back = _negative(line, minutes, posted_on)
    return _append(session, [(back, line_id, reason.strip())], approvers)[0]


def approve(session: Session, line_id: str, approver: str) -> LedgerLine:
    """Give a line its next approval.

    Raises
    ------
    RefusedEntry
        If this person has approved it already, or both approvals are there.
    """
    from diagnostics import store

    line = store.ledger_line(session, line_id)
    if approver in line.approvers:
        raise RefusedEntry(f"{approver} has approved {line_id} already; somebody else must")
    if len(line.approvers) >= APPROVALS:
        raise RefusedEntry(f"{line_id} has both approvals already")
    store.add_to_ledger(session, [], [(line_id, len(line.approvers) + 1, approver)])
    return store.ledger_line(session, line_id)


def reverse(
    session: Session, lines: Iterable[LedgerLine], reason: str, approvers: Sequence[str] = ()
) -> tuple[LedgerLine, ...]:
    """Take back all that is left of some lines, each under its own approvers unless others do.

    `lines` must hold a line's corrections too; what is already taken back is not taken twice.
    """
    given = tuple(lines)
    left: dict[str, int] = {}
    for line in given:
        root = line.corrects or line.id
        left[root] = left.get(root, 0) + line.minutes
    batches: dict[tuple[str, ...], list[tuple[Posting, str | None, str]]] = {}
    for line in given:
        if line.corrects is None and left[line.id] > 0:
            item = (_negative(line, left[line.id], line.posted_on), line.id, reason)
            batches.setdefault(tuple(approvers) or line.approvers, []).append(item)
    return tuple(
        line for by, items in sorted(batches.items()) for line in _append(session, items, by)
    )


def _negative(line: LedgerLine, minutes: int, posted_on: str) -> Posting:
    facts = {name: getattr(line, name) for name in Posting.__slots__}
    return Posting(**(facts | {"minutes": -minutes, "posted_on": posted_on}))


def _append(
    session: Session,
    items: Sequence[tuple[Posting, str | None, str]],
    approvers: Sequence[str],
) -> tuple[LedgerLine, ...]:
    """Add lines with running numbers per key; the only place where the ledger grows."""
    from diagnostics import store

    if len(set(approvers)) != len(approvers) or len(approvers) > APPROVALS:
        raise RefusedEntry(f"approvals by {', '.join(approvers)}: two different people are needed")
    numbers = store.ledger_numbers(session, {item[0].teacher_id for item in items})
    lines = []
    for posting, corrects, reason in items:
        numbers[posting.key] = number = numbers.get(posting.key, 0) + 1
        facts = {name: getattr(posting, name) for name in Posting.__slots__}
        identity = {"id": f"{'/'.join(posting.key)}#{number}", "number": number}
        facts |= identity | {"corrects": corrects, "reason": reason}
        lines.append(LedgerLine(**facts, approvers=tuple(approvers)))
    approvals = [
        (line.id, step, approver)
        for line in lines
        for step, approver in enumerate(approvers, start=1)
    ]
    store.add_to_ledger(session, [_columns(line) for line in lines], approvals)
    return tuple(lines)


def _columns(line: LedgerLine) -> dict[str, Any]:
    names = (*Posting.__slots__, "id", "number", "corrects", "reason")
    return {name: getattr(line, name) for name in names} | {"topics": list(line.topics)}


def line_of(row: LedgerEntryRow, approvers: tuple[str, ...]) -> LedgerLine:
    """Return a stored line with those who approved it."""
    return LedgerLine(
        teacher_id=row.teacher_id,
        year=row.year,
        category=row.category,
        minutes=row.minutes,
        source=row.source,
        evidence=row.evidence,
        origin=row.origin,
        offering_id=row.offering_id,
        level=row.level,
        mode=row.mode,
        topics=tuple(row.topics),
        posted_on=row.posted_on,
        id=row.id,
        number=row.number,
        corrects=row.corrects,
        reason=row.reason,
        approvers=approvers,
    )
