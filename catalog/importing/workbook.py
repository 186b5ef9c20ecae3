"""Writing .xlsx files that are the same bytes for the same content, and hold no formula by accident."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter import Workbook

CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 - a spreadsheet knows no zone
"""Written into every file instead of the time of day."""


@contextmanager
def new_workbook(path: Path) -> Iterator[Workbook]:
    """Open a workbook for writing; texts are kept as texts, whatever sign they begin with."""
    from xlsxwriter import Workbook

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(str(path), options) as book:
        book.set_properties({"created": CREATED})
        book.set_size(2400, 1200)
        yield book
