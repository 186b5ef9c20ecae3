"""Why each choice was not received: exactly one reason, checked with everybody else held fixed.

The order is published (docs/format.md): first what excludes the choice for its teacher at all, then
what every bundle with it would break, then what her best possible bundle with it would cost. If
nothing is broken and nothing would fall, the result could be improved, and is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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


def miss_reasons(draft: Draft, arcs: Ints, if_opened: Mapping[str, int]) -> tuple[Reason, ...]:
    """Return one reason for every chosen but unfilled choice.

    Parameters
    ----------
    arcs
        Positions in `choices` of all seats of the result.
    if_opened
        For each switch that stayed off, what welfare could be at most if it were on.

    Raises
    ------
    RefereeRejected
        If some teacher could be improved alone, so that no true reason exists.
    """
    bench = Bench(draft, enumerate_bundles(draft), draft.instance.tiers)
    return tuple(_Teller(draft, bench, arcs, if_opened).reasons())


class _Teller:
    """Everything the reasons of one result are read from."""

    def __init__(
        self, draft: Draft, bench: Bench, arcs: Ints, if_opened: Mapping[str, int]
    ) -> None:
        self.if_opened = if_opened
        self.draft = draft
        self.bench = bench
        self.held: Mask = np.zeros(draft.arcs + 1, bool)
        self.held[arcs] = True
        self.pick = bench.pick_of(arcs)
        self.usage = bench.master.usage(self.pick)
        self.instance = draft.instance
        self.points: Ints = self.instance["choices"].integers("points")
        self._known: dict[int, Options] = {}
        self._coming: dict[int, int] = {}
        self._leaving: dict[int, tuple[bool, int]] = {}
        tiers = self.instance.tiers
        self.welfare = next((i for i, tier in enumerate(tiers) if "welfare" in tier), len(tiers))
        self.total = int(self.points[arcs].sum())
        self.seated = np.bincount(draft.arc_section[arcs], minlength=draft.sections)

    def reasons(self) -> Iterator[Reason]:
        """Yield the reason of every miss, by teacher and rank."""
        choices = self.instance["choices"]
        chosen = np.array(choices.text("kind"), dtype=object) == "chosen"
        missed = np.flatnonzero(chosen & ~self.held[:-1])
        order = missed[np.lexsort((choices.integers("rank")[missed], self._owner(missed)))]
        for teacher in np.unique(self._owner(order)):
            options = self._options(int(teacher))
            for arc in order[self._owner(order) == teacher].tolist():
                yield self._reason(arc, options)

    def _owner(self, arcs: Ints) -> Ints:
        return self.draft.arc_teacher[arcs]

    def _reason(self, arc: int, options: Options) -> Reason:
        dropped = next((rule for rule, mask in self.draft.dropped.items() if mask[arc]), None)
        if dropped is not None:
            return self._tell(dropped, arc, 1, 0, field=dropped)
        with_it = self.bench.holds(options, arc)
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
        best = options.best(candidates) or 0
        place = int(np.flatnonzero(always if always.any() else options.broken[:, best])[0])
        row, used = self.bench.master.rows[place], int(self.usage[place])
        section = self._section(arc)
        if row.switch and self.seated[section] == 0:
            return self._closed(arc, row)
        if options.under[place, best] and row.switch and not used:
            return self._tell("partner_closed", arc, 0, row.lo, row.rule, row=row.subject)
        if options.under[place, best]:
            return self._tell("needed_elsewhere", arc, used, row.lo, row.rule, row=row.subject)
        if row.rule in ("seat_capacity", "minimum_to_open"):
            return self._full(arc, options, place)
        return self._tell(row.rule, arc, used, row.hi, row.rule, row=row.subject)

    def _closed(self, arc: int, row: SharedRow) -> Reason:
        """Tell why a section does not open: it cannot, or it would cost more than it brings."""
        wanted = self._wanted(self._section(arc))
        most = self.if_opened.get(row.switch)
        now = self.total
        if most is not None and most < 0:
            code, cost = "closed_impossible", 0
        elif most is not None and most < now:
            code, cost = "closed_costly", now - most
        else:
            code, cost = "closed_below_minimum", 0
        could = self._could_come(arc, row)
        return self._tell(code, arc, wanted, row.lo, "minimum_to_open", cost=cost, could=could)

    def _could_come(self, arc: int, row: SharedRow) -> int:
        """Return how many who listed a closed section could change to it, each one alone."""
        section = self._section(arc)
        if section not in self._coming:
            chosen = np.array(self.instance["choices"].text("kind"), dtype=object) == "chosen"
            listed = np.flatnonzero(chosen & (self.draft.arc_section == section))
            switched = [i for i, each in enumerate(self.bench.master.rows) if each is row]
            self._coming[section] = sum(self._could(one, switched[0]) for one in listed.tolist())
        return self._coming[section]

    def _could(self, arc: int, place: int) -> bool:
        options = self._options(int(self.draft.arc_teacher[arc]))
        under = options.under.copy()
        under[place] = False
        fine = options.lawful & ~(options.over | under).any(axis=0)
        return bool((fine & self.bench.holds(options, arc)).any())

    def _full(self, arc: int, options: Options, place: int) -> Reason:
        """Tell how many hold a stronger and a weaker claim, and what keeps the weaker there.

        A claim is the points of the choice. What somebody seated would lose by leaving, and what
        this teacher would gain in her place, are each told with all others held fixed.
        """
        section, row = self._section(arc), self.bench.master.rows[place]
        rivals = np.flatnonzero(self.held[:-1] & (self.draft.arc_section == section))
        mine = int(self.points[arc])
        weaker = rivals[self.points[rivals] < mine].tolist()
        losses = [self._loss_of_leaving(rival) for rival in weaker]
        in_points = [points for goal, points in losses if not goal]
        stronger = int((self.points[rivals] > mine).sum())
        code = "full_points" if in_points else "full_goals" if weaker else "full"
        return self._tell(
            code,
            arc,
            int(self.usage[place]),
            row.hi,
            "seat_capacity",
            points=mine,
            stronger=stronger,
            equal=len(rivals) - stronger - len(weaker),
            weaker=len(weaker),
            bound_by_goals=len(weaker) - len(in_points),
            least=min(in_points, default=0),
            gain=self._gain(arc, options, place),
        )

    def _loss_of_leaving(self, arc: int) -> tuple[bool, int]:
        """Return (an earlier goal would fall, points lost) if a seated teacher gave up her seat."""
        if arc not in self._leaving:
            teacher = int(self.draft.arc_teacher[arc])
            options = self._options(teacher)
            without = options.possible & ~self.bench.holds(options, arc)
            now = int(self.pick[teacher] - options.bundles[0])
            self._leaving[arc] = self._change(options, options.best(without), now)
        return self._leaving[arc]

    def _change(self, options: Options, best: int | None, now: int) -> tuple[bool, int]:
        if best is None:
            return True, 0
        loss = options.worth[:, now] - options.worth[:, best]
        earlier = loss[: self.welfare]
        return bool(earlier.any()), int(loss[self.welfare]) if self.welfare < len(loss) else 0

    def _gain(self, arc: int, options: Options, place: int) -> int:
        """Return the points the assignment would gain if one seat there were free for her."""
        free = self.bench.holds(options, arc) & options.possible_but_for(place)
        now = int(self.pick[self.draft.arc_teacher[arc]] - options.bundles[0])
        goal_falls, loss = self._change(options, options.best(free), now)
        return 0 if goal_falls else max(0, -loss)

    def _options(self, teacher: int) -> Options:
        if teacher not in self._known:
            self._known[teacher] = self.bench.options(teacher, self.pick, self.usage)
        return self._known[teacher]

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
