"""Instances and results on file: a folder, a .zip, or (small instances) one .json.

`docs/format.md` explains the layout with an example that an outsider can copy.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from matching.errors import BadInstance
from matching.instance import DEFAULT_TIERS, Instance
from matching.result_files import RESULT_FILES, read_result, write_result
from matching.schema import BY_NAME, TABLES
from matching.shelf import Folder, Part, PlacedRow, Shelf, parse_json, reading, replacing, writing
from matching.table import Gathering, StandsTwice

__all__ = ["FORMAT", "read_instance", "read_result", "write_instance", "write_result"]

FORMAT = 1
META = "instance.json"


def read_instance(path: Path | str) -> Instance:
    """Read an instance from a folder, a .zip or a .json.

    Raises
    ------
    BadInstance
        If anything is missing, unknown or wrong; the message names file, line and column.
    """
    path = Path(path)
    if path.suffix == ".json":
        return _from_json(path)
    with reading(path) as shelf:
        meta = _checked_meta(shelf.read_json(META), META)
        tables = [name for name in shelf.names() if name.endswith(".csv")]
        for name in tables:
            if name.removesuffix(".csv") not in BY_NAME and name not in RESULT_FILES:
                raise BadInstance(f"{name} is no table; tables are {', '.join(BY_NAME)}")
        try:
            return Instance.gathered(meta, lambda table: _fill(table, shelf, tables))
        except StandsTwice as error:
            raise BadInstance(_lines_of(shelf, error)) from None


def write_instance(instance: Instance, path: Path | str) -> None:
    """Write an instance in canonical order; the same instance gives the same bytes."""
    path = Path(path)
    filled = {each.name: each for each in TABLES if len(instance[each.name])}
    if path.suffix == ".json":
        tables = {name: _dictionaries(instance, name) for name in filled}
        content = {"meta": instance.meta, "tables": tables}
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
        with replacing(path) as part:
            part.write_text(text + "\n", encoding="utf-8")
        return
    with writing(path) as shelf:
        if isinstance(shelf, Folder):
            shelf.remove(_file(name) for name in BY_NAME if name not in filled)
        shelf.write_json(META, instance.meta)
        for name, schema in filled.items():
            columns = [column.name for column in schema.columns]
            shelf.write_csv(_file(name), columns, instance.raw_rows(name))


def _file(table: str) -> str:
    return f"{table}.csv"


def _fill(table: Gathering, shelf: Shelf, files: Collection[str]) -> None:
    """Add the rows of a table's file, part by part."""
    for part in _parts(shelf, table.name) if _file(table.name) in files else ():
        table.add(part.columns, part.row)


def _parts(shelf: Shelf, table: str) -> Iterator[Part]:
    schema = BY_NAME[table]
    columns = [column.name for column in schema.columns]
    return shelf.read_parts(_file(table), columns, schema.key)


def _lines_of(shelf: Shelf, error: StandsTwice) -> str:
    """Say in which lines of its file a key stands."""
    key = BY_NAME[error.table].key
    found = []
    for part in _parts(shelf, error.table):
        blank = [""] * len(part.lines)
        cells = zip(*(part.columns.get(name, blank) for name in key), strict=True)
        found += [part.row(i).place for i, each in enumerate(cells) if each == error.key]
    first = found[0].rpartition(" ")[2]
    names = f"{', '.join(key)} {', '.join(error.key)}"
    return f"{found[1]}: {names} stands in line {first} already"


def _dictionaries(instance: Instance, table: str) -> list[dict[str, str]]:
    columns = [column.name for column in BY_NAME[table].columns]
    return [
        {name: cell for name, cell in zip(columns, cells, strict=True) if cell != ""}
        for cells in instance.raw_rows(table)
    ]


def _from_json(path: Path) -> Instance:
    if not path.is_file():
        raise BadInstance(f"{path} does not exist; give a folder, a .zip or a .json")
    try:
        content = parse_json(path.read_text(encoding="utf-8-sig"), path.name)
    except UnicodeDecodeError:
        raise BadInstance(f"{path.name} is not UTF-8 text") from None
    if not isinstance(content, dict) or set(content) != {"meta", "tables"}:
        raise BadInstance(f'{path.name}: expected {{"meta": {{...}}, "tables": {{...}}}}')
    meta = _checked_meta(content["meta"], path.name)
    tables = _dict(content["tables"], path.name, "tables")
    return Instance.from_rows(
        meta, {name: _placed(rows, f"{path.name}, {name}") for name, rows in tables.items()}
    )


def _placed(rows: Any, where: str) -> Iterable[PlacedRow]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadInstance(f'{where}: expected a list of rows like {{"id": "T1"}}')
    for number, row in enumerate(rows, start=1):
        placed = PlacedRow(row)
        placed.place = f"{where} row {number}"
        yield placed


def _checked_meta(meta: Any, name: str) -> dict[str, Any]:
    """Check what the engine relies on; a missing list of tiers becomes the default one."""
    found = _dict(meta, name, "the settings")
    if found.get("format") != FORMAT:
        raise BadInstance(f"{name}: format {found.get('format')!r} is not {FORMAT}")
    if "tiers" not in found:
        found["tiers"] = [{"goals": dict(goals)} for goals in DEFAULT_TIERS]
    tiers = found["tiers"]
    if not isinstance(tiers, list) or not all(map(_is_tier, tiers)):
        raise BadInstance(
            f'{name}: tiers are a list like [{{"goals": {{"welfare": 1}}}}], weights whole numbers'
        )
    return found


def _is_tier(tier: Any) -> bool:
    goals = tier.get("goals") if isinstance(tier, Mapping) else None
    return isinstance(goals, Mapping) and all(
        isinstance(weight, int) and not isinstance(weight, bool) for weight in goals.values()
    )


def _dict(value: Any, name: str, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadInstance(f"{name}: {what} must be an object like {{...}}")
    return value
