"""Why each choice was not received: exactly one reason, checked with everybody else held fixed.

The order is published (docs/format.md): first what excludes the choice for its teacher at all, then
what every bundle with it would break, then what her best possible bundle with it would cost. If
nothing is broken and nothing would fall, the result could be improved, and is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from matching.backends.beside import BARRED, POSSIBLE, STRICT_HOURS
from matching.errors import RefereeRejected
from matching.explain.barred import barred
from matching.explain.closed import Closings, costs
from matching.explain.full import Claims
from matching.explain.scene import Scene, unit_of
from matching.explain.ways import Listed, Searched, Stand, Ways, Worth
from matching.goals import GOALS
from matching.instance import Ints
from matching.primitives import Draft
from matching.result import Reason

OPENING = ("seat_capacity", "minimum_to_open")
"""Rules whose rows belong to one section each and hold its seats."""


def miss_reasons(
    draft: Draft,
    arcs: Ints,
    if_opened: Mapping[str, int],
    *,
    is_listed: bool = True,
    opening_costs: Mapping[str, int] | None = None,
) -> tuple[Reason, ...]:
    """Return one reason for every chosen but unfilled choice.

    Parameters
    ----------
    arcs
        Positions in `choices` of all seats of the result.
    if_opened
        For each switch that stayed off, what the tier with welfare could reach at most if it were
        on and no earlier tier fell.
    is_listed
        Whether all bundles of everybody are listed; otherwise the answers are searched for.
    opening_costs
        In place of `if_opened` where bundles are not listed: what that tier would lose at least.

    Raises
    ------
    RefereeRejected
        If some teacher could be improved alone, so that no true reason exists.
    """
    own, missed = _own_rows(draft), _missed(draft, arcs)
    if not is_listed:
        ways: Ways = Searched(draft, arcs, own, missed)
        told: Mapping[str, int] = opening_costs or {}
    else:
        ways = listed = Listed(draft, arcs, own)
        told = costs(listed.bench, listed.pick, if_opened)
    teller = _Teller(Scene(draft, arcs, ways, own), told)
    return tuple(map(teller.reason, missed.tolist()))


def _own_rows(draft: Draft) -> Ints:
    """Return for each choice the row of its section's own seats, -1 where there is none."""
    found = np.full(draft.sections, -1, np.int64)
    for place, row in enumerate(draft.shared_rows):
        if row.rule in OPENING:
            found[draft.instance.section_index[row.subject]] = place
    return found[draft.arc_section]


def _missed(draft: Draft, arcs: Ints) -> Ints:
    """Return the choices that were ranked and not received, by teacher and rank."""
    choices = draft.instance["choices"]
    is_missed = choices.words("kind").where(lambda kind: kind == "chosen")
    is_missed[arcs] = False
    missed = np.flatnonzero(is_missed)
    ranks = choices.integers("rank")[missed]
    return missed[np.lexsort((ranks, draft.arc_teacher[missed]))]


class _Teller:
    """Asks of every miss, in the published order, what stands against it."""

    def __init__(self, scene: Scene, if_opened: Mapping[str, int]) -> None:
        self.scene = scene
        self.claims = Claims(scene)
        self.closings = Closings(scene, if_opened)

    def reason(self, arc: int) -> Reason:
        """Return the reason of one miss."""
        scene = self.scene
        dropped = next((rule for rule, mask in scene.draft.dropped.items() if mask[arc]), None)
        if dropped is not None:
            return scene.tell(dropped, arc, 1, 0, field=dropped)
        stand = scene.ways.stand(arc)
        if stand.stands == BARRED:
            return barred(scene, arc)
        if stand.stands == STRICT_HOURS:
            return scene.tell("strict_hours", arc, 1, 0, field="hours_due")
        if stand.stands == POSSIBLE:
            return self._costly(arc, stand.worth or [])
        return self._blocked(arc, stand)

    def _blocked(self, arc: int, stand: Stand) -> Reason:
        """Every bundle with the choice breaks a shared row; `ways` says which one is named."""
        scene, place = self.scene, stand.row
        row, used = scene.rows[place], scene.used(place)
        if place == scene.own[arc] and row.switch and not used:
            return self.closings.closed(arc, place)
        if place == scene.own[arc]:
            return self.claims.full(arc, place, stand.worth)
        limit = (row.lo if stand.is_under else row.hi) * unit_of(scene.draft, row)
        used *= unit_of(scene.draft, row)
        code = _row_code(row.rule, stand.is_under, bool(row.switch and not used))
        return scene.tell(code, arc, used, limit, row.rule, row=row.subject)

    def _costly(self, arc: int, best: Worth) -> Reason:
        """She could sit there, but a goal would fall: the first that changes."""
        scene = self.scene
        now = scene.ways.now(scene.teacher(arc))
        tier = next((i for i, worth in enumerate(now) if worth != best[i]), None)
        if tier is None:
            return scene.tell("lot", arc, 0, 0, "lottery")
        loss = now[tier] - best[tier]
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
