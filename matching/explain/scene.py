"""What every reason of one result is read from: who holds what, and what each could hold alone."""

from __future__ import annotations

from functools import cache

import numpy as np

from matching.explain.ways import Ways
from matching.instance import Instance, Ints, Mask
from matching.primitives import Draft, SharedRow
from matching.result import Reason

TITLED = {"quota": "quotas", "level_share": "shares", "reserve": "reserves"}
"""Rules whose rows people know by a title, and the table that holds it."""

OF_SECTIONS = ("minimum_to_open", "seat_capacity")
"""Rules whose rows bear the id of a section; people know it by id and title."""


class Scene:
    """One result, seen from each teacher with everybody else held fixed.

    Parameters
    ----------
    arcs
        Positions in `choices` of all seats of the result.
    ways
        How each teacher stands.
    own
        For each choice the row of its section's own seats, -1 where there is none.
    """

    def __init__(self, draft: Draft, arcs: Ints, ways: Ways, own: Ints) -> None:
        self.draft = draft
        self.ways = ways
        self.own = own
        self.instance = draft.instance
        self.teacher_ids, self.section_ids = draft.instance.teacher_ids, draft.instance.section_ids
        self.rows = draft.shared_rows
        self.held: Mask = np.zeros(draft.arcs, bool)
        self.held[arcs] = True
        tiers = self.instance.tiers
        self.welfare = next((i for i, tier in enumerate(tiers) if "welfare" in tier), len(tiers))
        choices = self.instance["choices"]
        self.points: Ints = choices.integers("points")
        self.ranks: Ints = choices.integers("rank")
        self.chosen: Mask = choices.words("kind").where(lambda kind: kind == "chosen")
        self.locked: Mask = np.zeros(draft.arcs, bool)
        for fixed in draft.musts.values():
            self.locked |= fixed
        self.titled = cache(self._titled)

    def teacher(self, arc: int) -> int:
        """Return whose choice it is."""
        return int(self.draft.arc_teacher[arc])

    def section(self, arc: int) -> int:
        """Return the section of a choice."""
        return int(self.draft.arc_section[arc])

    def section_id(self, arc: int) -> str:
        """Return the id of the section of a choice."""
        return self.section_ids[self.section(arc)]

    def held_by(self, teacher: int) -> Ints:
        """Return the choices a teacher holds."""
        begin, end = self.instance.first_arc[teacher : teacher + 2].tolist()
        return np.asarray(np.flatnonzero(self.held[begin:end]) + begin)

    def used(self, place: int) -> int:
        """Return what all seats use of a shared row."""
        return int(self.ways.usage[place])

    def _titled(self, rule: str, id_: str) -> dict[str, str | int]:
        return titled(self.instance, rule, id_)

    def tell(
        self, code: str, arc: int, have: int, need: int, field: str, **detail: str | int
    ) -> Reason:
        """Return the reason of one miss."""
        teacher = self.teacher_ids[self.teacher(arc)]
        if "row" in detail and field in {*TITLED, *OF_SECTIONS, "school_release"}:
            detail |= self.titled(field, str(detail["row"]))
        return Reason(code, teacher, self.section_id(arc), have, need, field, detail)


def titled(instance: Instance, rule: str, id_: str) -> dict[str, str | int]:
    """Return what people call a row of a rule: a title, a half-day, or nothing but its id."""
    if rule == "school_release":
        (row,) = (row for row in instance["releases"].rows() if row["id"] == id_)
        return {"day": row["day"], "half": row["half"]}
    if rule in OF_SECTIONS:
        names = dict(zip(instance.section_ids, instance["sections"].text("title"), strict=True))
        return {"title": f"{id_} {names[id_]}"} if names.get(id_) else {}
    titles = {row["id"]: row["title"] for row in instance[TITLED[rule]].rows()}
    title = titles.get(id_) or (titles.get(id_.rpartition("/")[0]) if rule == "reserve" else "")
    return {"title": title} if title else {}


def unit_of(draft: Draft, row: SharedRow) -> int:
    """Return what one unit of a row stands for: fen for a fund (its row is divided), else 1."""
    if row.rule != "budget" or not len(row.arcs):
        return 1
    fee = draft.instance["sections"].integers("fee_fen")[draft.arc_section[row.arcs[0]]]
    return int(fee // row.weights[0])
