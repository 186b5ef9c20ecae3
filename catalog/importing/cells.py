"""From what a spreadsheet library gives for a cell to clean text, or to why it cannot be used."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

from catalog.importing.parse import BadCell

_FULL_WIDTH = {
    code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code - 0xFEE0).isalnum()
}
_INVISIBLE_RANGES = (
    *((0x00, 0x08), (0x0B, 0x0C), (0x0E, 0x1F), (0x7F, 0x7F), (0xAD, 0xAD)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2064), (0xFEFF, 0xFEFF)),
)
_INVISIBLE = {code: None for first, last in _INVISIBLE_RANGES for code in range(first, last + 1)}
_CLEANING = {**_FULL_WIDTH, **_INVISIBLE, 0x3000: " ", 0xA0: " ", 0x0D: "\n"}
_SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?[eE]\+?\d+")
_SAFE_DIGITS = 15
"""A spreadsheet number keeps no more digits than these."""


def clean(raw: str) -> str:
    """Return text without outer blanks and invisible characters, its letters and digits half-width."""
    if raw.isascii() and raw.isprintable():
        return raw.strip()
    return raw.translate(_CLEANING).strip()


def cell_text(raw: Any, is_id: bool = False) -> str:
    """Return the cleaned text of a cell; blank cells give the empty string.

    Raises
    ------
    BadCell
        If a number-like id was kept as a number and may have lost digits, or a text begins with `=`.
    """
    if isinstance(raw, str):
        text = clean(raw)
        if text.startswith("="):
            raise BadCell("cell_formula")
        if is_id and _SCIENTIFIC.fullmatch(text):
            raise BadCell("cell_id_number")
        return text
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, (int, float)):
        return _number(raw, is_id)
    return _moment(raw)


def _number(raw: float, is_id: bool) -> str:
    whole = raw == int(raw) if abs(raw) < 1e300 else False
    if is_id and (not whole or abs(raw) >= 10**_SAFE_DIGITS):
        raise BadCell("cell_id_number")
    if whole and abs(raw) < 10**_SAFE_DIGITS:
        return str(int(raw))
    return f"{raw:.15g}"


def _moment(raw: Any) -> str:
    if isinstance(raw, datetime):
        return raw.date().isoformat() if raw.time() == time() else raw.isoformat(sep=" ")
    if isinstance(raw, (date, time)):
        return raw.isoformat()
    return str(raw)


def raw_text(raw: Any) -> str:
    """Return what a message shows of a cell that cannot be used."""
    if isinstance(raw, float):
        return f"{raw:.15g}"
    return "" if raw is None else clean(str(raw))
