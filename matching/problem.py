"""A friendly way to write small problems down: for examples, tests and first steps.

>>> problem = Problem().section("A", capacity=1).section("B", capacity=1)
>>> problem = problem.teacher("Li", ranks=["A", "B"]).teacher("Wang", ranks=["A"])
>>> problem.build().teacher_ids
('Li', 'Wang')
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from matching.instance import DEFAULT_TIERS, Instance

Values = str | int | Sequence[str]


def rank_points(rank: int) -> int:
    """Return the points of a rank when a problem names none: 100, 90, 80 ... never below 10."""
    return max(10, 110 - 10 * rank)


class Problem:
    """Sections, teachers and lines of rules, gathered until `build` checks them as a whole."""

    def __init__(
        self,
        *,
        seed: str = "0",
        round_id: str = "example",
        tiers: Sequence[Mapping[str, int]] = DEFAULT_TIERS,
        allow_assigned: bool = False,
    ) -> None:
        self._meta: dict[str, Any] = {
            "format": 1,
            "round": round_id,
            "seed": seed,
            "tiers": [{"goals": dict(goals)} for goals in tiers],
            "allow_assigned": allow_assigned,
            "language": "zh",
        }
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def row(self, table: str, **cells: Any) -> Self:
        """Add one row to any table of `matching.schema`."""
        self._rows.setdefault(table, []).append(cells)
        return self

    def section(
        self,
        name: str,
        *,
        capacity: int,
        meets: Iterable[str] = (),
        attributes: Mapping[str, Values] | None = None,
        **columns: str | int,
    ) -> Self:
        """Add a section.

        Parameters
        ----------
        meets
            Half-days such as `2026-08-03 am`.
        attributes
            For example `{"level": "county", "stage": ["2", "3"]}`.
        columns
            Further columns of the table `sections`; the offering is the section's own by default.
        """
        self.row("sections", **{"id": name, "offering": name, "capacity": capacity, **columns})
        for text in meets:
            day, half = text.split()
            self.row("meetings", section=name, day=day, half=half)
        self._attributes("section_attributes", "section", name, attributes or {})
        return self

    def teacher(
        self,
        name: str,
        *,
        ranks: Sequence[str] = (),
        assignable: Iterable[str] = (),
        due: Mapping[str, int] | None = None,
        attributes: Mapping[str, Values] | None = None,
        **columns: str | int,
    ) -> Self:
        """Add a teacher with her list.

        Parameters
        ----------
        ranks
            Sections in the order she wants them; `A+B` ties two: both or none.
        assignable
            Sections that may be assigned to her although she did not choose them.
        due
            Requirement -> account minutes still due.
        columns
            Further columns of the table `teachers`, such as `school` or `most_sections`.
        """
        self.row("teachers", id=name, **columns)
        for rank, wish in enumerate(ranks, start=1):
            sections = wish.split("+")
            for section in sections:
                points = rank_points(rank)
                self.row("choices", teacher=name, section=section, rank=rank, points=points)
                if len(sections) > 1:
                    self.row("ties", teacher=name, tie=str(rank), section=section)
        for section in assignable:
            self.row("choices", teacher=name, section=section, kind="assignable")
        for requirement, minutes in (due or {}).items():
            self.row("due", teacher=name, requirement=requirement, minutes=minutes)
        self._attributes("attributes", "teacher", name, attributes or {})
        return self

    def build(self) -> Instance:
        """Check everything and return the instance."""
        return Instance.from_rows(self._meta, self._rows)

    def _attributes(
        self, table: str, owner: str, name: str, attributes: Mapping[str, Values]
    ) -> None:
        for attribute, values in attributes.items():
            for value in [values] if isinstance(values, (str, int)) else values:
                self.row(table, **{owner: name, "attribute": attribute, "value": str(value)})
