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
from matching.explain.barred import barred
from matching.explain.closed import Closings
from matching.explain.full import Claims
from matching.explain.scene import Scene, unit_of
from matching.goals import GOALS
from matching.instance import Ints, Mask
from matching.primitives import Draft
from matching.result import Reason

OPENING = ("seat_capacity", "minimum_to_open")
"""Rules whose rows belong to one section each and hold its seats."""


def miss_reasons(draft: Draft, arcs: Ints, if_opened: Mapping[str, int]) -> tuple[Reason, ...]:
    """Return one reason for every chosen but unfilled choice.

    Parameters
    ----------
    arcs
        Positions in `choices` of all seats of the result.
    if_opened
        For each switch that stayed off, what the tier with welfare could reach at most if it were
        on and no earlier tier fell.

    Raises
    ------
    RefereeRejected
        If some teacher could be improved alone, so that no true reason exists.
    """
    bench = Bench(draft, enumerate_bundles(draft), draft.instance.tiers)
    return tuple(_Teller(Scene(draft, bench, arcs, if_opened)).reasons())


class _Teller:
    """Asks of every miss, in the published order, what stands against it."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.claims = Claims(scene)
        self.closings = Closings(scene)

    def reasons(self) -> Iterator[Reason]:
        """Yield the reason of every miss, by teacher and rank."""
        scene = self.scene
        missed = np.flatnonzero(scene.chosen & ~scene.held)
        order = np.lexsort((scene.ranks[missed], scene.draft.arc_teacher[missed]))
        for arc in missed[order].tolist():
            yield self._reason(arc)

    def _reason(self, arc: int) -> Reason:
        scene = self.scene
        dropped = next((rule for rule, mask in scene.draft.dropped.items() if mask[arc]), None)
        if dropped is not None:
            return scene.tell(dropped, arc, 1, 0, field=dropped)
        options = scene.options(scene.teacher(arc))
        with_it = scene.bench.holds(options, arc)
        if not with_it.any():
            return barred(scene, arc)
        best = options.best(with_it & options.possible)
        if best is None:
            return self._blocked(arc, options, with_it & options.lawful)
        return self._costly(arc, options, best)

    def _blocked(self, arc: int, options: Options, candidates: Mask) -> Reason:
        """Every bundle with the choice breaks a shared row: name the first that all break.

        The section's own seats come before all others. If they break different rows, it is the
        first that the best of them breaks.
        """
        scene = self.scene
        best = options.best(candidates)
        if best is None:
            return scene.tell("strict_hours", arc, 1, 0, field="hours_due")
        always = options.broken[:, candidates].all(axis=1)
        places = np.flatnonzero(always if always.any() else options.broken[:, best]).tolist()
        own = next((place for place in places if self._is_own(arc, place)), None)
        place = places[0] if own is None else own
        row, used = scene.rows[place], int(scene.usage[place])
        if own is not None and row.switch and not used:
            return self.closings.closed(arc, place)
        if own is not None:
            return self.claims.full(arc, place)
        under = bool(options.under[place, best])
        limit = (row.lo if under else row.hi) * unit_of(scene.draft, row)
        used *= unit_of(scene.draft, row)
        code = _row_code(row.rule, under, bool(row.switch and not used))
        return scene.tell(code, arc, used, limit, row.rule, row=row.subject)

    def _is_own(self, arc: int, place: int) -> bool:
        row = self.scene.rows[place]
        return row.rule in OPENING and row.subject == self.scene.section_id(arc)

    def _costly(self, arc: int, options: Options, best: int) -> Reason:
        """She could sit there, but a goal would fall: the first that changes."""
        scene = self.scene
        change = options.worth[:, scene.now(scene.teacher(arc))] - options.worth[:, best]
        falls = np.flatnonzero(change)
        if not len(falls):
            return scene.tell("lot", arc, 0, 0, "lottery")
        tier, loss = int(falls[0]), int(change[falls[0]])
        if loss < 0:
            teacher = scene.instance.teacher_ids[scene.teacher(arc)]
            raise RefereeRejected(f"teacher {teacher} could be improved alone")
        goals = scene.instance.tiers[tier]
        if "welfare" in goals:
            return self._clash(arc) or scene.tell("worth_less", arc, 0, 0, "welfare", fewer=loss)
        if len(goals) > 1:
            return scene.tell("goal_several", arc, loss, 0, "+".join(sorted(goals)), tier=tier + 1)
        ((code, weight),) = goals.items()
        return scene.tell(f"goal_{GOALS[code].code}", arc, loss // weight, 0, code, tier=tier + 1)

    def _clash(self, arc: int) -> Reason | None:
        """Name what she holds that keeps this choice out, by the published order of rules."""
        scene, teacher = self.scene, self.scene.teacher(arc)
        mine = scene.held_by(teacher)
        sections = scene.draft.arc_section[mine]
        for rule in scene.draft.exclusive_groups:
            rivals = mine[scene.draft.excludes(rule, scene.section(arc), sections)]
            for rival in rivals.tolist():
                rank, other = int(scene.ranks[rival]), scene.section_id(rival)
                code = f"{rule}_held" if rank else f"{rule}_assigned"
                return scene.tell(code, arc, 1, 0, rule, other=other, rank=rank)
        for row in scene.draft.bundle_rows:
            if row.rule in ("most_sections", "hour_cap") and row.hi is not None:
                held, limit = int(row.amount.coefs[mine].sum()), int(row.hi[teacher])
                if held + int(row.amount.coefs[arc]) > limit:
                    return scene.tell(f"{row.rule}_reached", arc, held, limit, row.rule)
        return None


def _row_code(rule: str, under: bool, closed: bool) -> str:
    """Return the code of a shared row that belongs to no section of the miss itself."""
    if rule == "team":
        return rule
    if rule in OPENING and not under:
        return "partner_full"
    if under:
        return "partner_closed" if closed else "needed_elsewhere"
    return rule
