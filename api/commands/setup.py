"""`xuanke init` and `xuanke template`: a database file, and empty sheets to fill in."""

from __future__ import annotations

import shutil
from pathlib import Path

from api.commands.settings import TEMPLATE
from api.console import Desk, key_file
from api.errors import UserError
from api.migrations import is_current, is_new, upgrade
from api.places import shown
from api.province import keep
from api.sheets import all_kinds


def init(desk: Desk, province: Path | None = None) -> None:
    """Make the tables of a database, or bring older ones to those of this release.

    Data files of a province are copied beside it; every command reads them from there.
    """
    from api.database import open_database
    from diagnostics.identity import keep_key_in

    if province is not None:
        desk.say("province_kept", folder=keep(province, desk.db))
    open_database(desk.db).dispose()
    fresh = is_new(desk.db)
    if is_current(desk.db):
        desk.say("db_current", path=shown(desk.db))
        return
    copy = upgrade(desk.db)
    keep_key_in(key_file(desk.db))
    code = "db_made" if fresh else "db_upgraded" if copy else "db_upgraded_server"
    desk.say(code, path=shown(desk.db), copy=copy)


def template(desk: Desk, folder: Path, slugs: list[str]) -> list[Path]:
    """Write empty sheets with headers, examples and drop-down lists; all kinds, or those named."""
    from catalog.importing.template import write_template

    kinds = {kind.slug: kind for kind in all_kinds()}
    if unknown := [slug for slug in slugs if slug not in kinds]:
        raise UserError("template_unknown", slug=unknown[0], slugs=", ".join(kinds))
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for slug in slugs or kinds:
        path = folder / f"{slug}.xlsx"
        if path.exists():
            raise UserError("template_there", path=path)
        write_template(kinds[slug], path, desk.lang)
        files.append(path)
        desk.say("template_written", title=kinds[slug].title(desk.lang), path=path)
    if not slugs:
        files.append(_settings_template(desk, folder / TEMPLATE.name))
    return files


def _settings_template(desk: Desk, path: Path) -> Path:
    """Lay a commented settings file of a round beside the sheets."""
    if path.exists():
        raise UserError("template_there", path=path)
    shutil.copyfile(TEMPLATE, path)
    desk.say("template_settings", path=path)
    return path
