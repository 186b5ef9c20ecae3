"""`xuanke import` and `xuanke undo`: spreadsheets into the database, and back out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from api.console import Desk
from api.database import session
from api.errors import UserError
from api.messages import say
from api.sheets import all_kinds, files_in
from catalog.errors import FileRefused
from catalog.importing import history
from catalog.importing.annotate import annotate
from catalog.importing.history import Batch
from catalog.importing.plan import Plan, plan
from catalog.importing.reader import Book, read_book
from catalog.importing.recognise import recognise
from catalog.importing.rows import read_sheet
from catalog.importing.spec import RowError, SheetKind

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session

    from matching.rounds.life.calls import Call
    from matching.rounds.life.events import Happened
    from matching.rounds.tables import BallotRow

MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for besides the files."""

    good_rows_only: bool = False
    remove_missing: bool = False
    yes: bool = False
    errors_to: Path | None = None
    quiet: bool = False


class _Look(Exception):
    """Ends a rehearsal, so that its transaction is rolled back."""


def import_files(desk: Desk, paths: list[Path], wish: Wish) -> list[Batch]:
    """Import files in the order in which they lean on each other: all of them, or none.

    When rows would change or are missing from a sheet, a rehearsal shows them first and asks.
    """
    books = _in_order(files_in(paths), desk)
    with desk.database() as engine:
        if not wish.yes:
            shown: list[Plan] = []
            try:
                with session(engine) as opened:
                    shown = _tell(desk, books, opened, wish, rehearsal=True)[0]
                    raise _Look
            except _Look:
                _ask(desk, shown, wish)
        batches = _store(desk, engine, books, wish)
    for batch in batches:
        if batch.number is not None and not wish.quiet:
            desk.tell(batch.say(desk.lang))
    return batches


def _store(
    desk: Desk, engine: Engine, books: Sequence[tuple[SheetKind, Book]], wish: Wish
) -> list[Batch]:
    """Store all files in one transaction; a round that is under way follows in the same one."""
    batches: list[Batch] = []

    def store(opened: Session) -> tuple[_Sheets, ...]:
        plans, stored = _tell(desk, books, opened, wish, rehearsal=False)
        batches[:] = stored
        return tuple(_sheets_of(planned, wish) for planned in plans)

    _in_round(desk, engine, store, quiet=wish.quiet)
    return batches


@dataclass(frozen=True, slots=True)
class _Sheets:
    """Teachers whose paper ballots are new or changed, and those removed as they were."""

    changed: tuple[str, ...] = ()
    removed: Mapping[str, BallotRow] = field(default_factory=dict)


def _sheets_of(planned: Plan, wish: Wish) -> _Sheets:
    """Return what a stored plan has done to paper ballots."""
    from matching.rounds.ballots import BALLOTS, ballot_of

    if planned.kind.slug != BALLOTS.slug:
        return _Sheets()
    gone = planned.missing if wish.remove_missing else ()
    return _Sheets(
        tuple(change.key[0] for change in (*planned.added, *planned.changed)),
        {change.key[0]: ballot_of(change.before) for change in gone if change.before},
    )


def _in_round(
    desk: Desk,
    engine: Engine,
    change: Callable[[Session], tuple[_Sheets, ...]],
    *,
    quiet: bool = False,
) -> None:
    """Change what sheets say; where a round is under way, its ballots follow in that transaction."""
    from api.commands.life import Who, do, office_of
    from matching.rounds import store
    from matching.rounds.life.papers import follow

    def command(opened: Session, call: Call, round_id: str) -> tuple[Happened, ...]:
        return tuple(
            happened
            for sheets in change(opened)
            for happened in follow(opened, call, round_id, sheets.changed, sheets.removed)
        )

    with office_of(engine) as office:
        with office.read() as opened:
            row = store.the_round(opened)
        if row is not None:
            done = do(office, Who(), row, command)
            people = ", ".join(done.body.get("withdrawn", ()))
            if people and not quiet:
                desk.say("ballots_withdrawn", people=people)
            return
    with session(engine) as opened:
        change(opened)


def undo(desk: Desk) -> Batch:
    """Take back the last import that was not undone yet."""
    batches: list[Batch] = []

    def put_back(opened: Session) -> tuple[_Sheets, ...]:
        sheets = _sheets_before(opened)
        batches[:] = [history.undo_last(opened, all_kinds())]
        return (sheets,)

    with desk.database() as engine:
        _in_round(desk, engine, put_back)
    desk.tell(batches[0].say(desk.lang, "batch_undone"))
    return batches[0]


def _sheets_before(opened: Session) -> _Sheets:
    """Return what undoing the last import does to paper ballots."""
    from catalog import store
    from matching.rounds.ballots import BALLOTS, ballot_of

    last = store.last_batch(opened)
    if last is None or last.sheet != BALLOTS.slug:
        return _Sheets()
    changes = store.changes_of(opened, last)
    return _Sheets(
        tuple(change.key[0] for change in changes if change.before),
        {c.key[0]: ballot_of(c.after) for c in changes if c.after and not c.before},
    )


def _in_order(files: Sequence[Path], desk: Desk) -> list[tuple[SheetKind, Book]]:
    """Recognise each file and sort them by what their kinds refer to."""
    kinds = all_kinds()
    books = [_recognised(path, kinds, desk) for path in files]
    return sorted(books, key=lambda pair: kinds.index(pair[0]))


def _recognised(path: Path, kinds: Sequence[SheetKind], desk: Desk) -> tuple[SheetKind, Book]:
    """Read a file and tell its kind; a refusal names the file, for there may be many."""
    try:
        book = read_book(path)
        return recognise(book, kinds), book
    except FileRefused as refusal:
        raise UserError("file_refused", path=path, why=refusal.say(desk.lang)) from None


def _tell(
    desk: Desk,
    books: Sequence[tuple[SheetKind, Book]],
    opened: Session,
    wish: Wish,
    *,
    rehearsal: bool,
) -> tuple[list[Plan], list[Batch]]:
    """Plan and store one file after the other in one transaction."""
    plans: list[Plan] = []
    batches: list[Batch] = []
    wrong: list[Plan] = []
    speaks = (rehearsal or wish.yes) and not wish.quiet
    bar = nullcontext(_no_tick) if wish.quiet else desk.progress("importing", len(books))
    with bar as tick:
        for kind, book in books:
            planned = plan(opened, kind, read_sheet(book, kind))
            if speaks:
                _tell_plan(desk, planned)
            if planned.errors and wrong:
                desk.warn(say("errors_may_follow", desk.lang))
            if planned.errors or planned.followers:
                _tell_errors(desk, planned, book, wish)
            if wish.remove_missing:
                _require_without_ballots(opened, planned)
            refused = bool(planned.errors) and not wish.good_rows_only
            wrong += [planned] if refused else []
            batches.append(
                history.apply(
                    opened,
                    planned,
                    good_rows_only=wish.good_rows_only or refused,
                    remove_missing=wish.remove_missing and not refused,
                )
            )
            plans.append(planned)
            tick()
    _refuse(desk, wrong)
    return plans, batches


def _require_without_ballots(opened: Session, planned: Plan) -> None:
    """Refuse to remove teachers who have a ballot in a round, by name.

    Raises
    ------
    UserError
        With these teachers and their rounds.
    """
    from diagnostics.sheets import TEACHERS
    from matching.rounds.life.store import hand_ins_of

    if planned.kind.slug != TEACHERS.slug or not planned.missing:
        return
    found = hand_ins_of(opened, [change.key[0] for change in planned.missing])
    if found:
        names = {c.key[0]: c.before["name"] for c in planned.missing if c.before is not None}
        who = [f"{names[mine.teacher_id]} ({mine.teacher_id})" for mine in found[:MOST_SHOWN]]
        rounds = ", ".join(sorted({mine.round_id for mine in found}))
        raise UserError("teachers_have_ballots", n=len(found), who=", ".join(who), rounds=rounds)


def _refuse(desk: Desk, wrong: Sequence[Plan]) -> None:
    """End here if a file had errors, so that the transaction with the rows of all files is undone."""
    if wrong:
        joint = "、" if desk.lang == "zh" else ", "
        files = joint.join(planned.parsed.file_name for planned in wrong)
        raise UserError("not_stored", file=files, n=sum(len(planned.errors) for planned in wrong))


def _no_tick() -> None:
    """Move no bar."""


def _tell_plan(desk: Desk, planned: Plan) -> None:
    desk.tell(planned.say(desk.lang))
    for error in (*planned.parsed.warnings, *planned.parsed.skipped)[:MOST_SHOWN]:
        desk.warn("  " + error.say(desk.lang))
    for change in planned.changed[:MOST_SHOWN]:
        desk.tell("  " + change.say(planned.kind, desk.lang))
    if planned.missing:
        keys = ["/".join(filter(None, change.key)) for change in planned.missing[:MOST_SHOWN]]
        desk.say("missing_rows", n=len(planned.missing), keys=", ".join(keys))


def _tell_errors(desk: Desk, planned: Plan, book: Book, wish: Wish) -> None:
    """Tell what is wrong in a sheet, and give it back with its errors where that is asked for."""
    errors: tuple[RowError, ...] = (*planned.errors, *planned.followers)
    for error in errors[:MOST_SHOWN]:
        desk.warn("  " + error.say(desk.lang))
    if len(errors) > MOST_SHOWN:
        desk.say("more_errors", n=len(errors) - MOST_SHOWN)
    if wish.errors_to is not None:
        path = _errors_path(wish.errors_to, planned.kind)
        annotate(book, planned.kind, errors, path, desk.lang)
        desk.say("errors_written", path=path)


def _errors_path(wished: Path, kind: SheetKind) -> Path:
    """Return the file for a sheet with its errors; a folder holds one for each kind of sheet."""
    if wished.suffix.lower() == ".xlsx":
        return wished
    wished.mkdir(parents=True, exist_ok=True)
    return wished / f"{kind.slug}-errors.xlsx"


def _ask(desk: Desk, shown: Sequence[Plan], wish: Wish) -> None:
    """Ask before stored rows are changed or removed; new rows need no question."""
    changed = sum(len(planned.changed) for planned in shown)
    missing = sum(len(planned.missing) for planned in shown) if wish.remove_missing else 0
    if not changed and not missing:
        return
    if not desk.asks():
        raise UserError("needs_yes", changed=changed, missing=missing)
    if not desk.agrees("ask_import", changed=changed, missing=missing):
        raise UserError("left_alone")
