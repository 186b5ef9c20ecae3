"""One sheet of paper as plain data, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

Cell = str | int | float


@dataclass(frozen=True, slots=True)
class Sheet:
    """A titled table on A4; without a header it is sentences only.

    Attributes
    ----------
    name
        The tab, shortened to what spreadsheets allow when it is written.
    lines
        Sentences above the table.
    widths
        Column widths in characters; as many as the header has, if there is one.
    foot
        Sentences below the table, the digest among them.
    tall
        Rows are high enough for a signature.
    """

    name: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[int, ...]
    lines: tuple[str, ...] = ()
    foot: tuple[str, ...] = ()
    landscape: bool = False
    tall: bool = False
