"""Reading a TOML table key by key, so that every misfit is named with its value."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from matching.rounds.errors import BadSettings

MISSING = object()
WRITTEN = {
    str: '"text"',
    int: "12",
    float: "1.5",
    bool: "true | false",
    date: "2026-09-07",
    list: "[...]",
    dict: "[table]",
}
"""How a value of a kind is written in the file."""
MINUTES_PER_HOUR = 60


class Keys:
    """One table of a settings file; `done` complains about keys nobody asked for."""

    def __init__(self, table: Mapping[str, Any], path: str = "") -> None:
        self._table = dict(table)
        self._path = path
        self._known: set[str] = set()

    def text(self, key: str, default: Any = MISSING, among: Collection[str] = ()) -> str:
        """Return a text, if `among` is given one of these."""
        value = self._take(key, str, default)
        if among and value not in among:
            raise self.bad(key, value, " | ".join(among))
        return str(value)

    def whole(self, key: str, default: Any = MISSING, low: int = 0, high: int = 10**9) -> int:
        """Return a whole number within bounds."""
        value = self._take(key, int, default)
        if isinstance(value, bool) or not low <= value <= high:
            raise self.bad(key, value, f"{low}..{high}")
        return int(value)

    def optional_whole(self, key: str, high: int = 10**9) -> int | None:
        """Return a whole number, or None when the key is not there."""
        self._known.add(key)
        return self.whole(key, high=high) if key in self._table else None

    def minutes(self, key: str) -> int:
        """Return hours, written as a number, in account minutes (half up)."""
        value = self._take(key, (int, float), MISSING)
        if isinstance(value, bool) or value < 0:
            raise self.bad(key, value, "0, 2, 42, 1.5 ...")
        return int(Decimal(str(value)) * MINUTES_PER_HOUR + Decimal("0.5"))

    def yes(self, key: str, default: bool) -> bool:
        """Return true or false."""
        return bool(self._take(key, bool, default))

    def day(self, key: str) -> str:
        """Return a date as ISO text."""
        return self._day(key, self._take(key, (date, str), MISSING))

    def texts(self, key: str, default: Any = MISSING) -> tuple[str, ...]:
        """Return a list of texts."""
        values = self._take(key, list, default)
        if not all(isinstance(value, str) for value in values):
            raise self.bad(key, values, '["a", "b"]')
        return tuple(values)

    def wholes(self, key: str) -> tuple[int, ...]:
        """Return a non-empty list of whole numbers."""
        values = self._take(key, list, MISSING)
        if not values or not all(type(value) is int and value >= 0 for value in values):
            raise self.bad(key, values, "[100, 80, 60]")
        return tuple(values)

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """Return a list of pairs of texts."""
        values = self._take(key, list, [])
        if not all(isinstance(pair, list) and len(pair) == 2 for pair in values):
            raise self.bad(key, values, '[["a", "b"]]')
        return tuple((str(a), str(b)) for a, b in values)

    def periods(self, key: str) -> tuple[tuple[str, str], ...]:
        """Return a list of pairs of days."""
        return tuple((self._day(key, a), self._day(key, b)) for a, b in self.pairs(key))

    def table(self, key: str) -> Keys:
        """Return a table below this one; a missing one is empty, so its own keys complain."""
        return Keys(self._take(key, dict, {}), f"{self._path}{key}.")

    def tables(self, key: str) -> list[Keys]:
        """Return the tables of an array of tables."""
        rows = self._take(key, list, [])
        if not all(isinstance(row, dict) for row in rows):
            raise self.bad(key, rows, f"[[{self._path}{key}]]")
        return [Keys(row, f"{self._path}{key}[{i}].") for i, row in enumerate(rows, start=1)]

    def numbers(self, key: str) -> tuple[tuple[str, int], ...]:
        """Return a table of whole numbers as pairs in the order of the file."""
        found = self._take(key, dict, MISSING)
        if not found or not all(type(value) is int and value > 0 for value in found.values()):
            raise self.bad(key, found, "{ welfare = 1 }")
        return tuple(found.items())

    def done(self) -> None:
        """Complain about a key that means nothing here (a slip of the pen must not be ignored)."""
        for key in sorted(self._table.keys() - self._known):
            known = ", ".join(sorted(self._known))
            raise BadSettings("round_unknown_key", key=self._path + key, known=known)

    def bad(self, key: str, value: object, right: str) -> BadSettings:
        """Return the error for a value that does not fit."""
        return BadSettings("round_bad_value", key=self._path + key, value=value, right=right)

    def _take(self, key: str, kind: Any, default: Any) -> Any:
        self._known.add(key)
        value = self._table.get(key, default)
        if value is MISSING:
            raise BadSettings("round_missing_key", key=self._path + key)
        if not isinstance(value, kind):
            kinds = kind if isinstance(kind, tuple) else (kind,)
            raise self.bad(key, value, " | ".join(WRITTEN[one] for one in kinds))
        return value

    def _day(self, key: str, value: object) -> str:
        try:
            return date.fromisoformat(str(value)).isoformat()
        except ValueError:
            raise self.bad(key, value, "2026-09-07") from None
