"""Misses that claims in points decided by less than the diagnosis can be sure of.

Only her own need is moved, upwards by one standard deviation, with everybody else's held fixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matching.result import Reason, Result, Seat
from matching.rounds.assemble import Assembly
from matching.rounds.needs import Gains
from matching.rounds.points import Worth, of_need
from matching.rounds.reasons import DOUBT, Doubted

DECIDED = ("full", "full_points")
"""Codes of misses that claims in points decided."""


def doubts(assembly: Assembly, result: Result, gains: Gains) -> tuple[Reason, ...]:
    """Return the reasons of a result; those that one SD more of her need might turn say so."""
    sections = {reason.subject for reason in result.reasons if reason.code in DECIDED}
    worths = {(w.teacher, w.section): w for w in assembly.worths if w.section in sections}
    lowest = _lowest(result.seats, worths)
    return tuple(_doubted(each, assembly, gains, worths, lowest) for each in result.reasons)


def _lowest(seats: Iterable[Seat], worths: Mapping[tuple[str, str], Worth]) -> Mapping[str, int]:
    """Return section -> the lowest claim of those seated there; nobody can outbid a locked seat."""
    found: dict[str, int] = {}
    for seat in seats:
        claim = worths.get((seat.teacher, seat.section))
        if claim is not None and seat.kind != "locked":
            found[seat.section] = min(claim.total, found.get(seat.section, claim.total))
    return found


def _doubted(
    reason: Reason,
    assembly: Assembly,
    gains: Gains,
    worths: Mapping[tuple[str, str], Worth],
    lowest: Mapping[str, int],
) -> Reason:
    missing = _missing(reason, lowest)
    if missing is None:
        return reason
    stored, points = assembly.facts.stored, assembly.facts.settings.points
    offering = stored.sections[reason.subject].offering_id
    sd = of_need(points, gains.sd(reason.teacher, offering))
    if sd < missing:
        return reason
    told = (worths[reason.teacher, reason.subject].need, sd)
    detail = {**reason.detail, **dict(zip(DOUBT, told, strict=True))}
    numbers = (reason.have, reason.need, reason.field)
    return Doubted(reason.code, reason.teacher, reason.subject, *numbers, detail)


def _missing(reason: Reason, lowest: Mapping[str, int]) -> int | None:
    """Return how many more points would have turned a miss, None if points did not decide it."""
    detail = reason.detail
    if reason.code == "full_points":
        return max(1, int(detail["least"]) - int(detail["gain"]) + 1)
    if reason.code == "full" and reason.subject in lowest:
        return max(1, lowest[reason.subject] - int(detail["points"]) + 1)
    return None
