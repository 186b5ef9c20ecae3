"""`xuanke backup|restore`: what an office does to keep the service alive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.console import Desk
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


def _tell(desk: Desk, code: str, report: BackupReport) -> None:
    desk.say(
        code,
        folder=report.folder,
        db=shown(desk.db),
        made_at=report.made_at,
        tables=len(report.tables),
        rows=report.rows,
    )
