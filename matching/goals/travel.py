"""travel: seats at a site that is none of the teacher's own (her attribute `site`).

Who has no attribute `site`, and a section without a site, count nothing.
"""

from __future__ import annotations

import numpy as np

from matching.assignment import Assignment
from matching.goals.kinds import Sense
from matching.instance import Instance
from matching.primitives import Draft

code = "travel"
unit = "seats"
sense: Sense = "min"


def measure(instance: Instance, assignment: Assignment) -> int:
    """Return the number of seats away from the teacher's sites."""
    site = dict(zip(instance.section_ids, instance["sections"].text("site"), strict=True))
    away = 0
    for seat in assignment.seats:
        have = instance.teacher_attributes[instance.teacher_index[seat.teacher]]
        near = have.get("site", set())
        away += bool(near and site[seat.section] and site[seat.section] not in near)
    return away


def post(instance: Instance, draft: Draft) -> None:
    """Let every choice away from the teacher's sites cost one."""
    profile, sets = instance.teacher_profiles("site")
    sites = instance["sections"].words("site")
    away = [bool(near and site and site not in near) for site in sites.words for near in sets]
    table = np.array(away, np.int64).reshape(len(sites.words), len(sets))
    place = sites.codes[draft.arc_section]
    draft.value(code, -table[place, profile[draft.arc_teacher]])
