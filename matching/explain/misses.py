"""Why each choice was not received: exactly one reason, checked with everybody else held fixed.

The order is published (docs/format.md): first what excludes the choice for its teacher at all, then
what every bundle with it would break, then what her best possible bundle with it would cost. If
nothing is broken and nothing would fall, the result could be improved, and is refused.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.alone import Bench, Options
from matching.backends.bundles import enumerate_bundles
from matching.errors import RefereeRejected
from matching.instance import Ints, Mask
from matching.primitives import Draft, SharedRow
from matching.result import Reason

LOCAL_ORDER = (
    "locked_seat",
    "time_conflict",
    "one_section",
    "most_sections",
    "hour_cap",
    "bundle",
    "prerequisite",
)
"""Rules that keep a choice from joining what its teacher holds, in the published order."""


def miss_reasons(draft: Draft, arcs: Ints) -> tuple[Reason, ...]:
    """Return one reason for every chosen but unfilled choice.

    Parameters
    ----------
    arcs
        Positions in `choices` of all seats of the result.

    Raises
    ------
    RefereeRejected
        If some teacher could be improved alone, so that no true reason exists.
    """
    bench = Bench(draft, enumerate_bundles(draft), draft.instance.tiers)
    return tuple(_Teller(draft, bench, arcs).reasons())


class _Teller:
    """Everything the reasons of one result are read from."""

    def __init__(self, draft: Draft, bench: Bench, arcs: Ints) -> None:
        self.draft = draft
        self.bench = bench
        self.held: Mask = np.zeros(draft.arcs + 1, bool)
        self.held[arcs] = True
        self.pick = bench.pick_of(arcs)
        self.usage = bench.master.usage(self.pick)
        self.instance = draft.instance
        self.points: Ints = self.instance["choices"].integers("points")
        self.seated = np.bincount(draft.arc_section[arcs], minlength=draft.sections)

    def reasons(self) -> Iterator[Reason]:
        """Yield the reason of every miss, by teacher and rank."""
        choices = self.instance["choices"]
        chosen = np.array(choices.text("kind"), dtype=object) == "chosen"
        missed = np.flatnonzero(chosen & ~self.held[:-1])
        order = missed[np.lexsort((choices.integers("rank")[missed], self._owner(missed)))]
        for teacher in np.unique(self._owner(order)):
            options = self.bench.options(int(teacher), self.pick, self.usage)
            for arc in order[self._owner(order) == teacher].tolist():
                yield self._reason(arc, options)

    def _owner(self, arcs: Ints) -> Ints:
        return self.draft.arc_teacher[arcs]

    def _reason(self, arc: int, options: Options) -> Reason:
        dropped = next((rule for rule, mask in self.draft.dropped.items() if mask[arc]), None)
        if dropped is not None:
            return self._tell(dropped, arc, 1, 0, field=dropped)
        with_it = (self.bench.master.bundles.arcs[options.bundles] == arc).any(axis=1)
        if not with_it.any():
            return self._barred(arc)
        possible = with_it & options.possible
        if not possible.any():
            return self._blocked(arc, options, with_it)
        best = options.best(possible)
        now = int(self.pick[self.draft.arc_teacher[arc]] - options.bundles[0])
        return self._costly(arc, options, int(best or 0), now)

    def _barred(self, arc: int) -> Reason:
        """No bundle of hers holds the choice at all: tie, prerequisite, lock or cap."""
        for rule, tied in self.draft.ties:
            if arc in tied:
                return self._tell(rule, arc, 1, len(tied), field=rule)
        for rule, needing, any_of in self.draft.implications:
            if needing == arc:
                return self._tell(rule, arc, 0, min(len(any_of), 1), field=rule)
        return self._clash(arc) or self._tell("hour_cap", arc, 1, 0, field="hour_cap")

    def _blocked(self, arc: int, options: Options, with_it: Mask) -> Reason:
        """Every bundle with the choice breaks a shared row: name the first that all break."""
        if not (with_it & options.lawful).any():
            return self._tell("strict_hours", arc, 1, 0, field="hours_due")
        candidates = with_it & options.lawful
        always = options.broken[:, candidates].all(axis=1)
        best = options.best(candidates)
        rows = np.flatnonzero(always if always.any() else options.broken[:, int(best or 0)])
        row_index = int(rows[0])
        return self._row_reason(arc, self.bench.master.rows[row_index], row_index)

    def _row_reason(self, arc: int, row: SharedRow, place: int) -> Reason:
        used, section = int(self.usage[place]), self._section(arc)
        if row.switch and self.seated[section] == 0:
            wanted = self._wanted(section)
            return self._tell("closed_below_minimum", arc, wanted, row.lo, field="minimum_to_open")
        if row.rule in ("seat_capacity", "minimum_to_open"):
            return self._full(arc, used, row)
        if row.lo > 0 and used - 1 < row.lo and used <= row.hi:
            return self._tell("needed_elsewhere", arc, used, row.lo, row.rule, row=row.subject)
        return self._tell(row.rule, arc, used, row.hi, row.rule, row=row.subject)

    def _full(self, arc: int, used: int, row: SharedRow) -> Reason:
        section = self._section(arc)
        rivals = np.flatnonzero(self.held[:-1] & (self.draft.arc_section == section))
        mine = int(self.points[arc])
        stronger = int((self.points[rivals] > mine).sum())
        weaker = int((self.points[rivals] < mine).sum())
        return self._tell(
            "full",
            arc,
            used,
            row.hi,
            "seat_capacity",
            points=mine,
            stronger=stronger,
            equal=used - stronger - weaker,
            weaker=weaker,
        )

    def _wanted(self, section: int) -> int:
        choices = self.instance["choices"]
        chosen = np.array(choices.text("kind"), dtype=object) == "chosen"
        return int((chosen & (self.draft.arc_section == section)).sum())

    def _costly(self, arc: int, options: Options, best: int, now: int) -> Reason:
        """She could sit there, but an earlier goal or a choice worth more would be lost."""
        for tier, goals in enumerate(self.instance.tiers):
            have, need = int(options.worth[tier, best]), int(options.worth[tier, now])
            if have > need:
                teacher = self.instance.teacher_ids[self.draft.arc_teacher[arc]]
                raise RefereeRejected(f"teacher {teacher} could be improved alone")
            if have == need:
                continue
            if "welfare" in goals:
                return self._clash(arc) or self._tell(
                    "worth_less", arc, have - need, 0, "welfare", fewer=need - have
                )
            code = "+".join(sorted(goals))
            known = f"goal_{code}" if code in _TOLD else "goal_earlier"
            return self._tell(known, arc, need - have, 0, code)
        return self._tell("lot", arc, 0, 0, "lottery")

    def _clash(self, arc: int) -> Reason | None:
        """Name the seat she holds that keeps this choice out, by the published order of rules."""
        teacher, section = int(self.draft.arc_teacher[arc]), self._section(arc)
        mine = np.flatnonzero(self.held[:-1] & (self.draft.arc_teacher == teacher))
        for rule in LOCAL_ORDER:
            matrix = self.draft.conflicts.get(rule)
            if matrix is not None:
                rivals = mine[matrix[section, self.draft.arc_section[mine]]]
                if len(rivals):
                    return self._held_instead(rule, arc, int(rivals[0]))
            for row in self.draft.bundle_rows:
                if row.rule == rule and row.hi is not None and row.hi_goal is None:
                    held = int(row.amount.coefs[mine].sum())
                    limit = int(row.hi[teacher])
                    if held + int(row.amount.coefs[arc]) > limit:
                        return self._tell(f"{rule}_reached", arc, held, limit, rule)
        return None

    def _held_instead(self, rule: str, arc: int, rival: int) -> Reason:
        other = self.instance.section_ids[self._section(rival)]
        rank = int(self.instance["choices"].integers("rank")[rival])
        code = f"{rule}_held" if rank else f"{rule}_assigned"
        return self._tell(code, arc, 1, 0, rule, other=other, rank=rank)

    def _section(self, arc: int) -> int:
        return int(self.draft.arc_section[arc])

    def _tell(
        self, code: str, arc: int, have: int, need: int, field: str, **detail: str | int
    ) -> Reason:
        teacher = self.instance.teacher_ids[self.draft.arc_teacher[arc]]
        section = self.instance.section_ids[self._section(arc)]
        return Reason(code, teacher, section, have, need, field, detail)


_TOLD = ("hours_short", "quota_short", "assigned_seats", "unserved", "overshoot", "lottery")
