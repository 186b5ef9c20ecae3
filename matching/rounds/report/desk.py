"""What every part of the report is written from, and what a part is."""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog import terms
from matching.rounds.exports.sheet import Cell
from matching.rounds.reader import Reader
from matching.rounds.report.charts import Chart
from matching.rounds.report.messages import SENTENCES
from matching.rounds.words import hours_text


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of a part; page and workbook show the same rows."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[int, ...] = ()

    def figures(self, column: int) -> bool:
        """Return whether a column holds figures, which are set to the right."""
        return any(not isinstance(row[column], str) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Heat:
    """A table whose cells are shaded: 0 none, 1-4 shares of the limit, 5 over it, -1 no limit.

    `columns` hold a short head and the full words for it; `rows` a label, the limit and the cells.
    """

    corner: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str, tuple[tuple[str, int], ...]], ...]
    limit_head: str
    legend: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the report: sentences first, then a chart, then the figures as a table.

    Attributes
    ----------
    plain
        The table is the picture and stands open; otherwise it is folded below the chart.
    """

    id: str
    title: str
    sentences: tuple[str, ...]
    table: Table | None = None
    charts: tuple[Chart, ...] = ()
    heat: Heat | None = None
    plain: bool = False
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Desk(Reader):
    """A round on the desk of somebody who reports on it in one language."""

    sentences = SENTENCES

    def hours(self, minutes: int) -> str:
        """Return minutes as hours with their unit."""
        return hours_text(minutes, self.lang)

    @property
    def target(self) -> str:
        """The hours the round is about: `42 学时`."""
        return self.hours(self.view.target_minutes)

    def category(self, code: str) -> str:
        """Return the word for a category of hours."""
        return terms.CATEGORIES.word(code, self.lang)
