"""Turning the text of one cell into a value, or saying what would be right."""

from __future__ import annotations


class BadCell(ValueError):
    """A cell's text is not what its column needs; carries a message code and its values."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def text(cell: str) -> str:
    """Return the cleaned text itself."""
    return cell
