"""`xuanke backup|restore|check`: what an office does to keep the service alive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.console import Desk
from api.errors import UserError
from api.places import is_url, shown

if TYPE_CHECKING:
    from api.backup import BackupReport


def backup(desk: Desk, out: Path, *, drill: bool) -> None:
    """Write a backup; with `drill` bring it back once in a temporary place and compare."""
    from api import backup as backups
    from api.clock import system_clock

    with desk.database(), desk.progress("backup_running", None):
        made = backups.backup(desk.db, out, system_clock())
    _tell(desk, "backup_made", made)
    if drill:
        with desk.progress("backup_drilling", None):
            backups.drill(out, desk.db if is_url(desk.db) else None)
        desk.say("backup_drilled")


def restore(desk: Desk, folder: Path, *, force: bool) -> None:
    """Bring a backup back in the place of the database."""
    from api import backup as backups

    with desk.progress("backup_restoring", None):
        report = backups.restore(folder, desk.db, force=force)
    _tell(desk, "backup_restored", report)


def check(desk: Desk, published: list[str]) -> bool:
    """Check the chain of the log and the record of accesses it holds; tell what is wrong.

    Parameters
    ----------
    published
        Heads that were written down elsewhere, as `NUMBER:HASH`.
    """
    from api import anchors, log
    from api.database import reading

    known = dict(_head_of(words) for words in published)
    with desk.database() as engine, reading(engine) as session:
        report = log.check(session, known)
        faults = (*report.faults, *anchors.faults(session))
    for fault in faults:
        desk.warn(fault.say(desk.lang))
    desk.say("log_checked", lines=report.lines, faults=len(faults))
    desk.say("log_head_is", head=f"{report.head.seq}:{report.head.hash}")
    return not faults


def _head_of(words: str) -> tuple[int, str]:
    """Return number and hash of a head as it was printed.

    Raises
    ------
    UserError
        If it is none.
    """
    number, _, found = words.partition(":")
    if not number.isdecimal() or len(found) != 64:
        raise UserError("log_head_form", words=words)
    return int(number), found


def _tell(desk: Desk, code: str, report: BackupReport) -> None:
    desk.say(
        code,
        folder=report.folder,
        db=shown(desk.db),
        made_at=report.made_at,
        tables=len(report.tables),
        rows=report.rows,
    )
