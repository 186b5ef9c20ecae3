"""Reading an old .xls in a process of its own, which may fail without harm.

The library that reads .xls can abort its whole process, or ask for all memory, over a damaged file.
So the file is read by a child with a limit on memory and time; its cells come back as JSON. Run as a
script this file is the child: it needs nothing of ours.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

SECONDS = 60
MEMORY = 1 << 30
"""Address space of the child in bytes, where the system can limit it."""

_MOMENTS: dict[str, Callable[[str], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}


class ReadingFailed(Exception):
    """The child gave no cells; the message is its last line."""


def read_apart(path: Path) -> dict[str, list[list[Any]]]:
    """Return the cells of every visible sheet by name, in the order of the file.

    Raises
    ------
    ReadingFailed
        If the child failed, was ended by a limit, or took too long.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-P", __file__, str(path.resolve())],
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        sheets = json.loads(done.stdout)
    except subprocess.CalledProcessError as error:
        raise ReadingFailed(f"reader ended with {error.returncode}") from error
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise ReadingFailed(type(error).__name__) from error
    return {name: [[_unpacked(cell) for cell in row] for row in rows] for name, rows in sheets}


def visible_sheets(path: Path) -> list[tuple[str, list[list[Any]]]]:
    """Read the visible sheets of a workbook here and now."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    with CalamineWorkbook.from_path(path) as book:
        return [
            (sheet.name, book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False))
            for sheet in book.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
        ]


def _packed(cell: Any) -> Any:
    """Return a cell as JSON can hold it; moments become a pair of kind and text."""
    for kind, name in ((datetime, "datetime"), (date, "date"), (time, "time")):
        if isinstance(cell, kind):
            return [name, cell.isoformat()]
    return cell if cell is None or isinstance(cell, (str, int, float)) else str(cell)


def _unpacked(cell: Any) -> Any:
    if isinstance(cell, list):
        return _MOMENTS[cell[0]](cell[1])
    return cell


def _limit() -> None:
    """Limit this process where the system knows how."""
    try:
        import resource
    except ImportError:  # pragma: no cover - Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _limit()
    found = visible_sheets(Path(sys.argv[1]))
    packed = [(name, [[_packed(cell) for cell in row] for row in rows]) for name, rows in found]
    sys.stdout.write(json.dumps(packed))
