"""Micro-abilities (微能力): graded by pieces of evidence with a rule that nothing makes up for.

All pieces 优秀 make 优秀, any piece below 合格 makes 不合格, anything else 合格 (能力提升工程2.0).
A strong piece cannot make up for a weak one, while an estimated ability is just such a balance: the
two are stored beside each other (`Standing`) and never averaged. Grades are words, not numbers, so
that adding them up is an error.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from catalog.importing.spec import RowError
from diagnostics.data_files import SHIPPED
from diagnostics.errors import BadData, BadFramework
from diagnostics.frameworks import tables
from diagnostics.messages import Language


class Grade(Enum):
    """What a piece of evidence, or an ability, is graded."""

    EXCELLENT = "优秀"
    PASSED = "合格"
    FAILED = "不合格"


@dataclass(frozen=True, slots=True)
class Ability:
    """One of the 30, in the environment it belongs to; `status` says what its name rests on."""

    code: str
    field: str
    environment: str
    zh: str
    en: str
    status: str
    source: str

    def title(self, lang: Language = "zh") -> str:
        """Return its name in a language."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence for an ability, as graded."""

    ability: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a teacher in both ways of judging, side by side.

    Parameters
    ----------
    teacher
        Her number.
    abilities
        Dimension -> estimated ability, where strength makes up for weakness.
    micro
        Micro-ability -> grade, where it does not; what she handed nothing in for is not there.
    """

    teacher: str
    abilities: Mapping[str, float]
    micro: Mapping[str, Grade]


def grade(pieces: Iterable[Grade]) -> Grade | None:
    """Return the grade of an ability from those of its pieces, None where none was handed in."""
    found = set(pieces)
    if not found:
        return None
    if found == {Grade.EXCELLENT}:
        return Grade.EXCELLENT
    return Grade.FAILED if Grade.FAILED in found else Grade.PASSED


def grades(pieces: Iterable[Piece]) -> dict[str, Grade]:
    """Return ability -> grade for every ability that has a piece, by code.

    Raises
    ------
    BadData
        If a piece belongs to none of the abilities.
    """
    known = {ability.code for ability in abilities()}
    found: dict[str, list[Grade]] = {}
    for piece in pieces:
        if piece.ability not in known:
            raise BadData(f"micro-abilities: no {piece.ability!r}; there are: {', '.join(known)}")
        found.setdefault(piece.ability, []).append(piece.grade)
    graded = {code: grade(given) for code, given in sorted(found.items())}
    return {code: result for code, result in graded.items() if result}


def environments() -> dict[str, dict[str, str]]:
    """Return the environments by code, each with its name in zh and en."""
    data = tomllib.loads((SHIPPED / "micro_abilities.toml").read_text(encoding="utf-8"))
    return {row["code"]: {"zh": row["zh"], "en": row["en"]} for row in data["environment"]}


@cache
def abilities(folder: Path = SHIPPED / "micro_abilities") -> tuple[Ability, ...]:
    """Return the micro-abilities of the shipped table.

    Raises
    ------
    BadFramework
        With every row that is wrong, or names no environment.
    """
    faults: list[RowError] = []
    table = tables.read(folder, tables.ABILITIES, faults)
    known = tuple(environments())
    for row, cells in table:
        table.check_source(row)
        if cells["environment"] not in known:
            table.wrong(row, "environment", "cell_one_of", words=known)
    if faults:
        raise BadFramework(faults)
    names = [column.key for column in tables.ABILITIES.columns if column.key != "note"]
    return tuple(Ability(**{name: cells[name] for name in names}) for _, cells in table)
