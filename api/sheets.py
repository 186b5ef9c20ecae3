"""Every kind of sheet that offices exchange, in the order in which they lean on each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from api.errors import UserError

if TYPE_CHECKING:
    from catalog.importing.spec import Column, SheetKind

ENDINGS = (".xlsx", ".xls", ".csv")


def all_kinds() -> tuple[SheetKind, ...]:
    """Return the kinds of sheets, those that others refer to first.

    What the catalog keeps as text, and other rooms read, is read here by those rooms: conditions of
    programmes and dimensions of courses.
    """
    from catalog import institutions, offerings, quotas, units
    from diagnostics import sheets as people
    from diagnostics.answer_sheet import answer_sheet
    from matching.rounds import ballots

    kinds = (
        *units.SHEETS,
        *institutions.SHEETS,
        *offerings.SHEETS,
        *quotas.SHEETS,
        *people.SHEETS,
        answer_sheet(),
        *ballots.SHEETS,
    )
    read_elsewhere = _read_elsewhere()
    return tuple(
        replace(
            kind, columns=tuple(read_elsewhere.get((kind.slug, c.key), c) for c in kind.columns)
        )
        for kind in kinds
    )


def _read_elsewhere() -> dict[tuple[str, str], Column]:
    """Return sheet, column -> the column as the room understands it that its values belong to."""
    from catalog.importing.parse import many
    from catalog.institutions import PROGRAMMES
    from catalog.offerings import OFFERINGS
    from diagnostics.framework import framework, frameworks
    from diagnostics.sheets import RATINGS, any_dimension
    from matching.rounds.eligibility import condition, known_attributes

    frames = [framework(name) for name in frameworks()]
    titles = [{each.code: each.zh for each in frame.dimensions} for frame in frames]
    asked = PROGRAMMES.column("eligibility")
    worked_on, rated = OFFERINGS.column("dimensions"), RATINGS.column("dimension")
    return {
        ("programmes", asked.key): replace(
            asked,
            parse=condition,
            help_zh=f"{asked.help_zh}属性有：{known_attributes('zh')}。",
            help_en=f"{asked.help_en} Attributes: {known_attributes('en')}.",
        ),
        ("offerings", worked_on.key): replace(
            worked_on,
            parse=lambda cell: sorted(many(any_dimension)(cell)),
            choices={code: title for each in titles for code, title in each.items()},
            several=True,
        ),
        ("ratings", rated.key): replace(rated, choices=titles[0]),
    }


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
