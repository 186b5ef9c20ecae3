"""`xuanke import` and `xuanke undo`: spreadsheets into the database, and back out of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
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

    from matching.rounds.tables import RoundRow

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
        with session(engine) as opened:
            plans, batches = _tell(desk, books, opened, wish, rehearsal=False)
            row = _open_round(opened, plans)
        if row is not None:
            _take_in(engine, row, plans)
    for batch in batches:
        if batch.number is not None and not wish.quiet:
            desk.tell(batch.say(desk.lang))
    return batches


def _new_ballots(plans: Sequence[Plan]) -> list[str]:
    """Return the teachers whose paper ballots an import has added or changed."""
    from matching.rounds.ballots import BALLOTS

    mine = (planned for planned in plans if planned.kind.slug == BALLOTS.slug)
    return [change.key[0] for planned in mine for change in (*planned.added, *planned.changed)]


def _open_round(opened: Session, plans: Sequence[Plan]) -> RoundRow | None:
    """Return the open round that new paper ballots go into; after its deadline none are stored."""
    from api.clock import system_clock
    from matching.rounds import store
    from matching.rounds.life.calls import Call, Scope
    from matching.rounds.life.handing import require_window

    row = store.the_round(opened) if _new_ballots(plans) else None
    if row is None or row.state != "open":
        return None
    require_window(row, Call("import", Scope("county", row.unit_id), system_clock()))
    return row


def _take_in(engine: Engine, row: RoundRow, plans: Sequence[Plan]) -> None:
    """Hand in paper ballots for their teachers, who are told of it."""
    from api.commands.life import Who, do, office_of
    from matching.rounds.life.handing import adopt

    named = _new_ballots(plans)
    with office_of(engine) as office:
        do(office, Who(), row, lambda session, call, id_: adopt(session, call, id_, named))


def undo(desk: Desk) -> Batch:
    """Take back the last import that was not undone yet."""
    with desk.database() as engine, session(engine) as opened:
        batch = history.undo_last(opened, all_kinds())
    desk.tell(batch.say(desk.lang, "batch_undone"))
    return batch


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
