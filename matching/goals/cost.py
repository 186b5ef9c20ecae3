"""cost: the fees of all seats, in fen."""

from __future__ import annotations

import numpy as np

from matching.assignment import Assignment
from matching.goals.kinds import Sense
from matching.instance import Instance
from matching.primitives import Draft

code = "cost"
unit = "fen"
sense: Sense = "min"


def measure(instance: Instance, assignment: Assignment) -> int:
    """Return the fees of all seats."""
    sections = instance["sections"]
    fee = dict(zip(sections.text("id"), sections.integers("fee_fen").tolist(), strict=True))
    return sum(fee[seat.section] for seat in assignment.seats)


def post(instance: Instance, draft: Draft) -> None:
    """Let every choice cost its fee."""
    draft.value(code, -np.asarray(instance["sections"].integers("fee_fen"))[draft.arc_section])
