"""Every kind of sheet that offices exchange, in the order in which they lean on each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.errors import UserError

if TYPE_CHECKING:
    from catalog.importing.spec import SheetKind

ENDINGS = (".xlsx", ".xls", ".csv")


def all_kinds() -> tuple[SheetKind, ...]:
    """Return the kinds of sheets, those that others refer to first."""
    from catalog import institutions, offerings, quotas, units
    from diagnostics import sheets as people
    from matching.rounds import ballots

    return (
        *units.SHEETS,
        *institutions.SHEETS,
        *offerings.SHEETS,
        *quotas.SHEETS,
        *people.SHEETS,
        *ballots.SHEETS,
    )


def files_in(paths: list[Path]) -> list[Path]:
    """Return the files that are meant; a folder stands for the sheets in it.

    Raises
    ------
    UserError
        If a path does not exist or a folder holds no sheet.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise UserError("file_missing", path=path)
        if path.is_file():
            found.append(path)
            continue
        inside = sorted(p for p in path.iterdir() if _is_sheet(p))
        if not inside:
            raise UserError("folder_empty", path=path)
        found += inside
    return list(dict.fromkeys(found))


def _is_sheet(path: Path) -> bool:
    hidden = path.name.startswith((".", "~$"))  # the lock files of open spreadsheets
    return path.is_file() and not hidden and path.suffix.lower() in ENDINGS
