"""Turning the text of one cell into a value, or saying what would be right.

Every parser takes the cleaned, non-blank text of a cell and returns a JSON-able value.
Factories such as `whole(1, 5)` make one for given limits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

CellParser = Callable[[str], Any]
"""Takes the cleaned, non-blank text of a cell; raises `BadCell`."""

MINUTES_PER_HOUR = 60
"""Account minutes in one hour of study (学时)."""

SEPARATORS = re.compile(r"[;；、,，|\n]")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/+-]*")
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/|\.(\d{1,2})\.|年(\d{1,2})月)(\d{1,2})日?")
_OPEN_WORDS = frozenset({"共同", "不限", "全部", "所有", "all"})
_HALVES = {
    "am": ("AM",), "上午": ("AM",), "pm": ("PM",), "下午": ("PM",),
    "全天": ("AM", "PM"), "day": ("AM", "PM"), "": ("AM", "PM"),
}  # fmt: skip


class BadCell(ValueError):
    """A cell's text is not what its column needs; carries a message code and its values.

    Parameters
    ----------
    code
        Code of the sentence in the `messages.toml` of `room`.
    room
        The room that owns the sentence.
    values
        What the sentence names.
    """

    def __init__(self, code: str, /, *, room: str = "catalog", **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.room = room
        self.values = values


def fold(cell: str) -> str:
    """Return the text with full-width and other compatibility forms in their plain form (NFKC)."""
    return cell if cell.isascii() else unicodedata.normalize("NFKC", cell).strip()


def text(cell: str) -> str:
    """Return the text on one line."""
    return " ".join(cell.split())


def code(cell: str) -> str:
    """Return an id: ASCII letters, digits and `_ . : / + -`, without spaces."""
    folded = fold(cell)
    if not _CODE.fullmatch(folded):
        raise BadCell("cell_code")
    return folded


def whole(lowest: int = 0, highest: int | None = None) -> Callable[[str], int]:
    """Make a parser of whole numbers within limits."""
    limits: dict[str, Any] = {"lowest": lowest, "highest": "∞" if highest is None else highest}

    def parse(cell: str) -> int:
        number = _decimal(cell)
        if number is None or number != number.to_integral_value():
            raise BadCell("cell_whole", **limits)
        if number < lowest or (highest is not None and number > highest):
            raise BadCell("cell_limits", **limits)
        return int(number)

    return parse


def percent(cell: str) -> int:
    """Return a whole percentage from 0 to 100, the sign optional."""
    return whole(0, 100)(fold(cell).removesuffix("%").strip())


def hours(cell: str) -> int:
    """Return hours of study (学时, decimals allowed) as account minutes, rounded half up once."""
    return _scaled(cell, MINUTES_PER_HOUR, "cell_hours")


def yuan(cell: str) -> int:
    """Return an amount in yuan as fen."""
    return _scaled(cell.lstrip("¥￥"), 100, "cell_yuan")


def days(cell: str) -> int:
    """Return days (halves allowed) as half-days."""
    number = _decimal(cell)
    if (
        number is None
        or number < 0
        or number > 366
        or number * 2 != (number * 2).to_integral_value()
    ):
        raise BadCell("cell_days")
    return int(number * 2)


def iso_date(cell: str) -> str:
    """Return a date as 2026-08-03; also read from 2026/8/3, 2026.8.3 and 2026年8月3日."""
    found = _DATE.fullmatch(fold(cell).removesuffix(" 00:00:00"))
    if found is None:
        raise BadCell("cell_date")
    return _day(found)


def half_days(cell: str) -> list[str]:
    """Return half-days such as `2026-08-03 AM;2026-08-03 PM`, sorted; 全天 or no word means both."""
    found: list[str] = []
    for part in _parts(cell):
        found.extend(_halves_of(fold(part).strip()))
    for before, after in zip(sorted(found), sorted(found)[1:], strict=False):
        if before == after:
            raise BadCell("cell_half_day_twice", half_day=before)
    return sorted(found)


def many(parse: Callable[[str], Any]) -> Callable[[str], list[Any]]:
    """Make a parser of several values joined by `;`, `、` or a comma; a repeated value is an error."""

    def parse_all(cell: str) -> list[Any]:
        values: list[Any] = []
        for part in _parts(cell):
            value = parse(part)
            if value in values:
                raise BadCell("cell_twice", item=part)
            values.append(value)
        return values

    return parse_all


def or_open(parse: CellParser, blank: Callable[[], Any]) -> CellParser:
    """Make a parser that reads 共同, 不限 and the like as open: `blank()`, such as `str` or `list`."""

    def parse_open(cell: str) -> Any:
        return blank() if fold(cell) in _OPEN_WORDS else parse(cell)

    return parse_open


def yes_no(cell: str) -> bool:
    """Return 是/否 (also yes/no, 1/0) as a truth value."""
    folded = fold(cell).lower()
    if folded in {"是", "有", "yes", "y", "true", "1"}:
        return True
    if folded in {"否", "无", "no", "n", "false", "0"}:
        return False
    raise BadCell("cell_yes_no")


def shown(value: Any) -> str:
    """Return a stored value as it would be written in a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (list, tuple)):
        return ";".join(shown(item) for item in value)
    return str(value)


def shown_hours(minutes: int | None) -> str:
    """Return account minutes as hours of study."""
    return "" if minutes is None else _plain(Decimal(minutes) / MINUTES_PER_HOUR)


def shown_yuan(fen: int | None) -> str:
    """Return fen as yuan."""
    return "" if fen is None else _plain(Decimal(fen) / 100)


def shown_days(halves: int | None) -> str:
    """Return half-days as days."""
    return "" if halves is None else _plain(Decimal(halves) / 2)


def _plain(number: Decimal) -> str:
    return f"{round(number, 4):f}".rstrip("0").rstrip(".") if number % 1 else str(int(number))


def _decimal(cell: str) -> Decimal | None:
    """Return the number a cell says, or None; thousands may be grouped by commas."""
    folded = fold(cell)
    if not re.fullmatch(r"[+-]?(\d{1,3}(,\d{3})+|\d{1,15})(\.\d{1,15})?", folded, re.ASCII):
        return None
    try:
        return Decimal(folded.replace(",", ""))
    except InvalidOperation:  # pragma: no cover - the pattern admits numbers only
        return None


def _scaled(cell: str, units: int, error: str) -> int:
    number = _decimal(cell)
    if number is None or number < 0:
        raise BadCell(error)
    return int((number * units).to_integral_value(rounding=ROUND_HALF_UP))


def _parts(cell: str) -> list[str]:
    return [part for piece in SEPARATORS.split(cell) if (part := piece.strip())]


def _day(found: re.Match[str]) -> str:
    year, *months, day = found.groups()
    try:
        return date(int(year), int(next(m for m in months if m)), int(day)).isoformat()
    except ValueError:
        raise BadCell("cell_no_such_date") from None


def _halves_of(part: str) -> list[str]:
    found = _DATE.match(part)
    halves = _HALVES.get(part[found.end() :].strip().lower()) if found else None
    if found is None or halves is None:
        raise BadCell("cell_half_days", item=part)
    return [f"{_day(found)} {half}" for half in halves]
