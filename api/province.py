"""A province's own data files: codes, rules for courses, hour rules and frameworks of ability.

They lie in a folder beside the database, so that every command reads what the sheets were checked
against. docs/adding-a-province.md tells what such a folder holds.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from api.errors import UserError
from api.places import Target, beside

PARTS = ("terms", "rule_sets", "frameworks", "measured", "rules.toml")


def folder_of(db: Target) -> Path:
    """Return where the data files of a database lie."""
    return beside(db, "province")


def keep(source: Path, db: Target) -> Path:
    """Copy a province's data files beside the database, once they could be read.

    Raises
    ------
    UserError
        If there is no such folder, or it holds something that has no meaning here.
    """
    if not source.is_dir():
        raise UserError("province_missing", path=source)
    for path in sorted(source.iterdir()):
        if path.name not in PARTS:
            raise UserError("province_unknown", name=path.name, known=", ".join(PARTS))
    use(source)
    return Path(shutil.copytree(source, folder_of(db), dirs_exist_ok=True))


def use_beside(db: Target) -> None:
    """Let every room read the data files beside a database, if there are any."""
    if folder_of(db).is_dir():
        use(folder_of(db))


def use(folder: Path) -> None:
    """Let every room read a province's files."""
    from catalog import publishing, terms
    from diagnostics import data_files

    terms.extend(folder / "terms")
    if (folder / "rules.toml").is_file():
        publishing.use_rules(folder / "rules.toml")
    data_files.look_first_in(folder)
