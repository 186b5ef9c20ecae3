"""Why a seat was assigned: the rule that would be broken if this one seat were taken away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from diagnostics.credit.due import hours
from matching.predicates import parse
from matching.rounds.facts import Facts
from matching.rounds.limits import quota_covers, quota_title
from matching.rounds.reasons import RoundReason
from matching.rounds.tables import SeatRow


def assigned_reasons(facts: Facts, seats: Iterable[SeatRow]) -> tuple[RoundReason, ...]:
    """Return one reason for every assigned seat, in the order of the seats.

    The first that holds is told: her hours, a level share, the section's minimum, a quota's minimum.
    If none holds, the seat is part of an exchange: without it others would have to move as well.
    """
    given = tuple(seats)
    teller = _Teller(facts, given)
    return tuple(teller.reason(seat) for seat in given if seat.kind == "assignable")


class _Teller:
    def __init__(self, facts: Facts, seats: tuple[SeatRow, ...]) -> None:
        self.facts = facts
        self.seats = seats
        self.taken = Counter(seat.section_id for seat in seats)
        self.reached: Counter[str] = Counter()
        for seat in seats:
            self.reached[seat.teacher_id] += facts.minutes(seat.section_id)

    def reason(self, seat: SeatRow) -> RoundReason:
        return (
            self._hours(seat)
            or self._share(seat)
            or self._minimum(seat)
            or self._quota(seat)
            or self._tell(seat, "exchange", 0, 0)
        )

    def _hours(self, seat: SeatRow) -> RoundReason | None:
        dues = self.facts.dues
        due = dues.due.get((seat.teacher_id, dues.asked[0].id), 0)
        have = self.reached[seat.teacher_id] - self.facts.minutes(seat.section_id)
        if have >= due:
            return None
        shown = {"have_hours": hours(have), "need_hours": hours(due)}
        return self._tell(seat, "hours", have, due, shown)

    def _share(self, seat: SeatRow) -> RoundReason | None:
        people, courses = self.facts.people, self.facts.courses
        for share in self.facts.settings.shares:
            condition, covered = parse(share.where), parse(share.teachers)
            if not condition.holds(courses[seat.section_id]):
                continue
            heads = {
                other.teacher_id
                for other in self.seats
                if other is not seat
                and condition.holds(courses[other.section_id])
                and covered.holds(people[other.teacher_id])
            }
            need = share.minimum(sum(covered.holds(one) for one in people.values()))
            if len(heads) < need:
                return self._tell(seat, "share", len(heads), need, {"title": share.title})
        return None

    def _minimum(self, seat: SeatRow) -> RoundReason | None:
        have, need = self.taken[seat.section_id] - 1, self.facts.sizes[seat.section_id][1]
        return self._tell(seat, "minimum", have, need) if have < need else None

    def _quota(self, seat: SeatRow) -> RoundReason | None:
        for quota in self.facts.stored.quotas:
            where = f"programme={quota.programme_id}"
            have = sum(self._counts(other, where, quota_covers(quota)) for other in self.seats)
            if self._counts(seat, where, quota_covers(quota)) and have - 1 < quota.min_seats:
                title = {"title": quota_title(quota, self.facts.stored)}
                return self._tell(seat, "quota", have - 1, quota.min_seats, title)
        return self._fill(seat)

    def _fill(self, seat: SeatRow) -> RoundReason | None:
        for fill in self.facts.settings.fills:
            have = sum(self._counts(other, fill.where, "") for other in self.seats)
            mine = [s for s, a in self.facts.courses.items() if parse(fill.where).holds(a)]
            need = fill.minimum(sum(self.facts.sizes[section][0] for section in mine))
            if self._counts(seat, fill.where, "") and have - 1 < need:
                return self._tell(seat, "quota", have - 1, need, {"title": fill.title})
        return None

    def _counts(self, seat: SeatRow, where: str, who: str) -> bool:
        return parse(where).holds(self.facts.courses[seat.section_id]) and parse(who).holds(
            self.facts.people[seat.teacher_id]
        )

    def _tell(
        self,
        seat: SeatRow,
        rule: str,
        have: int,
        need: int,
        detail: Mapping[str, str | int] | None = None,
    ) -> RoundReason:
        code = f"round_assigned_{rule}"
        return RoundReason(code, seat.teacher_id, seat.section_id, have, need, rule, detail or {})
