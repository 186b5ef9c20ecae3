"""What a seat is worth, in whole points with parts that add up and can be shown.

A chosen seat earns the points of its rank; to these, and to an assignable seat, come points for
diagnosed need (in proportion to the expected gain), for a rural school and for a shortage subject.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from catalog.tables import OfferingRow
from matching.rounds.settings import Points

MOST_GAIN = 1000
"""Expected gains are thousandths: 1000 is the largest gain anybody could have."""


@dataclass(frozen=True, slots=True)
class Worth:
    """The parts of what one seat is worth to one teacher; rank 0 is a seat she did not list."""

    teacher: str
    section: str
    rank: int
    rank_points: int
    need: int
    rural: int
    shortage: int

    @property
    def total(self) -> int:
        """All points together."""
        return self.rank_points + self.need + self.rural + self.shortage


def worth(
    points: Points, teacher: str, section: str, rank: int, *, gain: int, rural: bool, shortage: bool
) -> Worth:
    """Return what a seat is worth, part by part.

    Parameters
    ----------
    gain
        Expected gain of this teacher from this course, 0 to `MOST_GAIN`.
    """
    return Worth(
        teacher=teacher,
        section=section,
        rank=rank,
        rank_points=points.of_rank(rank) if rank else 0,
        need=of_need(points, gain),
        rural=points.rural if rural else 0,
        shortage=points.shortage if shortage else 0,
    )


def of_need(points: Points, gain: int) -> int:
    """Return what an expected gain is worth; its standard deviation is worth as much per unit."""
    return (2 * points.need * gain + MOST_GAIN) // (2 * MOST_GAIN)


def is_shortage(points: Points, offering: OfferingRow) -> bool:
    """Tell whether a course belongs to a shortage subject."""
    return not set(points.shortage_subjects).isdisjoint(offering.subjects)


def write_points(rows: Iterable[Worth], path: Path) -> None:
    """Write the parts of every seat's worth beside the instance, as `points.csv`."""
    names = [field.name for field in fields(Worth)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*names, "total"])
        for row in sorted(rows, key=lambda row: (row.teacher, row.section)):
            writer.writerow([*asdict(row).values(), row.total])
