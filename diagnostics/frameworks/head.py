"""Checking the head of a framework, its TOML file: every key that is missing, unknown or no number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from fractions import Fraction
from typing import Any

from catalog.importing.spec import RowError
from diagnostics.frameworks.parts import Dimension, Level, Model, Part

_FREE = {"status"}
"""What a file may say of its model beside the numbers."""


@dataclass(frozen=True, slots=True)
class _Area:
    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class _Target:
    where: Mapping[str, object]
    levels: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Head:
    code: str
    version: int
    zh: str
    en: str
    source: str
    status: str
    level: list[object]
    target: list[object]
    model: Mapping[str, object]
    dimension: list[object] | None = None
    measured: int = 0
    area: list[object] | None = None
    part: list[object] | None = None
    like: str = ""
    leaf_scale: str = ""
    answers_needed: int = 200


_TABLES = {
    "level": Level, "dimension": Dimension, "area": _Area, "part": Part, "target": _Target,
}  # fmt: skip


def faults_of(data: Mapping[str, Any], file: str) -> tuple[RowError, ...]:
    """Return everything that is wrong with the keys of a file, in its own words."""

    def told() -> Iterator[tuple[str, dict[str, object]]]:
        yield from _keys(data, _Head, "")
        for table, kind in _TABLES.items():
            for number, row in enumerate(data.get(table) or (), start=1):
                yield from _keys(row, kind, f"[[{table}]] {number}: ")
        model = data.get("model", {})
        yield from _keys({k: v for k, v in model.items() if k not in _FREE}, Model, "[model] ")
        yield from _numbers(data, model)

    return tuple(RowError(file, 0, "", "", code, values, "diagnostics") for code, values in told())


def _keys(row: Mapping[str, Any], kind: Any, place: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the keys that a row lacks, and those that nobody reads."""
    known = {field.name: field.default is MISSING for field in fields(kind)}
    for name, needed in known.items():
        if needed and name not in row:
            yield "head_missing", {"name": f"{place}{name}"}
    for name in row:
        if name not in known:
            yield "head_unknown", {"name": f"{place}{name}", "known": tuple(known)}


def _numbers(
    data: Mapping[str, Any], model: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield what should be a whole number or a decimal and is not."""
    whole: list[tuple[str, Any]] = [("version", data.get("version", 1))]
    whole += [("answers_needed", data.get("answers_needed", 200))]
    whole += [("[[level]] level", row.get("level", 1)) for row in data.get("level", ())]
    for row in data.get("target", ()):
        whole += [(f"[[target]] {code}", level) for code, level in row.get("levels", {}).items()]
    for name, value in whole:
        if type(value) is not int:
            yield "head_whole", {"name": name, "value": value}
    for name, value in model.items():
        values: Iterable[Any] = value if isinstance(value, list) else (value,)
        if name not in _FREE and not all(map(_is_number, values)):
            yield "head_number", {"name": f"[model] {name}", "value": str(value)}


def _is_number(value: object) -> bool:
    try:
        Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        return False
    return True
